# The tarball by itself.
setup() {
	load ../bats/helper
	load ../bats/engine_helper
	scratch
}
version() { sed -n 's/^VERSION := //p' "$ROOT/Makefile"; }

@test "the tarball builds without a network, and says its version" {
	local version offline=()
	version=$(version)
	! unshare -rn true 2>/dev/null || offline=(unshare -rn)
	make -s -C "$ROOT" dist BUILD="$SCRATCH/a" >/dev/null
	tar xzf "a/chaos-toolkit-$version.tar.gz"
	cd "chaos-toolkit-$version"
	"${offline[@]}" make -s -j2 V=dev programs support >/dev/null
	for program in build/dev/bin/*; do
		run -0 "$program" --version
		assert_output "${program##*/} $version$(sed 's/..*/ (&)/' COMMIT)"
	done
}

# What is given out, tried where a user would: Debians of their own in folders, without a compiler. They are made once,
# in $CHROOTS; $RELEASE is where `make release` has put what is tried, else it is made, if it is not of this commit.
needs_chroots() {
	command -v debootstrap >/dev/null && [ "$(id -u)" = 0 ] || skip "debootstrap and root are needed"
	OUT=${RELEASE:-$ROOT/build/release} CHROOTS=${CHROOTS:-$ROOT/build/chroot}
	[ -z "${RELEASE:-}" ] || return 0
	[ -z "$(git -C "$ROOT" status --porcelain)" ] || skip "a release is made of what is committed"
	of_this_commit || make -s -C "$ROOT" release CHECKS= >/dev/null
}
of_this_commit() {
	[ -e "$OUT/SHA256SUMS" ]
	[ "$(tar -xzOf "$OUT/chaos-toolkit-$(version).tar.gz" --wildcards '*/COMMIT')" = \
		"$(git -C "$ROOT" describe --always --abbrev=12 --exclude='*')" ]
}
teardown() { engine_close; }

# fresh SUITE: sets FRESH to a new copy of that Debian.
fresh() {
	"$ROOT/release/chroot" make "$CHROOTS/fresh-$1" "$1"
	cp -a "$CHROOTS/fresh-$1" "$SCRATCH/$1"
	FRESH=$SCRATCH/$1
	run -1 "$ROOT/release/chroot" run "$FRESH" sh -c 'for cc in gcc cc clang; do ! command -v $cc || exit 0; done; exit 1'
	cp "$ROOT/debian/tests/first-run" "$FRESH/tmp"
}
online() { "$ROOT/release/chroot" online "$FRESH" "$@"; }
inside() { "$ROOT/release/chroot" run "$FRESH" "$@"; }

@test "what is given out, and its checksums" {
	needs_chroots
	local name
	name=chaos-toolkit-$(version)
	cd "$OUT"
	sha256sum -c --quiet SHA256SUMS
	run -0 ls
	assert_output "SHA256SUMS
$name-image.tar
$name-$(uname -m).tar.gz
$name.tar.gz
chaos-toolkit_$(version)_$(dpkg --print-architecture).deb"
}

@test "the package, where there is no compiler: installed, and a first run" {
	needs_chroots
	fresh bookworm
	cp "$OUT"/*.deb "$FRESH/tmp"
	online apt-get update -qq
	online sh -c 'apt-get install -qq -y --no-install-recommends /tmp/chaos-toolkit_*_*.deb'
	from=$SECONDS
	inside sh /tmp/first-run
	echo "# the first run took $((SECONDS - from)) s" >&3
}

@test "the tarball of Debian 11 on 11, 12 and 13" {
	needs_chroots
	local suite
	for suite in bullseye bookworm trixie; do
		fresh $suite
		online apt-get update -qq
		online apt-get install -qq -y --no-install-recommends jq gnuplot-nox procps
		tar -xzf "$OUT"/chaos-toolkit-*-x86_64.tar.gz --strip-components=1 -C "$FRESH/usr/local"
		inside sh /tmp/first-run
		rm -rf "$FRESH"
	done
}

@test "the image, on a real engine" {
	needs_chroots
	local engine tag
	tag=chaos-toolkit:$(version)
	for engine in docker podman; do
		engine_open $engine
		[[ $ENGINE_IS == *"the real one" ]] || skip "no $engine can be started here"
		client=(docker)
		[ $engine = docker ] || client=(podman --remote --url "$DOCKER_HOST")
		"${client[@]}" load -q -i "$OUT"/chaos-toolkit-*-image.tar
		"${client[@]}" run --rm -i --network host "$tag" sh -c 'for p in bash jq awk gnuplot curl; do command -v $p || exit; done'
		"${client[@]}" run --rm -i --network host "$tag" sh <"$ROOT/debian/tests/first-run"
		engine_close && ENGINE_DIR=
	done
}

@test "the README's tour from beside the containers, with the image and the engine's socket alone" {
	needs_chroots
	engine_open docker
	[[ $ENGINE_IS == *"the real one" ]] && command -v docker-compose >/dev/null || skip "no engine runs compose projects here"
	docker load -q -i "$OUT"/chaos-toolkit-*-image.tar
	mkdir tour tour/scenarios
	cp -r "$ROOT/docker-compose.yml" "$ROOT/service" tour
	make -s -C "$ROOT" images BUILD="$SCRATCH/tour/build" >/dev/null
	sed 's/duration_sec: 15/duration_sec: 8/; s/duration_sec: 20/duration_sec: 5/; s/for: 5s/for: 2s/' \
		"$ROOT/scenarios/first.yaml" >tour/scenarios/first.yaml
	cd tour
	$IN docker-compose up -d 3>&-
	awk '/^```sh inside$/ { on = 1; next } /^```$/ { on = 0 } on' "$ROOT/README.md" >block
	sed -n '/^docker run/,/[^\\]$/p' block | sed "s|/var/run/docker.sock:|$ENGINE_SOCK:|; s/ -it / -i /" >start
	grep -v '^docker run\|^  -v' block | sed 's/5s/2s/' >blocks
	{ echo 'chaos-scenario() { command chaos-scenario "$@" || [ $? -eq 3 ]; }' && cat blocks; } >inside
	run -0 $IN bash -c "$(cat start) bash -euo pipefail" <inside
	grep -q 'url: "redis://redis-node-1:6379"   # container .*; answered as Redis does' mine.yaml
	jq -e '.faults | length == 1 and .[0].by_other != true' runs/run3/analysis.json
	assert_output --partial 'redis-node-2 goes on'
	grep -q '<svg' report.html
	# The tool and its guard are killed with their container: the next one has the volume.
	bg $IN bash -c "$(sed 's/ --rm / --name victim /' start) chaos-fault --config mine.yaml pause redis-node-2 --for 5m"
	wait_for 20 in_state tour_redis-node-2_1 paused
	docker kill victim
	run $IN bash -c "$(cat start) chaos-fault --config mine.yaml ls"
	wait_for 20 in_state tour_redis-node-2_1 running
	docker rm victim
	$IN docker-compose down -t 0 3>&-
}

@test "musl: all of it is built, units pass, a first run" {
	command -v debootstrap >/dev/null && [ "$(id -u)" = 0 ] || skip "debootstrap and root are needed"
	make -s -C "$ROOT" dist BUILD="$SCRATCH/dist" >/dev/null
	run -0 "$ROOT/test/musl" dist/*.tar.gz "${CHROOTS:-$ROOT/build/chroot}/musl"
	assert_output --partial 'musl: built, units passed, a first run done'
}

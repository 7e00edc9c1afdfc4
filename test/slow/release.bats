# The tarball by itself.
setup() {
	load ../bats/helper
	load ../bats/engine_helper
	scratch
}

@test "the tarball builds without a network, and says its version" {
	local version offline=()
	version=$(sed -n 's/^VERSION := //p' "$ROOT/Makefile")
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
# in $CHROOTS; $RELEASE is where `make release` has put what is tried.
needs_chroots() {
	command -v debootstrap >/dev/null && [ "$(id -u)" = 0 ] || skip "debootstrap and root are needed"
	OUT=${RELEASE:-$ROOT/build/release} CHROOTS=${CHROOTS:-$ROOT/build/chroot}
	[ -n "${RELEASE:-}" ] || [ -e "$OUT/SHA256SUMS" ] || [ -z "$(git -C "$ROOT" status --porcelain)" ] ||
		skip "a release is made of what is committed"
	[ -n "${RELEASE:-}" ] || [ -e "$OUT/SHA256SUMS" ] || make -s -C "$ROOT" release CHECKS= >/dev/null
}
teardown() { engine_close; }

# fresh SUITE: sets FRESH to a new copy of that Debian.
fresh() {
	"$ROOT/release/chroot" make "$CHROOTS/fresh-$1" "$1"
	cp -a "$CHROOTS/fresh-$1" "$SCRATCH/$1"
	FRESH=$SCRATCH/$1
	run ! "$ROOT/release/chroot" run "$FRESH" sh -c 'command -v gcc cc clang'
	cp "$ROOT/debian/tests/first-run" "$FRESH/tmp"
}
online() { "$ROOT/release/chroot" online "$FRESH" "$@"; }
inside() { "$ROOT/release/chroot" run "$FRESH" "$@"; }

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
	tag=chaos-toolkit:$(sed -n 's/^VERSION := //p' "$ROOT/Makefile")
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

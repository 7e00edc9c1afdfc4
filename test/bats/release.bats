# What others need to release the toolkit: one version, and a tarball that builds by itself.
load helper

setup() {
	scratch
	VERSION=$(sed -n 's/^VERSION := //p' "$ROOT/Makefile")
	NAME=chaos-toolkit-$VERSION
}

# offline CMD…: without a network, where the machine lets us.
offline() {
	if unshare -rn true 2>/dev/null; then unshare -rn "$@"; else "$@"; fi
}

# dist TREE OUT: the tarball of a tree, made in a folder of its own.
dist() { make -s -C "$1" dist BUILD="$2" >/dev/null; }

@test "programs, pages and the list of changes have the Makefile's version" {
	local p commit=''
	[[ $VERSION =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]]
	[ ! -e "$ROOT/.git" ] || commit=" \([0-9a-f]{12,40}(-dirty)?\)"
	for p in "$ROOT"/build/bin/*; do
		run -0 "$p" --version
		assert_output --regexp "^${p##*/} ${VERSION//./\\.}$commit\$"
	done
	for p in "$ROOT"/build/man/*; do
		run -0 tail -n 1 <(mandoc -Tutf8 "$p")
		assert_output --regexp "^chaos-toolkit $VERSION .* chaos-toolkit $VERSION\$"
	done
	run -0 awk '/^## / { print $2; exit }' "$ROOT/CHANGELOG.md"
	assert_output "$VERSION"
	run -0 sed -n '1s/^chaos-toolkit (\([^)]*\)) .*/\1/p' "$ROOT/debian/changelog"
	assert_output "$VERSION"
	run -0 sh -c "grep -o 'chaos-toolkit:[0-9][0-9.]*[0-9]' '$ROOT/README.md' | sort -u"
	assert_output "chaos-toolkit:$VERSION"
}

@test "pages take a new version from the Makefile" {
	mkdir -p tree/man
	cp -r "$ROOT"/{Makefile,test,demo} tree/
	cp "$ROOT"/man/chaos-formats.5 tree/man/
	rm -rf tree/test/{unit,support,bats}
	cd tree
	make -s build/man/chaos-formats.5
	grep -qxF ".Os chaos-toolkit $VERSION" build/man/chaos-formats.5
	sed -i 's/^VERSION := .*/VERSION := 77.0.1/' Makefile
	make -s build/man/chaos-formats.5
	grep -qxF '.Os chaos-toolkit 77.0.1' build/man/chaos-formats.5
}

@test "the tarball has every source and nothing else, and makes itself again to the byte" {
	dist "$ROOT" "$SCRATCH/a"
	tar xzf "a/$NAME.tar.gz"
	if [ -e "$ROOT/.git" ]; then
		diff <(cd "$NAME" && find . -type f -o -type l | sed 's,^\./,,' | LC_ALL=C sort) \
			<({ git -C "$ROOT" ls-files && echo COMMIT; } | LC_ALL=C sort)
	fi
	mkdir -p "$NAME/build/bin" "$NAME/runs/r1"
	touch "$NAME/build/bin/x" "$NAME/runs/r1/samples.csv"
	(umask 077 && dist "$NAME" "$SCRATCH/b")
	cmp "a/$NAME.tar.gz" "b/$NAME.tar.gz"
	echo new > "$NAME/share/new"
	dist "$NAME" "$SCRATCH/c"
	run -1 cmp -s "a/$NAME.tar.gz" "c/$NAME.tar.gz"
	tar tzf "c/$NAME.tar.gz" | grep -qxF "$NAME/share/new"
}

@test "a release is made of what is committed, or not at all" {
	mkdir tree
	cd tree
	cp "$ROOT/release/run" .
	run -2 ./run 1.0 build
	assert_says "$output" release: git committed
	git init -q .
	run -2 ./run 1.0 build
	assert_line --partial '?? run'
	[ ! -e build ]
}

@test "what the README names is called without words, or says how" {
	local one
	for one in image portable; do
		grep -qF "| \`release/$one\` |" "$ROOT/README.md"
		for words in --help 'one two three four' '-x -y -z'; do
			run -2 "$ROOT/release/$one" $words
			assert_output --partial "Usage: release/$one ["
		done
	done
	# without words: its version, and its place under build
	mkdir -p tree/release
	cp "$ROOT/Makefile" tree
	cp "$ROOT/release/image" "$ROOT/release/portable" tree/release
	printf '#!/bin/sh\necho "$PWD: $*"\nexit 9\n' >make
	printf '#!/bin/sh\n[ "$1" != -u ] || echo 0\n' >id
	printf '#!/bin/sh\n' >debootstrap
	chmod +x make id debootstrap
	for one in image portable; do
		PATH=$SCRATCH:$PATH run -9 tree/release/$one
		assert_output --partial "$SCRATCH/tree: -s "
	done
	printf '#!/bin/sh\necho 1000\n' >id
	PATH=$SCRATCH:$PATH run -2 tree/release/portable
	assert_output 'portable: a chroot needs root'
}

# test/slow builds all of it.
@test "the tarball is enough to plan every build, and its objects have its version" {
	dist "$ROOT" "$SCRATCH/a"
	tar xzf "a/$NAME.tar.gz"
	offline make -s -C "$NAME" V=dev build/dev/cmd/chaos-analyze/options.o build/dev/lib/cli/cli.o >/dev/null
	grep -qF "CHAOS_VERSION='\"$VERSION\"'" "$NAME/build/dev/flags"
	make -n -C "$NAME" all support >plan
	assert_equal "$(grep -o "  LD  build/bin/[a-z-]*" plan | sort | sed 's,.*/,,')" "$(cd "$ROOT/cmd" && printf '%s\n' */main.c chaos-node | sed 's,/.*,,' | sort)"
}

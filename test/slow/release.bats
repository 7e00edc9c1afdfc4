# The tarball by itself.
setup() {
	load ../bats/helper
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
		assert_output "${program##*/} $version"
	done
}

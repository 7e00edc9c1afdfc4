# chaos-fault and its guard killed while they break containers: the short form of
# "make torture-engine".
load helper

@test "killed at steps and at random moments with containers: nothing is left over" {
	local engine
	variant torture
	for engine in docker podman; do
		run -0 "$ROOT/test/torture-engine" $engine 4 "$RANDOM" 3 3>&-
		assert_output --regexp 'torture-engine: [0-9]+ kills .*: 0 left over'
		echo "# $(grep -o ' on .*' <<<"$output")" >&3
	done
}

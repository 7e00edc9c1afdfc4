# chaos-fault and its guard killed while they break containers: the short form of
# "make torture-engine".
load helper

@test "killed at steps and at random moments with containers: nothing is left over" {
	local engine
	for engine in docker podman; do
		run -0 make -s -C "$ROOT" torture-engine ENGINE=$engine KILLS=5 STEPS=8 3>&-
		assert_output --regexp 'torture-engine: [0-9]+ kills .*: 0 left over'
		echo "# $(grep -o ' on .*' <<<"$output")" >&3
	done
}

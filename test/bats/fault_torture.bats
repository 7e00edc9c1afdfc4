# chaos-fault and its guard killed at every twenty-first step of the journal and at some random moments, also
# with --detach and after a target died: the short form of "make torture".
load helper

@test "losses and shortages at random steps: nothing is left over" {
	variant torture
	run "$ROOT/test/torture-loss" 0
	[ "$status" != 77 ] || skip "$output"
	assert_success
	assert_output --regexp 'torture-loss: [0-9]+ losses .*: 0 left over'
}

@test "killed at steps and at random moments: nothing is left over" {
	variant torture
	run -0 "$ROOT/test/torture" 6 "$RANDOM" 21
	assert_output --regexp 'torture: [0-9]+ kills .*: 0 left over'
}

@test "faults that are programs, killed at steps and at random moments: nothing is left over" {
	variant torture
	run "$ROOT/test/torture-faults" 1 "$RANDOM" 30 1
	[ "$status" != 77 ] || cannot "$output"
	assert_success
	# Of its steps every 30th is tried, and only these are counted.
	assert_output --regexp 'torture-faults: 1 of [0-9]+ faults, [0-9]+ kills \(([0-9]|1[0-9]) of the tool at a step, [01] while it held a fault, [01] at random moments with seed [0-9]+\): 0 left over'
}

# chaos-fault and its guard killed at every third step of the journal and at some random moments, also
# with --detach and after a target died: the short form of "make torture".
load helper

@test "killed at steps and at random moments: nothing is left over" {
	variant torture
	run -0 "$ROOT/test/torture" 10 "$RANDOM" 3
	assert_output --regexp 'torture: [0-9]+ kills .*: 0 left over'
}

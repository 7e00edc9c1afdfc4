# chaos-fault and its guard killed at every step of the journal and at some random moments, also with --detach and after a target died: the
# short form of "make torture".
load helper

@test "killed at every step, and at random moments: nothing is left over" {
	run -0 make -s -C "$ROOT" torture KILLS=20
	assert_output --regexp 'torture: [0-9]+ kills .*: 0 left over'
}

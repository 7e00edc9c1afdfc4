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

# users FOLDER: the pids of all that works in it or keeps its state there. Redis hides its environment.
users() {
	{
		find /proc -maxdepth 2 -path '/proc/[0-9]*/cwd' \( -lname "$1" -o -lname "$1/*" \)
		grep -laF "$1/state" /proc/[0-9]*/environ
	} 2>/dev/null | cut -d/ -f3 | sort -u
}
unused() { [ -z "$(users "$1")" ]; }

@test "faults that are programs: two signals to the torture's group leave no node" {
	variant torture
	bg setsid "$ROOT/test/torture-faults" 200 "$RANDOM" 30 1
	begun() { [ -e "/proc/$BG_PID/cwd/now" ] || gone "$BG_PID"; }
	wait_for 120 begun
	rc=0
	! gone "$BG_PID" || wait "$BG_PID" || rc=$?
	[ $rc != 77 ] || cannot "$(cat "$BG_OUT")"
	folder=$(readlink "/proc/$BG_PID/cwd")
	kill -TERM -- "-$BG_PID"
	# Told before it is cleaned up: the second comes in the middle of that.
	wait_for 60 grep -q 'left over' "$BG_OUT" || true
	kill -TERM "$BG_PID" 2>/dev/null || true # it may be over by now
	wait "$BG_PID" || rc=$?
	wait_for 5 unused "$folder" || true
	left=$(for pid in $(users "$folder"); do
		tr '\0' ' ' <"/proc/$pid/cmdline"
		kill -KILL "$pid"
	done)
	rm -rf "$folder"
	assert_equal "$left" ''
	assert_equal $rc 143
	assert_regex "$(cat "$BG_OUT")" 'torture-faults: 1 of .* left over'
}

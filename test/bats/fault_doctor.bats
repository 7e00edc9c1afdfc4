# chaos-fault doctor: what is left over, and what works here.
load helper
load fault_helper

setup() {
	scratch
	cluster
}

teardown() {
	end_cluster
}

# left: how many faults doctor finds left over.
left() { chaos-fault doctor --json | jq '.left_over | length'; }

@test "nothing left over, and what works: a table and an object; no node is touched" {
	run -0 chaos-fault doctor
	assert_line --index 0 "nothing is left over"
	assert_line --regexp '^CHECK +OK +FOUND$'
	local check
	for check in state guard pidfd signals proc ports programs; do
		assert_line --regexp "^$check +yes "
	done
	assert_line --regexp '^ACTION +NODES +WORKS +LACKS$'
	for check in kill stop pause; do assert_line --regexp "^$check +process +yes +-$"; done
	run -0 chaos-fault doctor --json
	jq -e '.schema == "chaos-doctor/1" and .left_over == [] and .active == []
		and ([.actions[] | select(.kind == "process")] | length == 3 and all(.[]; .works and .lacks == []))
		and ([.checks[].ok | booleans] | length) == (.checks | length)' <<<"$output"
	run pgrep -f "chaos-fault guard .*$SCRATCH"
	refute_output
	run find "$XDG_STATE_HOME" -name '.doctor*'
	refute_output
	assert_equal "$(active)" 0
}

@test "a fault that is held is none that is left over; one whose holder and guard died is: exit 5" {
	chaos-fault up
	bg chaos-fault pause a
	wait_for 5 grep -q 'Ctrl-C puts it back' "$BG_ERR"
	run -0 chaos-fault doctor
	assert_line --partial "active: f1 (pause of 'a')"
	assert_line --partial "held by process $BG_PID"
	local guard
	guard=$(head -n 1 "$XDG_STATE_HOME/chaos/faults/f1.json" | jq .guard.pid)
	killed "$guard" "$BG_PID"
	wait_for 5 gone "$guard"
	wait_for 5 gone "$BG_PID"
	local i
	for i in 1 2; do # it only looks
		run -5 chaos-fault doctor
		assert_says "${lines[0]}" "left over:" f1 "(pause of 'a')" "$XDG_STATE_HOME/chaos:" "process $BG_PID" guard dead "chaos-fault undo f1"
	done
	run -5 chaos-fault doctor --json
	jq -e '.left_over | length == 1 and .[0].node == "a" and .[0].by_hand == "chaos-fault undo f1"' <<<"$output"
	chaos-fault undo f1
	assert_equal "$(left)" 0
	is a up
}

@test "a fault that could not be put back is left over" {
	chaos-fault up
	sed -i 's/--name, b]/--name, b], ready_within: 2s/' config.yaml
	bg chaos-fault kill b
	local holder=$BG_PID
	wait_for 5 grep -q 'Ctrl-C puts it back' "$BG_ERR"
	bg redis-server --port "${HTTP_PORTS[1]}" --bind 127.0.0.1 --save "" # no HTTP there
	wait_for 5 redis_up "${HTTP_PORTS[1]}"
	kill -INT "$holder"
	wait "$holder" || true
	run -5 chaos-fault doctor
	assert_line_says "$output" "f1 (kill of 'b')" "$XDG_STATE_HOME/chaos:" not "put back"
	kill "$BG_PID"
	wait "$BG_PID" || true
	chaos-fault undo --all
	run -0 chaos-fault doctor
}

@test "an entry that cannot be read is told by every command, and counts as left over" {
	chaos-fault up
	local faults=$XDG_STATE_HOME/chaos/faults text
	mkdir -p "$faults"
	for text in '{"fault":"f9","act' '' '{"fault":"f9"}'; do
		printf '%s' "$text" >"$faults/f9.json"
		run -5 chaos-fault doctor
		assert_says "${lines[0]}" "left over:" f9 "$XDG_STATE_HOME/chaos:" faults/f9.json "cannot be read" "'chaos-fault ls'" remove
		refute_output --partial "nothing is left over"
		run -5 chaos-fault doctor --json
		jq -e '.left_over | length == 1 and .[0].fault == "f9" and .[0].node == null and (.[0].why | test("cannot be read"))' <<<"$output"
		run -5 --separate-stderr chaos-fault ls
		assert_says "$stderr" chaos-fault: "'$faults/f9.json'" "cannot be read" active "'chaos-fault ls'" remove
		assert_line --regexp "^a .* up "
		run -5 chaos-fault undo --all
		[ -e "$faults/f9.json" ]
	done
	rm "$faults/f9.json"
	run -0 chaos-fault ls
	run -0 chaos-fault doctor
}

@test "what is lacking is named, and exit 1 if a node of the config needs it" {
	sed -i 's/\[chaos-node/[no-such-server/' config.yaml
	run -1 chaos-fault doctor
	assert_line --regexp "^programs +no +'a': its program 'no-such-server' is not in PATH"
	assert_line --regexp '^kill +process +no +programs$'
	# A folder in the place of a file: no guard, so nothing may be broken.
	cluster
	rm -f "$XDG_STATE_HOME/chaos/guard.log"
	mkdir "$XDG_STATE_HOME/chaos/guard.log"
	run -1 chaos-fault doctor --json
	jq -e '.actions[] | select(.action == "pause" and .kind == "process") | .works == false and .lacks == ["guard"]' <<<"$output"
	rmdir "$XDG_STATE_HOME/chaos/guard.log"
	# No engine there; nothing here needs one.
	DOCKER_HOST=unix://$SCRATCH/none.sock run -0 chaos-fault doctor --json
	jq -e '.actions[] | select(.action == "kill" and .kind == "container") | .lacks | index("engine")' <<<"$output"
	printf '  x: {url: "http://127.0.0.1:%s", container: x}\n' "${PORTS[4]}" >>config.yaml
	DOCKER_HOST=unix://$SCRATCH/none.sock run -1 chaos-fault doctor
}

@test "root's state folder is looked into as well" {
	[ "$(id -u)" -eq 0 ] && unshare -m true || cannot "only root has a mount namespace of its own"
	mkdir -p roots/.local/state/chaos/faults
	chaos-fault up
	bg chaos-fault pause a
	wait_for 5 grep -q 'Ctrl-C puts it back' "$BG_ERR"
	sed 's/"pid":[0-9]*,"start_ticks":[0-9]*/"pid":1,"start_ticks":1/g' "$XDG_STATE_HOME/chaos/faults/f1.json" \
		>roots/.local/state/chaos/faults/f7.json
	sed -i 's/"fault":"f1"/"fault":"f7"/' roots/.local/state/chaos/faults/f7.json
	run -5 unshare -m bash -c 'mount --bind roots "$(getent passwd 0 | cut -d: -f6)"; exec chaos-fault doctor'
	assert_line --regexp "^left over: f7 .pause of 'a'. in .*/.local/state/chaos: .*; sudo -H env -u XDG_STATE_HOME chaos-fault undo f7$"
	assert_line --partial "active: f1"
}

@test "faults and kinds that are programs: those that would be found, and their effect" {
	mkdir -p first/faults second/faults
	cp "$ROOT/test/support/faults/mark" first/faults/
	printf '#!/bin/sh\nexit 1\n' >second/faults/mark # hidden by the first
	printf '#!/bin/sh\necho no\n' >second/faults/broken
	chmod +x second/faults/*
	echo text >second/faults/none
	export CHAOS_PATH=$PWD/first:$PWD/second:$ROOT/test/support
	run -0 chaos-fault doctor
	assert_line --regexp '^PROGRAM +IS +EFFECT +FOUND$'
	assert_line --regexp "^mark +fault degraded +$PWD/first/faults/mark$"
	assert_line --regexp "^freeze +fault silent +$ROOT/test/support/faults/freeze$"
	assert_line --regexp "^pidfile +kind +- +$ROOT/libexec/kinds/pidfile$"
	assert_line --regexp "^broken +fault - +'$PWD/second/faults/broken' does not describe itself"
	refute_output --partial "second/faults/mark"
	refute_output --partial "second/faults/none"
	run -0 chaos-fault doctor --json
	jq -e '.programs | map(select(.program == "mark")) | length == 1
		and .[0].is == "fault" and .[0].effect == "degraded" and .[0].problem == null' <<<"$output"
}

@test "usage" {
	run -2 chaos-fault doctor a
	run -2 chaos-fault doctor --all
	run -2 chaos-fault doctro
	assert_says "$output" chaos-fault: "'doctro'" "'doctor'?"
	run -6 bash -c 'chaos-fault doctor >&-'
}

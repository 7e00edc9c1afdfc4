#!/usr/bin/env bats
# chaos-scenario ends before its time: by signals in every phase, by the death of a child or of
# itself, by a full disk. The world is always as before, and the run can be read.
bats_require_minimum_version 1.5.0

setup() {
	load helper
	load scenario_helper
	scratch
}

teardown() {
	end_bg
	for folder in INT TERM .; do
		[ ! -e "$folder/config.yaml" ] || (
			cd "$folder"
			XDG_STATE_HOME=$PWD/state chaos-fault down >/dev/null 2>&1 || true
		)
	done
}

# slow_node: the third HTTP node does not listen before there is a file 'go'.
slow_node() {
	cat >> config.yaml <<-END
	nodes:
	  service-node-1: {url: "http://127.0.0.1:${PORTS[0]}", process: [chaos-node, --port, "${PORTS[0]}"]}
	  service-node-2: {url: "http://127.0.0.1:${PORTS[1]}", process: [chaos-node, --port, "${PORTS[1]}"]}
	  service-node-3:
	    url: http://127.0.0.1:${PORTS[2]}
	    process: [sh, -c, "until [ -e $PWD/go ]; do sleep 0.05; done; exec chaos-node --port ${PORTS[2]}"]
	END
}

rows() { [ "$(wc -l 2>/dev/null <runs/run1/samples.csv)" -gt "$1" ]; }

# in_world SIGNAL REASON CONDITION…: a run in a folder of its own, with phases as long as in lasting, is sent the
# signal once the condition holds: before what would come next, the time for which it holds is long. For TERM the nodes
# are up before, for INT they are down.
in_world() {
	local signal=$1 reason=$2 before status=0
	shift 2
	mkdir "$signal"
	cd "$signal" || return 1
	export SCRATCH=$PWD XDG_STATE_HOME=$PWD/state
	cluster
	three_phases "${lasting[@]}"
	[ "${lasting[0]}" -lt 60 ] || sed -i 's/warmup_ignore_sec: .*/warmup_ignore_sec: 60}/' config.yaml
	[ "$1" != has_event ] || [ "$3" != run_start ] || slow_node
	[ "$signal" = INT ] || { : >go && chaos-fault up --mode http; }
	before=$(world)
	bg chaos-scenario --scenario s.yaml --run-id run1 --config "$PWD/config.yaml"
	wait_for 10 "$@" || fail "never came to $*"
	kill "-$signal" "$BG_PID"
	wait "$BG_PID" || status=$?
	assert_equal "$status" $((128 + $(kill -l "$signal")))
	lone || fail "something still runs: $LEFT"
	assert_equal "$(world)" "$before"
	readable run1
	run events run1 'select(.event == "run_end").reason'
	assert_output "$reason"
	# Whatever was injected was lifted.
	jq -es '([.[] | select(.event == "fault_injected")] | length) ==
		([.[] | select(.event == "reverted" and .fault == "f1")] | length)' runs/run1/events.jsonl
}

# both REASON CONDITION…: for SIGINT and SIGTERM at the same time.
both() {
	local pids=() signal pid status=0
	for signal in INT TERM; do
		(set -e; in_world "$signal" "$@") >"$signal.out" 2>&1 3>&- &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || status=1
	done
	[ $status -eq 0 ] || fail "$(tail -n 40 ./*.out INT/bg.* TERM/bg.*)"
}

@test "INT and TERM before the nodes are ready" {
	lasting=(60 1 1)
	both signal has_event run1 run_start
	[ ! -s INT/runs/run1/samples.csv ]
}

@test "INT and TERM in the warm-up" {
	lasting=(60 1 1)
	both signal rows 20
	# That there is nothing to judge is told once, in the run's last line but one.
	for signal in INT TERM; do
		assert_equal "$(grep -c 'no second.* judged' "$signal"/bg.0.err)" 1
	done
}

@test "INT and TERM while a node is down" {
	lasting=(1 60 1)
	both signal has_event run1 fault_injected
	[ -s INT/runs/run1/analysis.json ]
	# The report says so; and what a node's state is, without a fault's name.
	grep -q '| run ends: ended from outside (SIGTERM) |' TERM/runs/run1/report.md
	grep -q '| run ends: interrupted (SIGINT) |' INT/runs/run1/report.md
	grep -q '| node ready: service-node-2 |' INT/runs/run1/report.md
}

@test "INT and TERM after the node has come back" {
	lasting=(1 1 60)
	both signal has_event run1 reverted
}

@test "INT and TERM during the analysis" {
	# It stays at its picture until it is ended.
	mkdir bin
	printf '#!/bin/sh\n: >drawing\nexec sleep 60\n' >bin/gnuplot
	chmod +x bin/gnuplot
	lasting=(1 1 1)
	PATH=$PWD/bin:$PATH both done test -e drawing
}

@test "a step of the analysis that does not end when told is killed" {
	mkdir bin
	printf '#!/bin/sh\ntrap "" TERM\n: >drawing\nsleep 60\n: >drawn\n' >bin/gnuplot
	chmod +x bin/gnuplot
	lasting=(1 1 1)
	PATH=$PWD/bin:$PATH both done test -e drawing
	[ ! -e INT/drawn ] && [ ! -e TERM/drawn ]
}

# stalled PIPE: descriptor 8 is of a pipe that is full and that nobody reads.
stalled() {
	mkfifo "$1"
	exec 8<>"$1"
	timeout 20 dd if=/dev/zero of="$1" bs=4096 oflag=nonblock status=none 2>/dev/null || true
}

@test "a reader of the messages that has stalled holds up neither the undo nor the end" {
	cluster
	three_phases 1 30 1
	before=$(world)
	stalled pipe
	chaos-scenario --scenario s.yaml --run-id run1 --config "$PWD/config.yaml" >&8 2>&1 3>&- &
	pid=$!
	BG_PIDS+=("$pid")
	wait_for 10 has_event run1 fault_injected
	kill -INT "$pid"
	wait_for 10 has_event run1 reverted
	wait_for 15 gone "$pid" || { kill -KILL "$pid"; fail "it has not ended"; }
	status=0
	wait "$pid" || status=$?
	assert_equal "$status" 130
	assert_equal "$(world)" "$before"
	lone || fail "still runs: $LEFT"
	readable run1
	jq -e '.verdict == "interrupted"' runs/run1/verdict.json
	exec 8>&-
}

@test "a second Ctrl-C does not cut the putting back short, is answered, and leaves without an analysis" {
	cluster
	slow_node
	: >go
	three_phases 0.5 30 1
	sed -i 's/service-node-2/service-node-3/' s.yaml
	before=$(world)
	bg chaos-scenario --scenario s.yaml --run-id run1
	wait_for 10 has_event run1 node_down
	rm go # so that it is still put back when the next signals come
	kill -INT "$BG_PID"
	wait_for 10 has_event run1 revert_requested
	kill -INT "$BG_PID"
	kill -TERM "$BG_PID"
	wait_for 10 grep -q "SIGTERM: still putting back" "$BG_ERR"
	: >go
	status=0
	wait "$BG_PID" || status=$?
	assert_equal "$status" 130
	assert_line_says "$(cat "$BG_ERR")" SIGINT: load putting back
	assert_line_says "$(cat "$BG_ERR")" SIGINT: "putting back" "no analysis" waiting chaos-fault
	[ ! -e runs/run1/analysis.json ]
	jq -e '.verdict == "interrupted"' runs/run1/verdict.json
	assert_equal "$(world)" "$before"
	run events run1
	assert_line reverted
}

@test "the load dies in the middle: everything is put back, exit 6" {
	cluster
	three_phases 1 30 1
	before=$(world)
	bg chaos-scenario --scenario s.yaml --run-id run1 --config "$PWD/config.yaml"
	wait_for 10 has_event run1 fault_injected
	kill -KILL "$(pgrep -P "$BG_PID" -x chaos-load)"
	status=0
	wait "$BG_PID" || status=$?
	assert_equal "$status" 6
	assert_line_says "$(cat "$BG_ERR")" chaos-load "signal 9 (Killed)" run
	assert_equal "$(world)" "$before"
	lone
	run events run1 'select(.event == "run_end").reason'
	assert_output failed
	[ -s runs/run1/analysis.json ]
}

@test "the fault session is ended in the middle: it puts back, the run ends, exit 6" {
	cluster
	three_phases 1 30 1
	before=$(world)
	bg chaos-scenario --scenario s.yaml --run-id run1 --config "$PWD/config.yaml"
	wait_for 10 has_event run1 fault_injected
	kill -TERM "$(pgrep -P "$BG_PID" -x chaos-fault)"
	status=0
	wait "$BG_PID" || status=$?
	assert_equal "$status" 6
	assert_equal "$(world)" "$before"
	lone
	readable run1
}

@test "chaos-scenario is killed outright: nodes back, no child left, rows whole" {
	cluster
	three_phases 1 30 1
	before=$(world)
	bg chaos-scenario --scenario s.yaml --run-id run1 --config "$PWD/config.yaml"
	wait_for 10 has_event run1 fault_injected
	wait_for 10 rows 10
	kill -KILL "$BG_PID"
	wait_for 10 lone
	assert_equal "$(world)" "$before"
	run awk 'NR == 1 { n = split($0, names, ","); next } split($0, f, ",") < n' runs/run1/samples.csv
	assert_output ""
	[ "$(wc -l < runs/run1/samples.csv)" -gt 10 ]
}

@test "the fault session is killed outright in the middle: its guard puts back, the run ends, exit 6" {
	cluster
	three_phases 1 30 1
	before=$(world)
	bg chaos-scenario --scenario s.yaml --run-id run1 --config "$PWD/config.yaml"
	wait_for 10 has_event run1 fault_injected
	kill -KILL "$(pgrep -P "$BG_PID" -x chaos-fault)"
	status=0
	wait "$BG_PID" || status=$?
	assert_equal "$status" 6
	lone
	assert_equal "$(world)" "$before"
	readable run1
	assert_line_says "$(cat "$BG_ERR")" chaos-fault "signal 9 (Killed)"
	assert_line_says "$(cat "$BG_ERR")" "put back" guard
	jq -es 'any(.[]; .event == "reverted" and .fault == "f1" and .by_other)' runs/run1/events.jsonl
}

@test "the fault session and its guard are killed outright: the next chaos-fault puts back, exit 6" {
	cluster
	three_phases 1 30 1
	before=$(world)
	bg chaos-scenario --scenario s.yaml --run-id run1 --config "$PWD/config.yaml"
	wait_for 10 has_event run1 fault_injected
	session=$(pgrep -P "$BG_PID" -x chaos-fault)
	killed "$(pgrep -f "chaos-fault guard $session ")" "$session"
	status=0
	wait "$BG_PID" || status=$?
	assert_equal "$status" 6
	lone
	assert_equal "$(world)" "$before"
}

@test "a session that is killed while a node cannot be put back: exit 5" {
	cluster
	three_phases 1 30 1
	cat >> config.yaml <<-END
	nodes:
	  service-node-1: {url: "http://127.0.0.1:${PORTS[0]}", process: [chaos-node, --port, "${PORTS[0]}"]}
	  service-node-2: {url: "http://127.0.0.1:${PORTS[1]}", process: [chaos-node, --port, "${PORTS[1]}"]}
	  service-node-3: {url: "http://127.0.0.1:${PORTS[2]}", process: [chaos-node, --port, "${PORTS[2]}"]}
	END
	chaos-fault up --mode http
	# Soon given up where it cannot be put back; where it can, it has the time that it needs.
	cp config.yaml patient.yaml
	sed -i '/service-node-2:/s/]}$/], ready_within: 1s}/' config.yaml
	bg chaos-scenario --scenario s.yaml --run-id run1 --config "$PWD/config.yaml"
	run_pid=$BG_PID run_err=$BG_ERR
	wait_for 10 has_event run1 fault_injected
	bg redis-server --port "${PORTS[1]}" --bind 127.0.0.1 --save "" # no HTTP there
	wait_for 5 redis_up "${PORTS[1]}"
	kill -KILL "$(pgrep -P "$run_pid" -x chaos-fault)"
	status=0
	wait "$run_pid" || status=$?
	assert_equal "$status" 5
	grep -q "a fault may still be active" "$run_err"
	# trouble in putting back discards no analysis
	jq -e '.faults | length == 1' runs/run1/analysis.json
	jq -e '.verdict == "residue" and .exit == 5' runs/run1/verdict.json
	kill "$BG_PID"
	wait "$BG_PID" || true
	mv patient.yaml config.yaml
	chaos-fault undo --all
}

@test "ended at ten random moments by random signals: nothing is left" {
	WITHIN=20 run -0 "$ROOT/test/soak" 10
	assert_output --partial "0 of 10 runs left something behind"
}

@test "no room for the samples: everything is put back, exit 6" {
	cluster
	three_phases 1 30 1
	before=$(world)
	# At most 8 KiB a file; the limit is told by an error, not by a signal.
	bg bash -c 'trap "" XFSZ; ulimit -f 8; exec chaos-scenario --scenario s.yaml --run-id run1'
	status=0
	wait "$BG_PID" || status=$?
	assert_equal "$status" 6
	assert_equal "$(world)" "$before"
	[ "$(wc -l < runs/run1/samples.csv)" -gt 10 ]
}

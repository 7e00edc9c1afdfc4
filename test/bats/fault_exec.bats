# Faults that are programs: test/support/faults has one that degrades, one that silences, and one that
# misbehaves.
load helper
load fault_helper

setup() {
	scratch
	export CHAOS_PATH=$ROOT/test/support TMPDIR=$SCRATCH
	cluster
	FILE=$SCRATCH/delay
	chaos-fault up 2>/dev/null
}

teardown() {
	hang_up
	end_cluster
}

marked() { grep -qx 'delay 20' "$FILE"; }
# as_before: what was in the file is there again, and nothing is written down.
as_before() { none_active && [ "$(cat "$FILE")" = before ] && [ ! -e "$FILE.new" ]; }
# hold NAME NODE…: a fault held in the background, confirmed.
hold() {
	bg chaos-fault "$@"
	wait_for 20 grep -q 'held for\|Ctrl-C puts it back' "$BG_ERR"
}
# none_sleeps: of the programs' own processes, which have no variable of ours but TMPDIR. SIGKILL takes its time.
none_sleeps() {
	local pid
	for pid in $(pgrep -x sleep); do
		! grep -qsaz "^TMPDIR=$SCRATCH\$" "/proc/$pid/environ" || return 1
	done
}
entry() { head -n 1 "$XDG_STATE_HOME/chaos/faults/f1.json" | jq -r ".$1"; }
# own_faults: programs that the test may change, in place of those of the tests.
own_faults() {
	cp -R "$ROOT/test/support/faults" "$SCRATCH/faults"
	export CHAOS_PATH=$SCRATCH
}

@test "a program degrades a node, is seen to, and puts back what was there" {
	echo before >"$FILE"
	run -0 --separate-stderr chaos-fault mark a "file=$FILE" by=20ms --for 300ms --json
	assert_equal "$(jq -r .event <<<"$output" | paste -sd' ')" \
		"fault_requested fault_injected fault_verified revert_requested reverted"
	jq -se '.[2].check == "mark verify" and .[2].state == "up" and .[4].state == "up"' <<<"$output"
	as_before
	rm "$FILE"
	hold mark a "file=$FILE" by=20ms
	marked
	http_up "${HTTP_PORTS[0]}"
	assert_equal "$(field a fault.action)" mark
	assert_equal "$(stat -c %a "$XDG_STATE_HOME/chaos/faults/f1.json")" 600
	kill -INT "$BG_PID"
	wait_for 20 none_active
	[ ! -e "$FILE" ]
}

@test "a program that silences a node must silence it" {
	run -0 --separate-stderr chaos-fault freeze a --for 2s --json
	jq -se 'map(select(.event == "fault_verified"))[0] | .state == "paused" and .check == "GET /health"' \
		<<<"$output"
	http_up "${HTTP_PORTS[0]}"
	# One that only says that it is silent is undone, and that is no verdict on the node.
	own_faults
	sed -i 's/kill -STOP.*/: ;;/; s/verify) .*/verify) : ;;/' "$SCRATCH/faults/freeze"
	run -3 chaos-fault freeze a --for 10s
	assert_line_says "$output" still "GET /health"
	none_active
}

@test "beside one another: degraded ones of different names and a silent one, undone in reverse order" {
	session
	say "mark a file=$FILE by=20ms" "rogue a on=none by=none" "kill a" "mark a file=$FILE.2" "freeze a"
	wait_for 20 saw error '.line == 5'
	jq -se 'map(select(.event == "fault_injected")) | map(.action) == ["mark", "rogue", "kill"]
		and map(.past) == ["marked", "spoilt", "killed"]' "$EVENTS"
	jq -se 'map(select(.event == "error").line) == [4, 5]' "$EVENTS"
	assert_equal "$(field a 'faults | map(.action) | sort | join(" ")')" "kill mark rogue"
	say "revert f2"
	wait_for 20 saw reverted
	hang_up
	ended
	assert_equal "$RC" 0
	jq -se 'map(select(.event == "reverted").action) == ["rogue", "kill", "mark"]' "$EVENTS"
	none_active
	[ ! -e "$FILE" ]
	http_up "${HTTP_PORTS[0]}"
}

@test "ls shows all faults of a node, however many" {
	own_faults
	local name names=(mark-{one,two,three,four,five})
	for name in "${names[@]}"; do
		sed "s/\"name\": \"mark\"/\"name\": \"$name\"/" "$ROOT/test/support/faults/mark" >"faults/$name"
		chmod +x "faults/$name"
	done
	session
	for name in "${names[@]}"; do say "$name a file=$FILE.$name by=20ms"; done
	wait_for 20 saw fault_injected '.action == "mark-five"'
	run -0 chaos-fault ls
	assert_line --index 1 --regexp "^a .* f1 mark-one, .*; f2 mark-two, .*; f3 mark-three, .*; f4 mark-four, .*; f5 mark-five, .* [0-9]+$"
	assert_line --index 2 --regexp "^b .* -$"
	hang_up
	ended
	assert_equal "$RC" 0
	none_active
}

@test "parameters are checked before anything is touched: exit 2 with the nearest word" {
	run -2 chaos-fault mark a "fil=$FILE"
	assert_line_says "$output" "parameter 'fil'" "'file'?"
	run -2 chaos-fault mark a zebra=1
	assert_output --partial "unknown parameter 'zebra'; it has "
	run -0 chaos-fault --dry-run mark a "file=$FILE" by=3
	assert_output --regexp '  does .*, by=3s'
	run -2 chaos-fault mark a by=20ms
	assert_line_says "$output" "parameter 'file'" missing: "file=TEXT"
	run -2 chaos-fault mark a "file=$FILE" by=11s
	assert_line_says "$output" "by=11s:" "1ms to 10s"
	# A bare number is of seconds, which who meant ms is told.
	run -2 chaos-fault mark a "file=$FILE" by=100
	assert_line_says "$output" by=100 1m40s: "1ms to 10s"
	run -2 chaos-fault mark a "file=$FILE" by=soon
	assert_line_says "$output" by=soon: "time span" "(20, 20s, 150ms, 1m30s)"
	for rate in 10KB kbit 1.2.3kbit .5mbit 5.mbit; do
		run -2 chaos-fault mark a "file=$FILE" rate=$rate
		assert_line_says "$output" "rate=$rate:" rate
	done
	run -2 chaos-fault mark a "file=$FILE" rate=7.9kbit
	assert_line_says "$output" rate=7.9kbit: "8000 to 1e+09 bit"
	run -0 chaos-fault --dry-run mark a "file=$FILE" rate=1.5MBIT
	run -2 chaos-fault mark a "file=$FILE" share=120%
	run -2 chaos-fault mark a "file=$FILE" how=loudli
	assert_line_says "$output" how=loudli: "'loudly'?"
	run -2 chaos-fault mark a "file=$FILE" how=well
	assert_line_says "$output" how=well: "softly|loudly"
	run -2 chaos-fault mark a "file=$FILE" "file=$FILE"
	assert_output --partial "given twice"
	run -2 chaos-fault kill a by=20ms
	assert_output --partial "kill takes no parameters"
	run -2 chaos-fault mark "file=$FILE"
	assert_line_says "$output" chaos-fault: mark name node
	run -2 chaos-fault mark a "file=$SCRATCH/nowhere/file"
	assert_line_says "$output" folder
	[ ! -e "$FILE" ]
	none_active
	# Those of any length that an entry can hold survive it; longer ones are refused, never cut.
	local long=$SCRATCH
	while [ ${#long} -lt 3000 ]; do long+=/.; done
	run -0 chaos-fault mark a "file=$long/long" by=20ms --for 100ms
	[ ! -e "$SCRATCH/long" ]
	while [ ${#long} -lt 4100 ]; do long+=/.; done
	run -2 chaos-fault mark a "file=$long/long"
	assert_output --partial "longer than 4096 bytes"
	none_active
	own_faults # of which some have no upper bound
	sed -i 's/"max": 60, //; s/"min": 1, "max": 10000, /"min": 1, /' faults/mark
	run -2 chaos-fault mark a "file=$FILE" slow=-1
	assert_line_says "$output" slow=-1: "at least 0"
	run -2 chaos-fault mark a "file=$FILE" by=0
	assert_line_says "$output" by=0: "at least 1ms"
}

@test "an unknown word gets the nearest of commands and programs, on the command line and in a session" {
	own_faults
	cp faults/mark faults/pauze
	touch faults/pauzed # cannot be run
	local given
	for given in merk:mark pauzee:pauze pausd:pause docter:doctor frieze:freeze; do
		run -2 chaos-fault "${given%:*}" a
		assert_says "$output" chaos-fault: "'${given%:*}'" "'${given#*:}'?"
	done
	run -2 chaos-fault --control --check <<<"pauzee a"
	assert_line_says "$output" "'pauzee'" "'pauze'?"
}

@test "in a session: bad lines are answered with their number; --check obeys the same rules" {
	printf '%s\n' "mark a file=$FILE by=20ms for 100ms" "mark b fil=$FILE" "merk a" \
		"mark a file=$FILE by=20ms for 100ms" "@1 freeze c for 100ms" >lines
	run -2 --separate-stderr chaos-fault --control --check <lines
	jq -se 'map(select(.event == "error").line) | sort == [2, 3, 4]' <<<"$output"
	[ ! -e "$FILE" ]
	sed -i 4d lines
	run -2 --separate-stderr chaos-fault --control <lines
	jq -se 'map(select(.event == "error").line) | sort == [2, 3]' <<<"$output"
	jq -se 'map(select(.event == "reverted").action) | sort == ["freeze", "mark"]' <<<"$output"
	none_active
}

@test "--dry-run says what the program would do, and touches nothing" {
	run -0 chaos-fault mark a "file=$FILE" --for 3s --dry-run
	assert_output --partial "does   write to $FILE"
	assert_output --partial "undo   restore $FILE"
	run -1 chaos-fault mark a "file=$SCRATCH/nowhere/file" --dry-run
	assert_line_says "$output" folder
	[ ! -e "$FILE" ]
	[ ! -e "$XDG_STATE_HOME/chaos/programs" ]
}

@test "SIGKILL of the holder: its guard undoes it; of the guard too: the next chaos-fault" {
	echo before >"$FILE"
	hold mark a "file=$FILE" by=20ms
	killed "$BG_PID"
	wait_for 20 as_before
	hold mark a "file=$FILE" by=20ms
	killed "$(entry guard.pid)" "$BG_PID"
	marked
	run -0 chaos-fault ls
	assert_output --partial "f1 (mark of 'a') is left over"
	as_before
}

@test "killed in the middle of inject: what it had started ends before it is undone" {
	echo before >"$FILE"
	bg chaos-fault mark a "file=$FILE" by=20ms slow=50
	wait_for 20 test -e "$FILE.new"
	killed "$BG_PID"
	wait_for 20 as_before
	wait_for 5 none_sleeps
}

@test "the pid that an entry has of a call: whoever else has it is not signalled" {
	own_faults
	echo before >"$FILE"
	# What has left the group of its call still has the entry locked.
	sed -i "s|^verify)|verify) setsid sh -c 'echo \$\$ >$SCRATCH/left; exec sleep 60' </dev/null >/dev/null 2>\&1 \& until [ -s $SCRATCH/left ]; do sleep 0.01; done|" faults/mark
	hold mark a "file=$FILE" by=20ms
	killed "$(entry guard.pid)" "$BG_PID"
	bg setsid sleep 1000
	local foreign=$BG_PID
	wait_for 5 eval '[ "$(ps -o pgid= -p $foreign | tr -d " ")" = $foreign ]'
	sed -E "s/(\"call\":\{\"pid\":)[0-9]+/\1$foreign/" "$XDG_STATE_HOME/chaos/faults/f1.json" >forged
	cat forged >"$XDG_STATE_HOME/chaos/faults/f1.json" # the same file, whose lock is held
	run -5 chaos-fault undo f1
	assert_output --partial "its program still runs"
	run ! gone "$foreign"
	marked
	killed "$(cat left)"
	run -0 chaos-fault undo f1
	as_before
}

@test "a program that is changed in the middle: the undo is that of the one that injected" {
	own_faults
	echo before >"$FILE"
	hold mark a "file=$FILE" by=20ms
	printf '#!/bin/sh\ntouch %s\n' "$SCRATCH/other" >"$SCRATCH/faults/mark"
	kill -INT "$BG_PID"
	wait_for 20 as_before
	[ ! -e "$SCRATCH/other" ]
}

@test "a copy that is not as it was is never run: exit 5, and undone when it is again" {
	echo before >"$FILE"
	hold mark a "file=$FILE" by=20ms
	local copy
	copy=$XDG_STATE_HOME/chaos/programs/$(entry program.sum)
	echo "# more" >>"$copy"
	killed "$(entry guard.pid)" "$BG_PID"
	run -5 chaos-fault ls
	assert_output --partial "is gone or not as it was"
	marked
	assert_equal "$(active)" 1
	sed -i '$d' "$copy"
	run -0 chaos-fault undo f1
	as_before
}

@test "a program that hangs, floods, dies, lies or fails when it injects: undone, exit 3" {
	local by
	for by in hang flood die lie fail; do
		run -3 chaos-fault rogue a on=inject "by=$by" --for 5s
		assert_line_says "$output" effect undone
		none_active
	done
	assert_output --partial "this cannot be"
	run -3 chaos-fault rogue a on=verify by=never --for 5s
	none_active
	wait_for 5 none_sleeps
}

@test "the same when it plans: nothing is touched" {
	local by
	for by in hang flood die lie; do
		run -6 chaos-fault rogue a on=plan "by=$by" --for 5s
		assert_output --partial "not done"
		none_active
	done
}

@test "words without end keep nobody; a state of more than 4 KiB is refused" {
	run -0 chaos-fault rogue a on=inject by=babble --for 10ms
	run -2 chaos-fault rogue a on=plan by=huge --for 10ms
	assert_line_says "$output" state longer "4096 bytes"
	none_active
}

@test "a silent fault is not undone because its program says so, but when the node answers" {
	own_faults
	sed -i 's/kill -CONT.*/: ;;/; s/verify-reverted) .*/verify-reverted) : ;;/;
		s/"effect"/"within_s": {"revert": 1}, "effect"/' "$SCRATCH/faults/freeze"
	run -5 chaos-fault freeze a --for 50ms
	assert_line_says "$output" "freeze of 'a'" not "put back:" "within 3s"
	assert_equal "$(active)" 1
	kill -CONT "$(field a pid)" # its guard goes on trying
	wait_for 20 none_active
}

@test "the same when it undoes: exit 5 with what to do, and the entry stays" {
	local by
	for by in flood die fail; do
		run -5 chaos-fault rogue a on=revert "by=$by" --for 100ms
		assert_output --partial "by hand: chaos-fault undo f1"
		assert_equal "$(active)" 1
		# Its guard goes on trying.
		killed "$(jq -r '.guard.pid // empty' "$XDG_STATE_HOME"/chaos/faults/f1.json)"
		rm "$XDG_STATE_HOME"/chaos/faults/*
	done
}

@test "programs are found in CHAOS_PATH alone: absolute folders, never the current one" {
	own_faults
	export CHAOS_PATH=:.:faults
	run -2 chaos-fault mark a "file=$FILE"
	assert_output --partial "unknown command 'mark'"
	cd faults
	run -2 chaos-fault mark a "file=$FILE"
	export CHAOS_PATH=/nowhere:$SCRATCH
	cd ..
	run -0 chaos-fault mark a "file=$FILE" --for 50ms
	# One that asks for what this version has not is refused.
	sed -i 's/"effect": "silent"/"effect": "silent", "ends": "soon"/' faults/freeze
	run -2 chaos-fault freeze a
	assert_output --partial "its 'ends' is 'undo' or 'target', not 'soon'"
	sed -i 's/"effect": "silent"/"effect": "silent", "kinds": "process"/' faults/freeze
	run -2 chaos-fault freeze a
	assert_line_says "$output" freeze "'kinds'" list
	sed -i 's/"effect": "silent"/"effect": "loud"/' faults/freeze
	run -2 chaos-fault freeze a
	assert_line_says "$output" freeze effect
}

# copies: of programs, in the state folder.
copies() { ls "$XDG_STATE_HOME/chaos/programs"; }
@test "copies of programs go when no entry names them and nobody holds them" {
	echo before >"$FILE"
	hold mark a file="$FILE" --for 60s
	local copy first=$BG_PID
	copy=$(copies)
	chaos-fault ls
	assert_equal "$(copies)" "$copy" # named
	# The journal is lost: what owner or guard will need for the undo stays.
	rm -r "$XDG_STATE_HOME/chaos/faults"
	chaos-fault ls
	assert_equal "$(copies)" "$copy"
	kill -KILL "$first"
	wait_for 20 as_before
	wait_for 20 eval 'chaos-fault ls >/dev/null; [ -z "$(copies)" ]'
	# Owner and guard dead, and an entry that nobody can read: it may name it.
	hold mark a file="$FILE" --for 60s
	local entry=$XDG_STATE_HOME/chaos/faults/f1.json guard
	guard=$(head -n 1 "$entry" | jq .guard.pid)
	killed "$guard" "$BG_PID"
	cp "$entry" kept
	echo '{' >"$entry"
	run -5 chaos-fault ls
	assert_equal "$(copies)" "$copy"
	cat kept >"$entry"
	run -0 chaos-fault ls
	as_before
	chaos-fault ls
	assert_equal "$(copies)" ""
}

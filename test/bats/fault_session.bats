# chaos-fault --control: sessions.
load helper
load fault_helper

setup() {
	scratch
}

teardown() {
	hang_up
	end_cluster
}

@test "kill, restart, end of input: the events in their order" {
	cluster
	chaos-fault up
	local old
	old=$(field b pid)
	session
	say "kill b"
	wait_for 5 saw node_down
	gone "$old"
	say "restart b"
	wait_for 5 saw reverted
	http_up "${HTTP_PORTS[1]}"
	say "kill c"
	wait_for 5 saw node_down '.node == "c"'
	hang_up
	ended
	assert_equal "$RC" 0
	jq -se 'map(select(.event != "fault_verified")) | map(.event) == ["session_start",
		"fault_requested", "fault_injected", "node_down", "revert_requested", "node_ready", "reverted",
		"fault_requested", "fault_injected", "node_down", "revert_requested", "node_ready", "reverted"]
		and all(.[1:7][]; .fault == "f1" and .action == "kill" and .node == "b")
		and all(.[7:][]; .fault == "f2") and .[4].why == "command" and .[10].why == "end of input"
		and all(.[1:][]; .url | startswith("http://127.0.0.1:"))' "$EVENTS"
	assert_equal "$(cat "$SESSION_ERR")" ""
	assert_equal "$(world | grep -c '"up",true,false')" 3
}

@test "a session brings up what is not up, and takes down just that" {
	cluster both
	chaos-fault up a
	local pid before
	pid=$(field a pid)
	before=$(world)
	session --bring-up http
	jq -se 'map(select(.event == "node_ready") | {(.node): .started}) | add
		== {"a": false, "b": true, "c": true}' "$EVENTS"
	is p down
	say "kill b" "pause a"
	wait_for 5 saw fault_injected '.action == "kill"'
	wait_for 5 saw fault_injected '.action == "pause"'
	hang_up
	ended
	assert_equal "$RC" 0
	assert_equal "$(world)" "$before"
	assert_equal "$(field a pid)" "$pid"
	jq -se 'map(select(.event == "reverted").node) | sort == ["a", "b"]' "$EVENTS"
	assert_equal "$(active)" 0
}

@test "bring-up refuses a foreign port before it touches anything" {
	cluster
	bg chaos-node --port "${HTTP_PORTS[2]}"
	wait_for 5 http_up "${HTTP_PORTS[2]}"
	run -2 chaos-fault --control --bring-up http </dev/null
	assert_line_says "$output" "'c':" "port ${HTTP_PORTS[2]}" "process $BG_PID"
	is a down
}

@test "bring-up that fails takes down again what it started, exit 6" {
	cluster
	sed -i 's/--name, c]/--name, c, --bogus]/' config.yaml
	run --separate-stderr -6 chaos-fault --control --bring-up http </dev/null
	assert_equal "${#stderr_lines[@]}" 1
	assert_says "$stderr" chaos-fault: "'c':" exited starting: chaos-node: "'--bogus'"
	assert_equal "$(world | grep -c '"down",false,false')" 3
	assert_equal "$(active)" 0
}

@test "INT, TERM and HUP: all is put back, then it dies by the signal" {
	cluster
	local sig
	for sig in INT TERM HUP; do
		session --bring-up http --all-down
		say "kill a" "pause b" "stop c"
		wait_for 5 eval '[ "$(grep -c fault_injected "$EVENTS")" -eq 3 ]'
		kill -$sig "$SESSION"
		ended
		hang_up
		assert_equal "$RC" $((128 + $(kill -l $sig)))
		assert_equal "$(grep -c '"reverted"' "$EVENTS")" 3
		assert_equal "$(world | grep -c '"down",false,false')" 3
	done
	assert_equal "$(active)" 0
}

@test "a signal while nodes are still coming up leaves none" {
	cluster
	sed -i 's/--name, c]/--name, c], ready: GET \/never/' config.yaml
	mkfifo control
	bg_session --bring-up http
	exec 7>control
	wait_for 5 is c up
	wait_for 5 saw node_ready '.node == "b"'
	kill -TERM "$SESSION"
	local t=$SECONDS
	ended
	assert_equal "$RC" 143
	[ $((SECONDS - t)) -lt 10 ] # not the 20 s that a node has to get ready
	assert_equal "$(world | grep -c '"down",false,false')" 3
}

@test "a reader that goes away: all is put back, exit 0" {
	cluster
	chaos-fault up
	bg bash -c '{ echo "kill a"; sleep 0.3; echo "kill b" || exit 0; sleep 5; } |
		{ chaos-fault --control; echo "$?" >rc; } | head -n 3 >/dev/null'
	wait_for 10 test -s rc
	assert_equal "$(<rc)" 0
	assert_equal "$(world | grep -c '"up",true,false')" 3
	assert_equal "$(active)" 0
}

@test "bad lines are answered with their number, and the session goes on" {
	cluster
	chaos-fault up a c
	session
	say "kil a" "kill zebra" "kill" "kill a for ever" "restart a for 3" "@soon kill a" "@1" \
		"revert f99" "#clock" "" "kill a a" "for 3" "pause a" "pause a"
	printf 'kill %05000d\n' 0 >&7
	say "kill b"
	wait_for 5 saw error '.line == 16'
	wait_for 5 saw error '.line == 14' # behind the pause
	hang_up
	ended
	assert_equal "$RC" 2
	jq -r 'select(.event == "error") | "\(.line) \(.message)"' "$EVENTS" >errors
	run -1 grep '"event":"clock"' "$EVENTS"
	errors_say 13 <<-EOF
		1|'kil'|'kill'?
		2|node|'zebra'|a, b, c
		3|kill|name|node
		4|'for ever'|time span|20, 20s, 150ms, 1m30s
		5|'for'|restart
		6|'@soon'|time|@5, @1.5s
		7|'@1'|command
		8|'f99'
		11|'a'|twice
		12|'for'|command
		14|'a'|f1|pause|process $SESSION
		15|line|4096 bytes
		16|'b'|running|'chaos-fault start b'
	EOF
}

@test "what is due does not wait for the end of many lines" {
	cluster
	chaos-fault up a
	{ echo "kill a for 20ms all-down"; printf 'bogus\n%.0s' {1..2000}; } >lines
	run -2 --separate-stderr chaos-fault --control <lines
	jq -se 'map(.event) | (map(select(. == "error")) | length == 2000) and index("fault_injected") < rindex("error")' <<<"$output"
}

@test "for D ends a fault by itself; revert ends one, or all" {
	cluster
	chaos-fault up
	session --all-down
	say "kill a for 200ms" "pause b" "stop c"
	wait_for 5 saw reverted '.node == "a"'
	wait_for 5 saw fault_injected '.node == "b"'
	wait_for 5 saw fault_injected '.node == "c"'
	jq -se 'map(select(.node == "a" and .event != "fault_verified")) | .[1].for_s == 0.2 and .[3].why == "deadline"
		and .[3].t - .[1].t >= 0.2' "$EVENTS"
	say "revert $(jq -r 'select(.event == "fault_injected" and .node == "b").fault' "$EVENTS")"
	wait_for 5 saw reverted '.node == "b"'
	is c down
	say "revert all"
	wait_for 5 saw reverted '.node == "c"'
	assert_equal "$(active)" 0
	hang_up
	ended
	assert_equal "$RC" 0
}

@test "a fault that comes when the one before is due to end waits for its undo" {
	cluster
	chaos-fault up
	printf '%s\n' "@0.2 kill a for 300ms" "@0.5 kill a for 300ms" "@0.8 pause a for 200ms" \
		"@0.2 stop b for 5s" "@0.4 kill b" "@1.5 restart b" >plan
	run -0 --separate-stderr chaos-fault --control <plan
	assert_equal "$(active)" 0
	jq -se 'map(select(.node == "a" and .event != "error" and .event != "fault_verified").event) as $all
		| ["fault_requested", "fault_injected", "revert_requested", "node_ready", "reverted"] as $one
		| ($all - ["node_down"]) == $one + $one + $one' <<<"$output"
	# Each lasts as long as it was to, and what is not due is refused as ever.
	jq -se '[.[] | select(.node == "a")] as $a | [$a[] | select(.event == "fault_injected").t] as $from
		| [$a[] | select(.event == "revert_requested").t] as $to
		| $to[0] - $from[0] >= 0.3 and $to[1] - $from[1] >= 0.3 and $to[2] - $from[2] >= 0.2' <<<"$output"
	jq -se '[.[] | select(.event == "error")] | length == 1
		and (.[0].message | test("has the fault"))' <<<"$output"
}

# past TIME: in seconds of UNIX time.
past() { [ "${EPOCHREALTIME/./}" -gt "$(jq -n "$1 * 1000000 | floor")" ]; }
@test "one that came late is over for the one behind it when it was to be" {
	cluster
	chaos-fault up
	session
	say "@1 kill a for 1s" "@2 kill a for 100ms"
	kill -STOP "$SESSION"
	wait_for 5 past "$(jq 'select(.event == "session_start").t + 1.5' "$EVENTS")"
	kill -CONT "$SESSION"
	wait_for 10 eval '[ "$(grep -c \"reverted\" "$EVENTS")" -eq 2 ]'
	refute saw error
	hang_up
	ended
	assert_equal "$RC" 0
}

@test "times: @S counts from the session's start" {
	cluster
	chaos-fault up
	session
	say "@4 pause b for 100ms" "@2 pause a for 100ms"
	wait_for 20 saw reverted '.node == "b"'
	hang_up
	ended
	jq -se '.[0].t as $t0 | map(select(.event == "fault_requested")) | map(.node) == ["a", "b"]
		and .[0].t - $t0 >= 1.999 and .[0].t - $t0 < 4
		and .[1].t - $t0 >= 3.999 and .[1].t - $t0 < 6' "$EVENTS"
	# the error of each stands in its event; the session began a moment after it said so
	jq -se '.[0].t as $t0 | map(select(.event == "fault_injected")) | length == 2 and all(.late_ms > 0
		and (.late_ms / 1000 - (.t - $t0 - {a: 2, b: 4}[.node]) | fabs < 0.05))' "$EVENTS"
}

@test "a file is carried out to its end; a pipe's end drops what is not due" {
	cluster
	chaos-fault up
	printf '@0.2 kill a\n@0.4 restart a\npause b for 300ms\n@0.5 kill c' >plan
	run -0 chaos-fault --control <plan
	jq -se 'map(select(.event == "reverted").node) | sort == ["a", "b", "c"]' <<<"$output"
	jq -se '.[0].t as $t0 | map(select(.event == "reverted" and .node == "b"))[0].t - $t0 >= 0.3' \
		<<<"$output"
	sed -i 's/@0/@60/' plan # not due before the pipe ends, however late its writer is
	run -2 bash -c 'cat plan | chaos-fault --control'
	jq -se 'any(.[]; .event == "warning" and (.message | test("dropped"))) and
		all(.[]; .node != "a" and .node != "c")' <<<"$output"
	run -0 chaos-fault --control </dev/null
	assert_equal "$(jq -r .event <<<"$output")" session_start
	assert_equal "$(world | grep -c '"up",true,false')" 3
}

@test "a torn last line of a pipe hits nobody" {
	cluster
	chaos-fault up
	run -2 bash -c 'printf "kill a" | chaos-fault --control'
	assert_equal "$(jq -r .event <<<"$output" | xargs)" "session_start error"
	assert_equal "$(jq -r 'select(.event == "error") | .line' <<<"$output")" 1
}

@test "commands of one node run in their order, those of others at once" {
	cluster
	sed -i 's/--name, c]/--name, c], ready: GET \/never, ready_within: 10s/' config.yaml
	chaos-fault up a b
	session
	say "start c" "kill a" "restart a" "kill a" "restart a" "kill b"
	wait_for 5 eval '[ "$(jq -s "map(select(.event == \"reverted\" and .node == \"a\")) | length" "$EVENTS")" = 2 ]'
	wait_for 5 saw fault_injected '.node == "b"'
	# c is still awaited: nothing of the above waited for it.
	jq -se 'all(.[]; .event != "error")' "$EVENTS"
	jq -se 'map(select(.node == "a" or .node == "b") | select(.event == "fault_injected"))
		| length == 3' "$EVENTS"
	wait_for 20 saw error '.node == "c" and (.message | test("not within 10s: .*404 [(]ready: GET .never at 127[.]0[.]0[.]1:[0-9]+[)]"))'
	hang_up
	ended
	assert_equal "$RC" 0
}

@test "two sessions: the second fault is refused, each undoes its own" {
	cluster
	chaos-fault up
	session
	local first=$SESSION
	say "kill a"
	wait_for 5 saw node_down
	mkfifo control2
	chaos-fault --control >second 2>&1 <control2 3>&- 7>&- &
	local second=$!
	BG_PIDS+=("$second")
	exec 8>control2
	printf 'pause a\nkill b\n' >&8
	wait_for 5 grep -q '"error".*held by process '"$first" second
	wait_for 5 grep -q '"node_down".*"b"' second
	exec 8>&-
	wait "$second"
	is b up
	is a down
	jq -se 'map(select(.fault != null).fault) | unique == ["f2"]' second
	hang_up
	ended
	is a up
}

@test "an engine that does not answer holds up no fault on another node" {
	cluster
	chaos-fault up
	bg redis-server --port 0 --unixsocket "$SCRATCH/engine.sock" --save ""
	wait_for 5 redis-cli -s engine.sock ping
	kill -STOP "$BG_PID" # it takes connections, and never answers
	printf '  x: {url: "http://127.0.0.1:%s", container: x, engine: "unix://%s"}\n' "${PORTS[4]}" "$SCRATCH/engine.sock" >>config.yaml
	session
	sed -i '/^  x:/d' config.yaml # for the end
	say "kill a for 20ms"
	wait_for 10 saw reverted '.fault == "f1"'
	say "pause b c pick one for 20ms"
	wait_for 10 saw reverted '.fault == "f2"'
	# Nobody has asked it: no connection waits there.
	assert_equal "$(ss -xlnH src "unix:$SCRATCH/engine.sock" | awk '{ print $3 }')" 0
	# A fault on one of its own waits, alone, and is refused.
	say "kill x" "kill a for 20ms"
	wait_for 20 saw error '.line == 3'
	jq -se 'map(select(.line == 3 or .fault == "f3") | .event) | index("fault_injected") < index("error")' "$EVENTS"
	hang_up
	ended
	kill -CONT "$BG_PID"
	assert_equal "$(active)" 0
}

@test "events share the anchor they are given" {
	cluster
	chaos-fault up a
	run -0 bash -c 'echo "pause a" | chaos-fault --control --anchor 1000000000000000000'
	jq -se 'all(.[]; .t > 1000000000 and .t < 1100000000) and (map(.t) | . == sort)' <<<"$output"
}

@test "latency: a kill or pause is confirmed within milliseconds beyond the journal" {
	cluster
	chaos-fault up
	session
	# The quickest of each counts: a busy machine delays some, a wait in the program delays all.
	local i
	for ((i = 2; i <= 10 || i <= 240 && $(quick) < 2; i += 2)); do
		# One at a time: each waits for its own journal alone.
		say "pause a"
		wait_for 5 eval '[ "$(grep -c fault_injected "$EVENTS")" -eq $((i - 1)) ]'
		say "kill b"
		wait_for 5 eval '[ "$(grep -c fault_injected "$EVENTS")" -eq $i ]'
		say "resume a" "restart b"
		wait_for 5 eval '[ "$(grep -c \"reverted\" "$EVENTS")" -eq $i ]'
	done
	hang_up
	ended
	assert_equal "$(quick)" 2
}
# quick: of how many actions one was confirmed within milliseconds beyond its journal.
quick() {
	jq -s 'map(select(.event == "fault_injected")) | group_by(.action)
		| map(select(map(.took_ms - .journal_ms) | min | . > 0 and . < 20)) | length' "$EVENTS"
}

@test "closed standard streams: nothing is written where it does not belong" {
	cluster
	run -0 bash -c 'chaos-fault up <&- >&-'
	run -6 bash -c 'echo "pause a" | chaos-fault --control >&-'
	assert_line_says "$output" chaos-fault: "standard output" write
	run -6 bash -c 'chaos-fault --control 2>&1 >/dev/null <&-'
	assert_says "$output" chaos-fault: read "'standard input'" "Bad file descriptor"
	run -6 bash -c 'chaos-fault --json kill a --for 100ms >&-'
	run -6 bash -c 'chaos-fault ls >&-'
	assert_equal "$(world | grep -c '"up",true,false')" 3
	assert_equal "$(find "$XDG_STATE_HOME" -type f -name lock -size +0 | wc -l)" 0
}

@test "Redis: primary and replica, killed and paused; ready means the link is up" {
	cluster redis
	local before
	session --bring-up redis --all-down
	linked() { redis-cli -p "${REDIS_PORTS[1]}" role | sed -n 4p | grep -qx connected; }
	linked
	redis-cli -p "${REDIS_PORTS[0]}" set k v
	say "kill r"
	wait_for 5 saw node_down '.node == "r"'
	run ! redis_up "${REDIS_PORTS[1]}"
	say "restart r"
	wait_for 10 saw reverted '.node == "r"'
	linked
	assert_equal "$(redis-cli -p "${REDIS_PORTS[1]}" get k)" v
	say "kill p" "kill r"
	wait_for 5 saw node_down '.node == "p"'
	wait_for 5 eval 'jq -se "map(select(.event == \"node_down\" and .node == \"r\")) | length == 2" "$EVENTS"'
	say "restart r p"
	wait_for 10 eval '[ "$(grep -c "\"reverted\"" "$EVENTS")" -eq 3 ]'
	linked
	say "pause p"
	wait_for 5 saw fault_injected '.action == "pause"'
	run ! timeout 0.3 redis-cli -p "${REDIS_PORTS[0]}" ping
	hang_up
	ended
	assert_equal "$RC" 0
	is p down
	is r down
}

@test "the node of a command with a time is asked before that time" {
	local requested asked
	free_ports 1
	printf 'daemon off; pid nginx.pid; error_log stderr; events {}
http { log_format when "$msec"; access_log asked when; client_body_temp_path t1; proxy_temp_path t2;
fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5; server { listen 127.0.0.1:%s; } }\n' \
		"${PORTS[0]}" >nginx.conf
	printf 'nodes:\n  n: {url: "http://127.0.0.1:%s", process: [nginx, -p, %s, -c, %s], ready: tcp}\n' \
		"${PORTS[0]}" "$PWD" "$PWD/nginx.conf" >config.yaml
	chaos-fault up
	session --all-down
	: >asked
	say "@1.5 kill n for 50ms"
	wait_for 10 saw reverted
	asked=$(head -n 1 asked)
	requested=$(jq 'select(.event == "fault_requested").t' "$EVENTS")
	jq -n "$asked < $requested" | grep -qx true
	hang_up
	ended
}

@test "a pipe that ends before its session begins: bad lines are told, exit 2, others dropped with a word" {
	cluster both
	printf 'kil a\nkill b\n@1 pause b\n# x\n' >lines
	# Its writer has gone before any node can be ready.
	exec {GONE}< <(cat lines)
	wait $!
	run -2 --separate-stderr chaos-fault --control --bring-up http <&"$GONE"
	exec {GONE}<&-
	assert_equal "$(jq -sc 'map(select(.event == "error" and .line) | .line)' <<<"$output")" '[1]'
	assert_line_says "$output" "end of input:" "2 commands" dropped
	refute_output --partial fault_requested
}

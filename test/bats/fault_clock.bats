# chaos-fault --control with an engine that takes connections and never answers: nothing else waits for it.
# shellcheck disable=SC2154 # HTTP_PORTS is of fault_helper
load helper
load fault_helper
load engine_helper

setup() {
	scratch
	cluster both
	chaos-fault up
	bg redis-server --port 0 --unixsocket "$SCRATCH/engine.sock" --save ""
	wait_for 5 redis-cli -s engine.sock ping # it listens, which is after the socket is there
	kill -STOP "$BG_PID"
	cp config.yaml nodes.yaml
	silent x 1
	silent y 2
}

teardown() {
	hang_up
	[ -z "${HOLDER:-}" ] || kill -CONT "$HOLDER" 2>/dev/null || true
	guard_goes_on
	exec 9>&- # what waits to write events of which nobody reads ends
	cp nodes.yaml config.yaml
	end_cluster
}

# silent NODE PORT: a container of that engine.
silent() {
	printf '  %s: {url: "http://127.0.0.1:%s", container: %s, engine: "unix://%s"}\n' "$1" "$2" "$1" "$SCRATCH/engine.sock" >>config.yaml
}

# without NODE…: a config without them.
without() {
	local n
	for n in "$@"; do sed -i "/^  $n:/d" config.yaml; done
}

# goes_on PID FILE: writes to FILE when the process is no longer stopped, seen from outside.
goes_on() {
	while grep -qs '^State:.T' "/proc/$1/status"; do :; done
	echo "$EPOCHREALTIME" >"$2"
}

# without_guard CMD…: the session's first line has it start its guard, which is stopped once the command has seen
# the line's answer: what is undone from here on, the session undoes, however long the machine stands still. A node
# that is up already needs a guard, and is no fault.
without_guard() {
	say "up r"
	"$@"
	GUARD=$(pgrep -f "chaos-fault guard $SESSION ")
	kill -STOP "$GUARD"
}
guard_goes_on() { [ -z "${GUARD:-}" ] || kill -CONT "$GUARD" 2>/dev/null || true; }

# in_time: the undos of faults that are over began in the order of their deadlines, and these faults ended by this
# session's hand. That none waited for what holds up here is asked where the test knows when that ended.
in_time() {
	jq -se '(map(select(.event == "fault_injected")) | map({(.fault): .}) | add) as $of
		| (map(select(.event == "revert_requested") | $of[.fault] | .t + .for_s) | . == sort)
		and (map(select(.event == "reverted")) | length > 0
			and all(.[]; $of[.fault].for_s as $for | .held_s >= $for and .by_other != true))' "$EVENTS" ||
		fail "$(grep -v '"error"' "$EVENTS")"
}

# before FILTER FILTER: of the two events, each of which came, the first came first.
before() { jq -se "(map($1) | index(true)) as \$a | (map($2) | index(true)) as \$b | \$a != null and \$b != null and \$a < \$b" "$EVENTS"; }

@test "a pick among its nodes: deadlines, undos and commands that are due go on" {
	local pid
	pid=$(field a pid)
	session
	without_guard wait_for 20 saw node_ready
	say "pause a for 500ms" "pause p for 700ms"
	wait_for 5 saw fault_injected '.node == "a"'
	wait_for 5 saw fault_injected '.node == "p"'
	goes_on "$pid" went 3>&- 7>&- &
	BG_PIDS+=($!)
	say "kill x y pick one" "@0 kill b for 900ms"
	wait_for 20 saw reverted '.node == "b"'
	# The engine has still not been given up.
	refute saw error '.line == 4'
	assert_equal "$(jq -r 'select(.event == "reverted").node' "$EVENTS" | sort | xargs)" "a b p"
	in_time
	# The undo is told as of when it happened, which may be seen from outside late, but not early.
	wait_for 5 test -s went
	# That it answers again is seen when the session has its turn, and not only when the engine is given up, after 5 s.
	jq -se --argjson went "$(<went)" 'map(select(.node == "a")) | map({(.event): .t}) | add
		| .revert_requested - $went < 0.1 and .reverted - $went < 2' "$EVENTS"
	guard_goes_on
	hang_up
	ended
	assert_equal "$RC" 0
	jq -se 'any(.[]; .event == "warning" and (.message | test("1 command not begun is dropped")))' "$EVENTS"
}

@test "whether others stay up: the engine is asked beside what else is to be done" {
	without b c
	session
	without_guard wait_for 20 saw node_ready
	say "pause p for 500ms"
	wait_for 5 saw fault_injected
	say "kill a for 200ms"
	wait_for 20 saw reverted '.node == "p"'
	in_time
	wait_for 20 saw error '.line == 3 and .code == 2'
	before '.event == "reverted" and .node == "p"' '.event == "error"'
	jq -se 'map(select(.event == "error").message) == ["kill '"'a'"' would leave no http node up; '"'all-down'"' allows that"]' "$EVENTS"
	guard_goes_on
	hang_up
	ended
	assert_equal "$RC" 0
	assert_equal "$(active)" 0
}

@test "commands for the nodes of a pick wait for it, in their order; others do not; revert all answers it" {
	session
	say "kill a x pick one for 50ms" "pause a for 60ms" "pause b for 40ms"
	wait_for 20 saw reverted '.node == "a" and .action == "pause"'
	assert_equal "$(jq -r 'select(.event == "fault_injected") | "\(.fault) \(.action) \(.node)"' "$EVENTS" | xargs)" \
		"f1 pause b f2 kill a f3 pause a"
	say "kill x y pick one" "kill c" "revert all"
	wait_for 5 saw reverted '.node == "c"'
	jq -se 'map(select(.event == "error").line) == [4]' "$EVENTS"
	hang_up
	ended
	assert_equal "$RC" 0
	assert_equal "$(active)" 0
}

# up_is_told: reads the pipe up to that event.
up_is_told() {
	local line
	while IFS= read -rt 20 -u 9 line; do [[ $line != *'"event":"node_ready"'* ]] || return 0; done
	return 1
}

@test "a reader of the events that is stopped holds up no undo" {
	without b c
	mkfifo events.pipe
	exec 9<>events.pipe
	mkfifo control
	chaos-fault --control --all-down >events.pipe 2>session.err <control 3>&- 9>&- &
	SESSION=$!
	BG_PIDS+=("$SESSION")
	exec 7>control
	without_guard up_is_told
	say "pause a for 1500ms"
	wait_for 10 is a paused
	# More answers than a pipe takes.
	printf 'bogus\n%.0s' {1..500} >&7
	wait_for 10 is a up
	guard_goes_on
	hang_up
	# A reader that comes to the end when the session has ended, and is waited for.
	cat <events.pipe >events 3>&- 7>&- 9>&- &
	local reader=$!
	BG_PIDS+=("$reader")
	wait_for 5 test -s events
	exec 9>&-
	ended
	wait "$reader"
	assert_equal "$RC" 2
	EVENTS=events
	in_time
	jq -se 'map(select(.event == "error")) | length == 500' events
	[ "$(wc -c <events)" -gt 65536 ]
}

@test "another chaos-fault that has the lock of faults: deadlines go on until it lets go" {
	strace -o /dev/null true || skip "strace cannot trace here"
	session
	without_guard wait_for 20 saw node_ready
	say "pause p for 500ms"
	wait_for 5 saw fault_injected
	# It is stopped where its intent gets its name, which is when it has the lock.
	bg strace -o /dev/null -e 'trace=?link,linkat' -e 'inject=?link,linkat:signal=SIGSTOP:when=1' chaos-fault pause b --for 50ms
	wait_for 10 holder_found
	wait_for 10 in_between
	say "pause a for 600ms"
	wait_for 10 saw reverted '.node == "p"'
	refute saw fault_injected '.node == "a"'
	kill -CONT "$HOLDER"
	wait_for 20 saw reverted '.node == "a"'
	assert_equal "$(jq -r 'select(.event == "fault_injected" or .event == "reverted") | "\(.event) \(.node)"' "$EVENTS" | xargs)" \
		"fault_injected p reverted p fault_injected a reverted a"
	in_time
	guard_goes_on
	hang_up
	ended
	assert_equal "$RC" 0
	wait "$BG_PID"
}

@test "an engine that starts a container and has no word of its log: deadlines go on until it is given up" {
	without b c x y
	ENGINE_SOCK=$SCRATCH/double.sock
	bg enginedouble docker "$ENGINE_SOCK"
	ENGINE_PID=$BG_PID
	engine_answers
	slow logs 60000
	box_that_rests c-x 1 '{"Cmd": ["false"]}'
	echo "  x: {url: 'http://127.0.0.1:1', container: c-x}" >>config.yaml
	session --all-down
	without_guard wait_for 20 saw node_ready
	say "pause a for 700ms"
	wait_for 5 saw fault_injected
	say "start x"
	wait_for 20 test -s slow.sock.left
	wait_for 20 saw reverted '.node == "a"'
	saw error '.line == 3'
	in_time
	jq -se --argjson left "$(<slow.sock.left)" 'map(select(.event == "revert_requested").t) | length == 1 and .[0] < $left' "$EVENTS"
	guard_goes_on
	hang_up
	ended
	assert_equal "$(active)" 0
}

@test "another chaos-fault that is stopped while it removes copies of programs: guards start, and only what needs a copy waits" {
	strace -o /dev/null true || skip "strace cannot trace here"
	local pid programs=$XDG_STATE_HOME/chaos/programs
	pid=$(field a pid)
	echo "$pid $(sed 's|.*) ||' "/proc/$pid/stat" | cut -d' ' -f20)" >a.pid
	without a b c x y
	printf '  k: {url: "http://127.0.0.1:%s", kind: pidfile, with: {pidfile: "%s", run: "false"}}\n' \
		"${HTTP_PORTS[0]}" "$SCRATCH/a.pid" >>config.yaml
	mkdir -p "$programs"
	touch "$programs/old"
	bg strace -o /dev/null -e trace=unlinkat -e inject=unlinkat:signal=SIGSTOP:when=1 chaos-fault ls
	wait_for 10 holder_found
	wait_for 10 stopped_at "$programs/.lock"
	session
	without_guard wait_for 20 saw node_ready
	say "pause p for 500ms" "pause k for 50ms" "redis-maxmemory r share=50% for 50ms"
	wait_for 20 saw reverted '.node == "p"'
	in_time
	refute saw fault_injected '.node == "k"'
	refute saw fault_injected '.node == "r"'
	refute saw error
	kill -CONT "$HOLDER"
	wait_for 20 saw reverted '.node == "k"'
	wait_for 20 saw reverted '.node == "r"'
	in_time
	guard_goes_on
	hang_up
	ended
	assert_equal "$RC $(active)" "0 0"
	wait "$BG_PID"
}

# What strace runs; stopped_at, in_between: stopped there.
holder_found() { HOLDER=$(pgrep -P "$BG_PID" -x chaos-fault); }
stopped_at() { grep -qi '^State:.T' "/proc/$HOLDER/status" && ls -l "/proc/$HOLDER/fd" | grep -q " $1$"; }
in_between() { [ -n "$(find "$XDG_STATE_HOME/chaos/faults" -name '.f*')" ] && grep -qi '^State:.T' "/proc/$HOLDER/status"; }

# chaos-fault: whatever dies, it is put back: by the guard, or by the next chaos-fault.
load helper
load fault_helper

setup() {
	scratch
	cluster
}

teardown() {
	hang_up
	end_cluster
}

# entry KEY [UID]: of the journal.
entry() {
	local line
	read -r line <"$XDG_STATE_HOME/chaos/faults/${2:-f1}.json" && [[ $line =~ \"${1%.*}\":\{\"${1#*.}\":([^,}]*) ]] &&
		echo "${BASH_REMATCH[1]}"
}
# hold VERB NODE…: a fault held in the background, confirmed.
hold() {
	bg chaos-fault "$@"
	wait_for 5 grep -q 'held for\|Ctrl-C puts it back' "$BG_ERR"
}
@test "SIGKILL of the holder: its guard puts back kill, stop and pause, and goes" {
	chaos-fault up
	local verb guard
	for verb in kill stop pause; do
		hold $verb b
		guard=$(entry guard.pid)
		alive "$guard"
		[ "$(ps -o sid= -p "$guard" | tr -d ' ')" != "$(ps -o sid= -p "$BG_PID" | tr -d ' ')" ]
		kill -KILL "$BG_PID"
		wait_for 5 none_active
		wait_for 5 gone "$guard"
		http_up "${HTTP_PORTS[1]}"
		run --separate-stderr -0 chaos-fault ls --json b
		jq -e '.state == "up" and .fault == null' <<<"$output"
		assert_equal "$stderr" ""
	done
}

@test "libcurl cannot be loaded: no fault before it is known, exit 6; a guard undoes all the same" {
	chaos-fault up
	sed -i "s/--name, b]/&, ready_within: 1s/" config.yaml
	mkdir late
	LD_LIBRARY_PATH=$PWD/late hold pause b
	echo "no library" >late/libcurl.so.4
	LD_LIBRARY_PATH=$PWD/late run -6 chaos-fault pause a --for 1s
	assert_line --regexp "pause 'a': not done: 'a' .*'http://127.0.0.1:${HTTP_PORTS[0]}': .*start libcurl"
	assert_equal "$(active)" 1
	kill -KILL "$BG_PID"
	wait_for 5 http_up "${HTTP_PORTS[1]}"
	wait_for 10 grep -q "the pause of 'b' .*not .*put back: .*start libcurl" "$XDG_STATE_HOME/chaos/guard.log"
	# The guard did not see b answer: the next that can ask it does.
	assert_equal "$(active)" 1
	wait_for 20 eval 'chaos-fault ls b; none_active'
}

@test "SIGKILL of a session: its faults and the nodes it brought up; others stay" {
	chaos-fault up a
	session --bring-up http --all-down
	say "kill b" "pause a" "stop c"
	wait_for 5 eval '[ "$(grep -c fault_injected "$EVENTS")" -eq 3 ]'
	assert_equal "$(active)" 5
	kill -KILL "$SESSION"
	wait_for 5 none_active
	run --separate-stderr -0 chaos-fault ls --json
	jq -se 'map(.state) == ["up", "down", "down"] and .[0].ready' <<<"$output"
	assert_equal "$stderr" ""
}

@test "the whole process group is killed: the guard is in none of it" {
	chaos-fault up
	bg setsid -w chaos-fault kill b
	wait_for 5 grep -q 'Ctrl-C puts it back' "$BG_ERR"
	kill -KILL -- "-$(ps -o pgid= -p "$(entry owner.pid)" | tr -d ' ')"
	wait_for 5 none_active
	http_up "${HTTP_PORTS[1]}"
}

@test "Ctrl-Z, then the deadline passes: put back all the same" {
	chaos-fault up a b
	local verb node pid
	for verb in kill pause; do
		node=a
		[ $verb = kill ] || node=b
		pid=$(field $node pid)
		bg chaos-fault $verb $node --for 2s --json
		wait_for 5 grep -q fault_injected "$BG_OUT"
		kill -STOP "$BG_PID"
		wait_for 8 none_active
		is $node up
		[ $verb = kill ] || assert_equal "$(field $node pid)" "$pid"
		kill -CONT "$BG_PID"
		wait "$BG_PID"
		jq -se '.[-1].event == "reverted" and .[-1].by_other' "$BG_OUT"
		is $node up
	done
}

# told: the entry of the one fault has the deadline that counts from its confirmation, the last before its holder tells of it.
told() { [ "$(grep -c deadline_mono_ns "$XDG_STATE_HOME"/chaos/faults/f1.json)" -eq 2 ]; }

@test "stopped while a reader that has stalled keeps it from telling of the fault: put back at the deadline" {
	chaos-fault up
	mkfifo stalled
	exec 8<>stalled
	head -c 65536 /dev/zero >&8 # all that a pipe holds
	setsid chaos-fault kill a --for 2s >&8 2>&8 </dev/null 3>&- &
	local owner=$!
	until told 2>/dev/null && grep -q '^State:.*S' "/proc/$owner/status"; do alive "$owner"; done
	kill -STOP "$owner"
	wait_for 8 none_active
	is a up
	kill -CONT "$owner"
	wait_for 5 gone "$owner"
	exec 8>&-
}

# turns PID: sets TURNS to how often it has waited; without a fork, since guards do not wait for long. past MICROSECONDS:
# that time has come.
turns() {
	local key value
	while read -r key value; do [ "$key" != voluntary_ctxt_switches: ] || TURNS=$value; done <"/proc/$1/status"
}
past() { [ "${EPOCHREALTIME/./}" -gt "$1" ]; }

@test "a machine that stands still at the deadline: the owner puts back, though its guard had its turn first" {
	local guard seen
	chaos-fault up
	session
	say "kill a for 2s" "pause b for 2s"
	wait_for 5 eval '[ "$(grep -c fault_injected "$EVENTS")" -eq 2 ]'
	guard=$(entry guard.pid)
	kill -STOP "$SESSION" "$guard"
	wait_for 10 past "$(jq -s 'map(select(.event == "fault_injected").t) | (max + 2.5) * 1000000 | floor' "$EVENTS")"
	turns "$guard"
	seen=$TURNS
	kill -CONT "$guard"
	while [ "$TURNS" -le "$seen" ]; do turns "$guard"; done
	kill -CONT "$SESSION"
	hang_up
	ended
	assert_equal "$RC" 0
	jq -se 'map(select(.event == "reverted")) | length == 2 and all(.[]; .by_other != true)' "$EVENTS"
	assert_equal "$(active)" 0
	is a up
	is b up
}

@test "Ctrl-Z while nothing is due holds, and going on puts back as ever" {
	chaos-fault up
	hold kill a
	kill -STOP "$BG_PID"
	run chaos-fault ls --json a
	jq -e '.state == "down" and .fault.owned' <<<"$output"
	kill -CONT "$BG_PID"
	kill -INT "$BG_PID"
	wait "$BG_PID" || true
	is a up
}

@test "the guard alone is killed: another takes its place" {
	chaos-fault up
	hold kill a
	killed "$(entry guard.pid)"
	wait_for 5 grep -q "guard .*killed.* new .*started" "$BG_ERR"
	is a down
	kill -KILL "$BG_PID"
	wait_for 5 none_active
	http_up "${HTTP_PORTS[0]}"
}

@test "signals that are meant for the owner do not end the guard" {
	chaos-fault up
	hold kill a
	local guard sig
	guard=$(entry guard.pid)
	for sig in INT TERM HUP QUIT TSTP USR1; do kill -$sig "$guard"; done
	is a down
	kill -KILL "$BG_PID"
	wait_for 5 none_active
	http_up "${HTTP_PORTS[0]}"
}

@test "holder and guard both killed: the next chaos-fault says so and puts back" {
	chaos-fault up
	local holder
	hold kill a
	holder=$BG_PID
	killed "$(entry guard.pid)" "$holder"
	run --separate-stderr -0 chaos-fault ls --json a
	jq -e '.state == "up" and .ready and .fault == null' <<<"$output"
	assert_line_says "$stderr" f1 "(kill of 'a')" "left over:" "process $holder," guard dead "putting it back"
	hold pause b
	killed "$(entry guard.pid)" "$BG_PID"
	run -0 chaos-fault pause b --for 100ms
	is b up
	assert_equal "$(active)" 0
}

@test "session and guard both killed: faults and nodes brought up are put back" {
	chaos-fault up a
	session --bring-up http
	say "kill b" "pause a"
	wait_for 5 eval '[ "$(grep -c fault_injected "$EVENTS")" -eq 2 ]'
	killed "$(entry guard.pid)" "$SESSION"
	chaos-fault ls
	run --separate-stderr -0 chaos-fault ls --json
	jq -se 'map(.state) == ["up", "down", "down"] and .[0].ready' <<<"$output"
	assert_equal "$stderr" ""
	assert_equal "$(active)" 0
}

@test "what is left over needs no config to be put back" {
	chaos-fault up
	hold kill a
	killed "$(entry guard.pid)" "$BG_PID"
	mkdir elsewhere
	mv config.yaml elsewhere/
	run -2 chaos-fault up
	assert_output --partial "left over"
	http_up "${HTTP_PORTS[0]}"
	mv elsewhere/config.yaml .
	is a up
}

@test "undo: by UID, all, of a live holder too; unknown ones are refused" {
	chaos-fault up
	run -2 chaos-fault undo f9
	assert_says "$output" chaos-fault: "no active fault 'f9'" "no fault"
	run -2 chaos-fault undo
	hold kill a
	local first=$BG_PID err=$BG_ERR
	hold pause b
	run -2 chaos-fault undo f9
	assert_output --partial "there are f1, f2"
	run -2 chaos-fault undo b
	assert_says "$output" chaos-fault: undo fault node "'b'" "f2 (pause)" "'chaos-fault undo f2'"
	run -0 chaos-fault undo f1
	is a up
	is b paused
	kill -INT "$first"
	wait "$first" || true
	assert_line_says "$(<"$err")" a "put back already"
	run -0 chaos-fault undo --all
	is b up
	assert_equal "$(active)" 0
	run -0 chaos-fault undo --all
	assert_output --partial "nothing to undo"
}

@test "an entry of another boot is dropped and touches nothing" {
	chaos-fault up a b
	hold kill a
	killed "$(entry guard.pid)" "$BG_PID"
	sed -i 's/"world":"[^ ]*/"world":"00000000-0000-0000-0000-000000000000/' \
		"$XDG_STATE_HOME/chaos/faults/f1.json"
	run -0 chaos-fault ls a
	assert_output --partial "from before the last boot"
	is a down
	assert_equal "$(active)" 0
	http_up "${HTTP_PORTS[1]}"
}

# An entry as it has been written from the first version on: no key beyond these is needed.
@test "an entry of an older version is read, listed and undone" {
	chaos-fault up a
	local state=$XDG_STATE_HOME/chaos file key pid ticks world
	file=$(echo "$state"/nodes/a-*/process.json)
	key=$(basename "$(dirname "$file")")
	pid=$(jq .pid "$file") ticks=$(jq .start_ticks "$file") world=$(jq -r .world "$file")
	kill -STOP "$pid"
	mkdir -p "$state/faults"
	cat >"$state/faults/f7.json" <<-END
		{"format":"chaos-fault-journal/1","fault":"f7","action":"pause","node":"a","kind":"process","key":"$key","target":{"pid":$pid,"start_ticks":$ticks},"owner":{"pid":1,"start_ticks":1},"guard":{"pid":1,"start_ticks":1},"world":"$world","since":1795749965.462976,"how":{"config":"$PWD/config.yaml","dir":"$PWD","url":"http://127.0.0.1:${HTTP_PORTS[0]}","mode":"http","argv":["chaos-node","--port","${HTTP_PORTS[0]}","--name","a"],"ready":"get","ready_path":"/health","ready_within_s":20.0}}
		{"begun":true}
		{"failed":true}
	END
	run -0 chaos-fault undo --dry-run --all
	assert_output --partial "pidfd_open($pid), then kill("
	run -0 chaos-fault ls a
	assert_line --regexp "f7 \(pause of 'a'\) .*left over: .*not .*put back; putting it back"
	assert_equal "$(field a state)" up
	assert_equal "$(field a pid)" "$pid"
	assert_equal "$(active)" 0
}

@test "an entry of another pid namespace is never acted on from here" {
	unshare -p true 2>/dev/null || skip "no namespace without root"
	chaos-fault up
	bg unshare -p -f --kill-child sleep 60
	local there sleeper
	wait_for 5 eval 'pgrep -P '"$BG_PID"' sleep'
	sleeper=$(pgrep -P "$BG_PID" sleep)
	there=$(readlink "/proc/$sleeper/ns/pid")
	hold kill a
	killed "$(entry guard.pid)" "$BG_PID"
	sed -i "s/pid:\\[[0-9]*\\]/$there/" "$XDG_STATE_HOME/chaos/faults/f1.json"
	run -0 chaos-fault ls a
	assert_line_says "$output" another "time namespace"
	is a down
	run -5 chaos-fault undo f1
	assert_line_says "$output" "f1 (kill of 'a')" "another pid or time namespace"
	assert_equal "$(active)" 1
	kill -KILL "$sleeper" # what blocks SIGTERM is unshare
}

@test "a node of another time namespace is none that has ended" {
	unshare -T true 2>/dev/null || cannot "no time namespace here"
	chaos-fault up a b
	run -2 unshare -T --monotonic 86400 --boottime 86400 chaos-fault pause a --for 1s
	assert_line --regexp "held by process $(field a pid), .*another pid or time namespace"
	is a up
}

@test "a pid that is another process now is never signalled" {
	chaos-fault up a b
	sleep 60 3>&- &
	local bystander=$! file
	BG_PIDS+=("$bystander")
	# The journal and the record say that a is the bystander, by its pid.
	hold pause a
	killed "$(entry guard.pid)" "$BG_PID"
	sed -i "s/\"target\":{\"pid\":[0-9]*/\"target\":{\"pid\":$bystander/" \
		"$XDG_STATE_HOME/chaos/faults/f1.json"
	file=$(echo "$XDG_STATE_HOME"/chaos/nodes/a-*/process.json)
	local a
	a=$(jq .pid "$file")
	sed -i "s/\"pid\":[0-9]*/\"pid\":$bystander/" "$file"
	kill -STOP "$bystander"
	wait_for 5 grep -q '^State:.*T' "/proc/$bystander/status"
	kill -KILL "$a"
	wait_for 5 gone "$a"
	chaos-fault ls
	grep -q '^State:.*T' "/proc/$bystander/status" # no SIGCONT
	is a up
	# And the same for a kill that is asked for: the record lies about the pid.
	sed -i "s/\"pid\":[0-9]*/\"pid\":$bystander/" "$file"
	run -2 chaos-fault kill a --for 100ms
	run -0 chaos-fault down
	alive "$bystander"
	grep -q '^State:.*T' "/proc/$bystander/status"
	is a down # what a had started was found without the record
}

@test "the target dies or is restarted in the middle: the undo ends with it up, once" {
	chaos-fault up
	local pid
	hold pause a
	kill -KILL "$(field a pid)"
	kill -KILL "$BG_PID"
	wait_for 5 none_active
	http_up "${HTTP_PORTS[0]}"
	hold kill b
	chaos-fault start b
	pid=$(field b pid)
	kill -KILL "$BG_PID"
	wait_for 5 none_active
	assert_equal "$(field b pid)" "$pid"
}

@test "no room for the intent: nothing is injected, exit 6" {
	chaos-fault up
	local pid
	pid=$(field a pid)
	run -6 bash -c 'ulimit -f 0; chaos-fault kill a --for 1s'
	assert_output --partial "kill 'a': not done"
	alive "$pid"
	http_up "${HTTP_PORTS[0]}"
	assert_equal "$(active)" 0
}

@test "what an undo would be confirmed by cannot be noted: nothing is injected, exit 6" {
	chaos-fault up a
	local note
	note=$(echo "$XDG_STATE_HOME/chaos/nodes/a-"*)/confirmed
	rm -f "$note"
	mkdir "$note"
	run -6 chaos-fault kill a --all-down --for 1s
	assert_output --partial "kill 'a': not done: cannot open '$note'"
	is a up
	assert_equal "$(active)" 0
}

@test "no guard, no fault: exit 6" {
	chaos-fault up
	local pid
	pid=$(field a pid)
	rm -f "$XDG_STATE_HOME/chaos/guard.log"
	mkdir "$XDG_STATE_HOME/chaos/guard.log" # which the guard cannot write to
	run -6 chaos-fault kill a --for 1s
	assert_output --partial "no guard runs"
	rmdir "$XDG_STATE_HOME/chaos/guard.log"
	assert_equal "$(field a pid)" "$pid"
	http_up "${HTTP_PORTS[0]}"
	assert_equal "$(active)" 0
}

@test "a session whose guard is gone, and that gets no other, breaks nothing: exit 6" {
	chaos-fault up
	local pid guard log=$XDG_STATE_HOME/chaos/guard.log
	pid=$(field a pid)
	session
	say "pause b"
	wait_for 5 saw fault_injected '.node == "b"'
	guard=$(jq -r .guard.pid <(head -n 1 "$XDG_STATE_HOME/chaos/faults/f1.json"))
	rm -f "$log"
	mkdir "$log" # which a new guard cannot write to
	kill -KILL "$guard"
	wait_for 5 saw warning
	say "kill a" "restart c"
	wait_for 5 saw node_ready '.node == "c"'
	wait_for 5 saw error
	jq -se 'map(select(.event == "error")) | length == 1 and .[0].line == 2 and .[0].code == 6
		and (.[0].message | test("kill .a.: not done: no guard runs"))' "$EVENTS"
	jq -se 'map(select(.event == "fault_injected").node) == ["b"]' "$EVENTS"
	assert_equal "$(active)" 1
	# With room for its words there is another, and faults go on.
	rmdir "$log"
	say "kill a"
	wait_for 5 saw fault_injected '.node == "a"'
	guard=$(jq -r .guard.pid <(head -n 1 "$XDG_STATE_HOME/chaos/faults/f2.json"))
	alive "$guard"
	hang_up
	ended
	assert_equal "$RC" 6
	[ "$(field a pid)" != "$pid" ]
	assert_equal "$(active)" 0
}

@test "--detach: it returns, the guard holds until the deadline; undo ends it sooner" {
	chaos-fault up a b
	run -0 chaos-fault kill a --for 60s --detach
	assert_line_says "$output" guard 1m
	run -0 chaos-fault ls a
	assert_output --partial "held by its guard, process "
	is a down
	local guard
	guard=$(entry guard.pid)
	run -2 chaos-fault kill a --for 1s
	assert_says "$output" chaos-fault: "'a'" "fault f1 (kill)" already guard "process $guard"
	run -0 chaos-fault undo --all
	is a up
	wait_for 5 gone "$guard"
	run -0 chaos-fault kill a --for 1s --detach
	assert_line_says "$output" guard 1s
	wait_for 5 none_active
	http_up "${HTTP_PORTS[0]}"
	run -0 chaos-fault pause b --for 60s --detach
	guard=$(entry guard.pid)
	is b paused
	run -0 chaos-fault undo --all
	is b up
	wait_for 5 gone "$guard"
	run -2 chaos-fault kill a --detach
	assert_output --partial "--detach needs an end"
	# Its guard killed: the next one puts it back.
	chaos-fault kill a --for 60s --detach
	killed "$(entry guard.pid)"
	run -0 chaos-fault ls a
	assert_output --partial "left over"
	is a up
	# Told to end, the guard puts back first.
	chaos-fault kill a --for 60s --detach
	kill -TERM "$(entry guard.pid)"
	wait_for 5 none_active
	is a up
}

@test "config: a deadline for faults that are given none, and nodes that take no faults" {
	printf 'faults: {deadline: 500ms, protect: [b, "x*"]}\n' >>config.yaml
	chaos-fault up
	run -0 chaos-fault kill a --json
	jq -se '.[1].for_s == 0.5 and .[-1].event == "reverted"' <<<"$output"
	run -0 chaos-fault pause a --detach
	wait_for 5 none_active
	run -2 chaos-fault kill b --for 1s
	assert_output --partial "'b' is protected"
	run -2 chaos-fault pause '*' --for 1s
	assert_output --partial "'b' is protected"
	run -0 bash -c 'echo "kill b" | chaos-fault --control'
	jq -se 'any(.[]; .event == "error" and (.message | test("protected")))' <<<"$output"
	sed 's/deadline: 500ms/deadline: 0/' config.yaml >wrong.yaml
	run -2 chaos-fault --config wrong.yaml ls
	assert_line_says "$output" wrong.yaml deadline 0
}

@test "patterns name several nodes" {
	chaos-fault up
	run -0 chaos-fault pause '[ab]' --for 100ms --json
	assert_equal "$(jq -r 'select(.event == "reverted").node' <<<"$output" | sort | xargs)" "a b"
	run -2 chaos-fault kill 'z*'
	assert_output --partial "no node's name matches 'z*'"
}

@test "a session's deadline holds though the session is stopped" {
	session --bring-up http --deadline 3s
	say "kill a" "pause b"
	wait_for 5 eval '[ "$(grep -c fault_injected "$EVENTS")" -eq 2 ]'
	cp "$XDG_STATE_HOME"/chaos/faults/{f1,u1}.json .
	kill -STOP "$SESSION"
	jq -se '[.[].deadline // empty] | length == 2' f1.json u1.json
	wait_for 8 eval '[ ! -e "$XDG_STATE_HOME/chaos/faults/f1.json" ]'
	wait_for 8 eval '[ ! -e "$XDG_STATE_HOME/chaos/faults/f2.json" ]'
	kill -CONT "$SESSION"
	hang_up
	ended
	assert_equal "$RC" 0
	assert_equal "$(active)" 0
}

@test "a node that takes long to come back holds up no other" {
	# b does not get ready again at first: its undo takes all of its 2.5 s, and fails.
	sed -i "s/process: \[chaos-node, --port, '\([0-9]*\)', --name, b]/process: [sh, -c, 'while [ -e late ]; do sleep 0.1; done; exec chaos-node --port \1 --name b']/" config.yaml
	chaos-fault up
	sed -i 's/^  b: {/&ready_within: 2500ms, /' config.yaml
	touch late
	session
	say "kill b for 600ms" "pause a for 1200ms"
	wait_for 5 eval '[ "$(grep -c fault_injected "$EVENTS")" -eq 2 ]'
	local uid
	uid=$(jq -r 'select(.event == "fault_injected" and .node == "b").fault' "$EVENTS")
	kill -STOP "$SESSION"
	wait_for 5 eval '! grep -q "^State:.*T" /proc/'"$(field a pid)"'/status'
	[ -e "$XDG_STATE_HOME/chaos/faults/$uid.json" ] # still at it
	wait_for 8 grep -q '"failed"' "$XDG_STATE_HOME/chaos/faults/$uid.json"
	rm late
	kill -CONT "$SESSION"
	hang_up
	ended
	is b up
	assert_equal "$(active)" 0
}

# guards_have FILE...: the guard of each has it open, by which it knows it wherever it comes to be. It opens it when its
# turn comes, which the owner does not wait for.
guards_have() {
	local file
	for file; do
		find /proc/[0-9]*/fd -lname "$file" 2>/dev/null | cut -d/ -f3 | sort -u |
			while read -r pid; do ! grep -qzx guard "/proc/$pid/cmdline" || echo "$pid"; done | grep -q . || return
	done
}

# The owner of the pause of a, the guard of the kill of b and, its owner killed, that of the stop of c
# have in memory what the journal has lost.
@test "the journal is removed, moved, cut or overwritten: put back all the same, and seen to be" {
	chaos-fault up
	local journal=$XDG_STATE_HOME/chaos/faults way file
	for way in removed moved cut garbage; do
		hold pause a
		local first=$BG_PID err=$BG_ERR
		hold stop c
		run -0 chaos-fault kill b --all-down --for 1500ms --detach
		wait_for 1 guards_have "$journal"/f*.json
		case $way in
		removed) rm -rf "$journal" ;;
		moved) mv "$journal" "$SCRATCH/moved" ;;
		# What is put back in that moment, and removed, is not made anew.
		cut) truncate -c -s 0 "$journal"/* ;;
		garbage) for file in "$journal"/*; do head -c 3000 /dev/urandom | dd conv=nocreat of="$file" || true; done ;;
		esac
		kill -KILL "$BG_PID"
		kill -INT "$first"
		RC=0
		wait "$first" || RC=$?
		assert_equal $RC 130
		is a up
		grep -q "goes on" "$err"
		wait_for 5 is c up
		wait_for 8 is b up
		wait_for 5 none_active
	done
	# What comes back with the folder is known to be over.
	mv "$SCRATCH/moved"/* "$journal/"
	run -0 --separate-stderr chaos-fault ls
	assert_equal "$stderr" ""
	assert_equal "$(active)" 0
}

@test "an entry whose processes became others is lost: no word of an end before the node is back" {
	chaos-fault up a b
	hold pause a
	sed -i 's/"pid":[0-9]*/"pid":1/g' "$XDG_STATE_HOME"/chaos/faults/f*.json
	kill -INT "$BG_PID"
	RC=0
	wait "$BG_PID" || RC=$?
	assert_equal $RC 130
	grep -q "a goes on" "$BG_ERR"
	run ! grep "put back already" "$BG_ERR"
	is a up
}

@test "readers that have stalled hold up neither the end of a fault nor Ctrl-C" {
	chaos-fault up
	mkfifo stalled
	exec 8<>stalled
	head -c 65536 /dev/zero >&8 # all that a pipe holds
	local json a
	a=$(field a pid)
	for json in '' --json; do
		# shellcheck disable=SC2086 # an option or none
		setsid chaos-fault pause a --for 3s $json >&8 2>&8 </dev/null 3>&- &
		local timed=$!
		wait_for 5 grep -q '^State:.*T' "/proc/$a/status"
		# shellcheck disable=SC2086
		setsid chaos-fault kill b $json >&8 2>&8 </dev/null 3>&- &
		local held=$!
		wait_for 5 is b down
		wait_for 5 none_active_but b
		is a up
		kill -INT "$held"
		wait_for 5 none_active
		is b up
		wait_for 5 gone "$held"
		kill -INT "$timed" 2>/dev/null || true # with --json it waits for its reader
		wait_for 5 gone "$timed"
	done
	exec 8>&-
}
# none_active_but NODE
none_active_but() { chaos-fault ls --json | jq -se --arg n "$1" 'all(.[]; .fault == null or .node == $n)'; }

@test "a stopped guard and a killed holder: left over, for doctor too; a late undo does no harm" {
	chaos-fault up
	local guard
	hold kill a
	guard=$(entry guard.pid)
	kill -STOP "$guard"
	wait_for 5 grep -q '^State:.*T' "/proc/$guard/status"
	killed "$BG_PID"
	run -5 chaos-fault doctor
	assert_line --partial "f1 (kill of 'a')"
	assert_line --regexp "owner, process $BG_PID, .*dead, .*guard .*stopped; chaos-fault undo f1"
	run -0 --separate-stderr chaos-fault ls --json a
	jq -e '.state == "up" and .fault == null' <<<"$output"
	assert_line_says "$stderr" dead guard stopped "putting it back"
	kill -CONT "$guard"
	wait_for 5 gone "$guard"
	is a up
	# Both stopped, and the deadline passes.
	bg chaos-fault pause b --for 4s
	wait_for 5 grep -q 'held for' "$BG_ERR"
	guard=$(entry guard.pid)
	kill -STOP "$guard" "$BG_PID"
	wait_for 10 eval 'chaos-fault ls 2>&1 | grep -q "left over: .*owner, process '"$BG_PID"', .*guard .*stopped; putting it back"'
	is b up
	kill -CONT "$BG_PID" "$guard"
	wait "$BG_PID" || true
	is b up
	assert_equal "$(active)" 0
}

@test "guards killed one after the other, and one that cannot start: replaced each time" {
	chaos-fault up
	local guard last log=$XDG_STATE_HOME/chaos/guard.log
	hold kill a
	for last in 1 2 3; do
		guard=$(guard_of_f1)
		[ $last != 3 ] || { rm -f "$log" && mkdir "$log"; } # which no guard can write to
		killed "$guard"
		[ $last != 3 ] || { wait_for 5 grep -q "no guard" "$BG_ERR" && rmdir "$log"; }
		wait_for 5 eval '[ "$(grep -c "a new one is started" "$BG_ERR")" -eq '$last' ]'
		[ "$(guard_of_f1)" != "$guard" ]
	done
	is a down
	killed "$BG_PID"
	wait_for 5 none_active
	http_up "${HTTP_PORTS[0]}"
}
# guard_of_f1: as noted last.
guard_of_f1() { jq -s 'map(.guard.pid // empty)[-1]' "$XDG_STATE_HOME/chaos/faults/f1.json"; }

@test "a pid namespace that is gone: what ended with it is cleared with a word" {
	[ "$(readlink /proc/self/ns/pid)" = "pid:[4026531836]" ] || skip "not in the machine's own pid namespace"
	chaos-fault up
	hold kill a
	killed "$(entry guard.pid)" "$BG_PID"
	sed -i 's/pid:\[[0-9]*\]/pid:[1]/' "$XDG_STATE_HOME/chaos/faults/f1.json"
	run -0 chaos-fault ls a
	assert_line --regexp "f1 \(kill of 'a'\) .*pid or time namespace .*gone, .*ended"
	assert_equal "$(active)" 0
}

@test "a guard that has no descriptors left tries again until it has some; its log starts anew when it is long" {
	chaos-fault up
	local guard limit few log=$XDG_STATE_HOME/chaos/guard.log
	limit=$(grep files "/proc/$(field a pid)/limits")
	for few in 3 17 24; do # none for its look, for what the undo needs, for the start of the node
		hold kill a
		guard=$(head -n 1 "$XDG_STATE_HOME"/chaos/faults/f*.json | jq .guard.pid)
		prlimit --pid "$guard" --nofile=$few:
		killed "$BG_PID"
		wait_for 5 grep -q 'Too many open files' "$log"
		assert_equal "$(active)" 1
		# While it runs.
		truncate -s 2M "$log"
		wait_for 10 eval '[ "$(stat -c %s "$log")" -lt 1000000 ]'
		prlimit --pid "$guard" --nofile=99:
		wait_for 10 none_active
		http_up "${HTTP_PORTS[0]}"
		: >"$log"
	done
	# The node's limits are not those of whoever has started it again.
	assert_equal "$(grep files "/proc/$(field a pid)/limits")" "$limit"
}

@test "a holder that has no descriptors left: its guard's undo is not that of somebody else" {
	chaos-fault up a
	bg chaos-fault pause a --all-down --for 2s
	wait_for 5 grep -q 'held for' "$BG_ERR"
	prlimit --pid "$BG_PID" --nofile=3:
	wait_for 8 none_active
	is a up
	wait "$BG_PID" || fail "$? $(cat "$BG_ERR")"
	run -0 cat "$BG_ERR"
	assert_output --partial "and tried again"
	assert_line --regexp "(^|[^a-z])a has been put back already.*guard.*undo"
}

@test "the whole state is lost while a node is paused: it goes on, and is still a node" {
	chaos-fault up a
	local pid
	pid=$(field a pid)
	bg chaos-fault pause a --all-down --for 2s
	wait_for 5 grep -q 'held for' "$BG_ERR"
	rm -r "$XDG_STATE_HOME/chaos"
	wait "$BG_PID"
	run -0 --separate-stderr chaos-fault ls --json a
	jq -e --argjson pid "$pid" '.state == "up" and .pid == $pid' <<<"$output"
	assert_equal "$(active)" 0
}

@test "undo --forget: all of what is named or nothing, what stays is said, and nothing is touched" {
	chaos-fault up
	local pid log=$XDG_STATE_HOME/chaos/guard.log
	pid=$(field a pid)
	truncate -s 2M "$log" # which starts anew when it is that long
	hold pause a
	[ "$(stat -c %s "$log")" -lt 1000000 ]
	local first=$BG_PID
	hold kill b
	killed "$(entry guard.pid)" "$first"
	run -2 chaos-fault undo --forget f1 f2
	assert_says "$output" chaos-fault: "f2 (kill of 'b')" held "process $BG_PID" "'chaos-fault undo f2'"
	run -2 chaos-fault undo --forget f9
	run -2 chaos-fault undo --forget --dry-run f1
	assert_equal "$(active)" 2
	run -0 chaos-fault undo --forget f1
	assert_says "$output" chaos-fault: f1 "(pause of 'a')" forgotten "not put back" "pid $pid" stays
	assert_equal "$(active)" 1
	grep -q '^State:.*T' "/proc/$pid/status"
	kill -INT "$BG_PID"
	wait "$BG_PID" || true
	is b up
	run -0 chaos-fault undo --forget --all
	assert_says "$output" chaos-fault: nothing forget
	run -0 chaos-fault resume a
}

@test "a guard that does not get done is waited for, with a word; what it tries again can be forgotten" {
	chaos-fault up
	sed -i 's/--name, b]/--name, b], ready_within: 3s/' config.yaml
	hold kill b
	local guard
	guard=$(entry guard.pid)
	bg redis-server --port "${HTTP_PORTS[1]}" --bind 127.0.0.1 --save "" # no HTTP there
	wait_for 5 redis_up "${HTTP_PORTS[1]}"
	killed "$(entry owner.pid)"
	run -5 chaos-fault ls b
	assert_says "${lines[0]}" chaos-fault: died waiting guard "put back"
	assert_line --regexp "f1 \(kill of 'b'\) .*left over: .*not .*put back; putting it back"
	grep -q '"failed"' "$XDG_STATE_HOME/chaos/faults/f1.json"
	alive "$guard"
	run -0 chaos-fault undo --forget f1
	assert_line_says "$output" "f1 (kill of 'b')" forgotten not
	wait_for 8 gone "$guard"
	assert_equal "$(active)" 0
}

@test "a guard that reads the entry before it is told of it: what its dead owner began is undone at once" {
	variant torture
	chaos-fault up a b
	export CHAOS_CRASH_AT=3 CHAOS_CRASH_GUARD_AT=2 CHAOS_HOOK='case $(tr "\0" " " </proc/$PPID/cmdline) in
		*" guard "*) until [ -e "$XDG_STATE_HOME/chaos/faults/f1.json" ]; do sleep 0.01; done ;;
		*) kill -KILL "$PPID" ;;
	esac'
	run chaos-fault kill a --for 60s --detach
	unset CHAOS_CRASH_AT CHAOS_CRASH_GUARD_AT CHAOS_HOOK
	assert_equal "$status" 137
	wait_for 5 none_active
	is a up
}

@test "the journal's folder became a file: a fault that is a program is put back all the same" {
	chaos-fault up a b
	hold stutter a every=200ms share=0.5 --for 2s
	rm -r "$XDG_STATE_HOME/chaos/faults"
	: >"$XDG_STATE_HOME/chaos/faults"
	wait "$BG_PID"
	is a up
	http_up "${HTTP_PORTS[0]}"
	assert_equal "$(active)" 0
}

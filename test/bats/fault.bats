# chaos-fault: single commands.
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

@test "up starts and waits, down leaves nothing; both may be said twice" {
	run -0 chaos-fault up
	assert_output --partial "a is up (pid "
	for port in "${HTTP_PORTS[@]}"; do http_up "$port"; done
	local before
	before=$(pids)
	run -0 chaos-fault up
	assert_output --partial "a is up already"
	assert_equal "$(pids)" "$before"
	run -0 chaos-fault down
	for pid in $before; do gone "$pid"; done
	assert_equal "$(world | grep -c '"down",false,false')" 3
	run -0 chaos-fault down
	refute_output
	assert_equal "$(active)" 0
}

@test "only the nodes named are touched" {
	chaos-fault up a b
	is c down
	local b
	b=$(field b pid)
	chaos-fault restart a
	assert_equal "$(field b pid)" "$b"
	is c down
	chaos-fault down a
	is a down
	is b up
}

@test "ls: aligned for people, JSON Lines for programs" {
	chaos-fault up a
	run -0 chaos-fault ls
	assert_line --index 0 --regexp '^NODE  URL +KIND +STATE +PID +FAULT$'
	assert_line --index 1 --regexp "^a +http://127.0.0.1:${HTTP_PORTS[0]} +process +up +[0-9]+  -$"
	assert_line --index 2 --regexp '^b .* down +-  -$'
	run -0 chaos-fault ls --json
	jq -se 'length == 3 and .[0].pid > 1 and .[1].pid == null and .[0].mode == "http"' <<<"$output"
	run -2 chaos-fault ls --mode redis
}

@test "a node that drains longer than a kill is waited for: its end does not come after the undo" {
	local pid port=${HTTP_PORTS[0]} until
	sed -i "s/process: \[chaos-node, --port, '$port'.*/process: [drainnode, '$port', '6500'], ready: GET \/}/" config.yaml
	sed -n 2p config.yaml
	chaos-fault up a b
	pid=$(field a pid)
	run -3 chaos-fault kill a --signal TERM --for 1s
	assert_line --regexp "no effect .*undone: .*within 5s: process $pid .*runs"
	assert_output --partial "a is back up"
	gone "$pid"
	wait_for 5 http_up "$port" /
	# (not whether it is ready: ls gives an answer half a second, in which a machine may stand still)
	pid=$(field a pid) until=$((${EPOCHREALTIME/./} + 2500000))
	while [ "${EPOCHREALTIME/./}" -lt $until ]; do
		assert_equal "$(field a state) $(field a pid) $(active)" "up $pid 0"
	done
	wait_for 5 http_up "$port" /
}

@test "kill --for: confirmed, held for so long, put back" {
	chaos-fault up
	local old
	old=$(field b pid)
	for _ in 1 2 3; do
		run --separate-stderr -0 chaos-fault kill b --for 3s --json
		# Its guard undoes it if it has no turn for 250 ms after the deadline.
		[[ $output == *'"by_other"'* ]] || break
		old=$(field b pid)
	done
	jq -se 'map(.event) == ["fault_requested", "fault_injected", "node_down", "fault_verified",
		"revert_requested", "node_ready", "reverted"]
		and all(.[]; .node == "b" and .fault == "f1" and .action == "kill")
		and (.[4].t - .[1].t) >= 3 and (.[4].t - .[1].t) < 5 and .[4].why == "deadline"
		and .[1].took_ms > 0 and .[1].journal_ms > 0 and .[6].held_s >= 3
		and .[3].state == "down" and .[3].check == "GET /health" and .[3].answer == "Connection refused"
		and .[3].took_ms > .[1].took_ms and .[6].state == "up" and .[6].answer == "ready"
		and (map(.t) | . == sort)' <<<"$output"
	jq -se --argjson pid "$old" '.[1].pid == $pid and .[5].pid != $pid and .[5].started' <<<"$output"
	assert_equal "$stderr" ""
	gone "$old"
	http_up "${HTTP_PORTS[1]}"
	assert_equal "$(active)" 0
}

@test "the effect is seen from outside: a paused server takes connections and never answers" {
	cluster both
	chaos-fault up
	run -0 chaos-fault pause a p --for 3s --json
	jq -se 'map(select(.event == "fault_verified")) | length == 2
		and all(.[]; .state == "paused" and .answer == "none within 250ms")
		and (map(.check) | sort == ["GET /health", "PING"])' <<<"$output"
	run -0 chaos-fault kill p --for 3s
	assert_line_says "$output" p "not answer:" PING: "Connection refused"
	# What ends before it can be seen has no such event.
	run -0 chaos-fault pause a --for 1ms --json
	jq -se 'all(.[]; .event != "fault_verified") and .[-1].event == "reverted"' <<<"$output"
}

@test "a fault that does not bite is undone, exit 3" {
	cluster
	# The worker is a daemon in a session of its own, and serves on whatever becomes of its parent.
	sed -i "s/process: \[chaos-node, --port, '${HTTP_PORTS[1]}', --name, b\]/process: [bash, -c, 'setsid -f chaos-node --port ${HTTP_PORTS[1]}; exec sleep 1000']/" config.yaml
	chaos-fault up
	local worker
	worker=$(pgrep -f "^chaos-node --port ${HTTP_PORTS[1]}\$") # and not the setsid that made it
	# In a session the line says so, and the end as well.
	run -3 --separate-stderr bash -c ': >events; (echo "pause b"; until grep -q \"reverted\" events; do sleep 0.02; done) | chaos-fault --control | tee events; exit "${PIPESTATUS[1]}"'
	jq -se 'map(select(.event == "error")) | length == 1 and .[0].line == 1 and .[0].code == 3' <<<"$output"
	run -3 chaos-fault pause b --for 5s --json
	jq -se 'map(select(.event == "error")) | length == 1 and (.[0].message | test("effect.* undone.*GET /health"))' <<<"$(grep '^{' <<<"$output")"
	jq -se '.[-1].event == "reverted" and any(.[]; .why == "it had no effect")' <<<"$(grep '^{' <<<"$output")"
	alive "$worker"
	assert_equal "$(active)" 0
	# A kill finds what is left by the mark that it inherited.
	run -0 chaos-fault kill b --for 100ms
	gone "$worker"
	chaos-fault down
}

# worker.py PORT TIMES [PARENT]: a server that stands still together with the session that the file owner names, which
# it is asked from, those first times (that its parent is stopped).
standing_worker() {
	cat >worker.py <<-'END'
		import http.server, os, pathlib, signal, sys, time
		port, left, parent, owner = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:], pathlib.Path("owner")
		def stopped(pid):
		    return open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0] == "T"
		class Answers(http.server.BaseHTTPRequestHandler):
		    def do_GET(self):
		        global left
		        if left and owner.exists() and all(map(stopped, parent)):
		            left -= 1
		            pathlib.Path("stood").touch()
		            session = int(owner.read_text())
		            os.kill(session, signal.SIGSTOP)
		            time.sleep(0.7)
		            os.kill(session, signal.SIGCONT)
		            time.sleep(0.05)
		        self.send_response(200)
		        self.end_headers()
		http.server.HTTPServer(("127.0.0.1", port), Answers).serve_forever()
	END
}

@test "a machine that stands still while a node is asked is no silence of the node" {
	# What serves lives on when its parent is stopped. The first time it is asked after that, the session stands still
	# as it does itself, for longer than a node may be silent, and goes on before the answer.
	standing_worker
	free_ports 1
	echo "  w: {url: 'http://127.0.0.1:${PORTS[0]}', process: [bash, -c, 'cd $SCRATCH && setsid -f python3 worker.py ${PORTS[0]} 1 \$\$; exec sleep 600']}" >>config.yaml
	chaos-fault up
	session
	echo "$SESSION" >owner
	say "pause w"
	wait_for 20 saw reverted
	[ -e stood ]
	jq -se 'all(.[]; .event != "fault_verified") and (map(select(.event == "error").message) | length == 1
		and (.[0] | test("effect.* undone.* 500ms.*GET /health")))' "$EVENTS"
	hang_up
	ended
	assert_equal "$RC" 3
	chaos-fault down
}

@test "a machine that stands still while a node is asked before its fault is no silence of the node either" {
	variant brief
	# The first times that it is asked when the session is there, both stand still for longer than an answer may take.
	standing_worker
	free_ports 1
	echo "  w: {url: 'http://127.0.0.1:${PORTS[0]}', process: [python3, $SCRATCH/worker.py, '${PORTS[0]}', '3'], ready: tcp}" >>config.yaml
	chaos-fault up
	session
	echo "$SESSION" >o
	mv o owner
	say "pause w for 3s"
	wait_for 20 eval 'saw reverted || saw error'
	hang_up
	ended
	jq -se 'all(.[]; .event != "error") and any(.[]; .event == "fault_verified")' "$EVENTS"
	assert_equal "$RC" 0
	chaos-fault down
}

@test "kill without --for holds until Ctrl-C, and says so; stop and pause the same" {
	chaos-fault up
	local verb
	for verb in kill stop pause; do
		bg chaos-fault $verb b
		wait_for 5 eval '[ "$(field b fault.action)" = '$verb' ]'
		wait_for 5 grep -q 'Ctrl-C puts it back' "$BG_ERR"
		if [ $verb = pause ]; then is b paused; else is b down; fi
		kill -INT "$BG_PID"
		RC=0
		wait "$BG_PID" || RC=$?
		assert_equal $RC 130
		is b up
		http_up "${HTTP_PORTS[1]}"
		assert_equal "$(active)" 0
	done
}

@test "SIGTERM and SIGHUP put back too; an ignored SIGHUP (nohup) does not" {
	chaos-fault up
	local sig
	for sig in TERM HUP; do
		bg chaos-fault kill b
		wait_for 5 is b down
		wait_for 5 grep -q 'Ctrl-C puts it back' "$BG_ERR"
		kill -$sig "$BG_PID"
		RC=0
		wait "$BG_PID" || RC=$?
		assert_equal $RC $((128 + $(kill -l $sig)))
		http_up "${HTTP_PORTS[1]}"
	done
	bg nohup chaos-fault kill b
	wait_for 5 grep -q 'Ctrl-C puts it back' "$BG_ERR"
	kill -HUP "$BG_PID"
	alive "$BG_PID"
	is b down
	kill -TERM "$BG_PID"
	wait "$BG_PID" || true
	http_up "${HTTP_PORTS[1]}"
}

@test "--stay-down lets it go; start and up bring it back" {
	chaos-fault up
	run -0 chaos-fault kill --stay-down a
	assert_output --partial "it stays down"
	run -0 chaos-fault stop --stay-down b
	is a down
	is b down
	assert_equal "$(active)" 0
	run -0 chaos-fault start a
	run -0 chaos-fault up
	wait_for 5 ready_are 3
}
# ready_are N: so many nodes are up and ready, and without a fault. Who asks when the machine stands still for half a
# second gets no answer.
ready_are() { [ "$(world | grep -c '"up",true,false')" -eq "$1" ]; }

@test "several nodes at once: broken together, put back together" {
	chaos-fault up
	run -0 chaos-fault kill a b c --all-down --for 2s --json
	jq -se 'map(select(.event == "reverted")) | length == 3' <<<"$output"
	# All are down before the first is put back.
	jq -se 'map(.event) | indices("fault_injected") as $down | ($down | length) == 3
		and ($down | max) < (indices("revert_requested") | min)' <<<"$output"
	wait_for 5 ready_are 3
}

@test "stop: a node that does not heed SIGTERM is killed after a while" {
	variant brief
	cat >deaf.sh <<-'EOF'
		trap '' TERM
		while :; do sleep 1 & wait; done
	EOF
	printf 'nodes:\n  d: {url: "http://127.0.0.1:%s", process: [bash, %s], ready: tcp, ready_within: 300ms}\n' \
		"${PORTS[4]}" "$PWD/deaf.sh" >config.yaml
	run -6 chaos-fault up d
	assert_line --regexp "within 300ms: Connection refused .*tcp at 127.0.0.1:${PORTS[4]}\).* pid $(field d pid) .*left running, .*log is '$XDG_STATE_HOME/chaos/nodes/d-"
	assert_output --partial "/log', 'chaos-fault down d' stops it"
	is d up
	wait_for 5 deaf "$(field d pid)"
	run -0 chaos-fault stop d --stay-down --json
	jq -se '.[1].event == "fault_injected" and .[1].forced and .[1].took_ms >= 1000' <<<"$output"
	is d down
}
# deaf PID: it ignores SIGTERM by now.
deaf() { awk '/^SigIgn/ { exit substr($2, 13, 1) !~ /[4567cdef]/ }' "/proc/$1/status"; }

@test "nodes on ::1 are ready, whether the URL has the address or a name" {
	[ -e /proc/net/if_inet6 ] || cannot "there is no IPv6 here"
	cat >config.yaml <<-EOF
		nodes:
		  a: {url: "http://[::1]:${PORTS[0]}", process: [chaos-node, --bind, "::1", --port, "${PORTS[0]}"], ready: tcp}
		  b: {url: "http://localhost.:${PORTS[1]}", process: [chaos-node, --bind, "::1", --port, "${PORTS[1]}"], ready: GET /health}
		  c: {url: "redis://localhost.:${PORTS[2]}", process: [redis-server, --bind, "::1", --port, "${PORTS[2]}", --save, ""], ready: ping}
		  d: {url: "http://d.localhost:${PORTS[3]}", process: [chaos-node, --bind, "::1", --port, "${PORTS[3]}"], ready: GET /health}
	EOF
	run -0 chaos-fault up
	wait_for 5 ready_are 4
	run -0 chaos-fault pause b c --for 100ms
	chaos-fault down
}

@test "workers that a server forked go with it, and come back" {
	printf 'daemon off; pid nginx.pid; error_log stderr; worker_processes 2; events {}
http { access_log off; client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3;
uwsgi_temp_path t4; scgi_temp_path t5; server { listen 127.0.0.1:%s; } }\n' "${PORTS[4]}" >nginx.conf
	printf 'nodes:\n  n: {url: "http://127.0.0.1:%s", process: [nginx, -p, %s, -c, %s], ready: tcp, ready_within: 5s}\n' \
		"${PORTS[4]}" "$PWD" "$PWD/nginx.conf" >config.yaml
	chaos-fault up n
	local master workers
	master=$(field n pid)
	# It listens before it has forked them.
	wait_for 5 eval '[ "$(pgrep -c -P "$master")" -ge 2 ]'
	workers=$(pgrep -P "$master")
	bg chaos-fault pause n
	wait_for 5 grep -q 'Ctrl-C puts it back' "$BG_ERR"
	is n paused
	for pid in $workers; do wait_for 5 grep -q '^State:.*T' "/proc/$pid/status"; done
	kill -INT "$BG_PID"
	wait "$BG_PID" || true
	run -0 chaos-fault kill n --for 100ms
	for pid in $master $workers; do gone "$pid"; done
	is n up
	chaos-fault down
}

@test "a worker in a session of its own goes with its server; one that stays behind is ours" {
	cat >server.sh <<-EOF
		setsid chaos-node --port ${PORTS[4]} --name w &
		wait
	EOF
	printf 'nodes:\n  n: {url: "http://127.0.0.1:%s", process: [bash, %s]}\n' "${PORTS[4]}" "$PWD/server.sh" >config.yaml
	chaos-fault up n
	local worker
	worker=$(pgrep -f "chaos-node --port ${PORTS[4]}")
	run -0 chaos-fault pause n --for 50ms
	run -0 chaos-fault kill n --for 100ms
	gone "$worker"
	refute_output --partial "other than chaos-fault"
	http_up "${PORTS[4]}"
	# Its server dies of its own accord.
	kill -KILL "$(field n pid)"
	wait_for 5 is n foreign
	run -2 chaos-fault up n
	assert_says "$output" chaos-fault: n left
	run -0 chaos-fault down n
	wait_for 5 is n down
}

@test "a node that is started again has the limits of its first start" {
	(ulimit -S -s 4000; chaos-fault up a)
	limit() { awk '/stack size/ {print $4}' "/proc/$(field a pid)/limits"; }
	assert_equal "$(limit)" 4096000
	local turn
	for turn in 1 2; do
		(ulimit -S -s 3000; chaos-fault kill a --all-down --for 50ms)
		assert_equal "$(limit)" 4096000
	done
}

@test "a node that cannot have its limits back: which, in one line" {
	[ "$(ulimit -H -s)" = unlimited ] || cannot "the stack is limited here"
	! prlimit --core=0 -- prlimit --core=1 -- true 2>/dev/null || cannot "hard limits may be raised here"
	(ulimit -S -s 4000; chaos-fault up a)
	local lacks='it has less than at its first start, which this chaos-fault may not raise: stack, hard limit, 32768000 (was unlimited)'
	run -0 --separate-stderr bash -c 'ulimit -S -s 4000; ulimit -H -s 32000; exec chaos-fault restart a'
	assert_regex "$stderr" "chaos-fault: warning: a: $(sed 's/[()]/\\&/g' <<<"$lacks")"
	# (without a deadline, after which its guard may come first)
	bg bash -c 'ulimit -S -s 4000; ulimit -H -s 32000; exec chaos-fault kill a --all-down --json'
	wait_for 5 grep -q fault_verified "$BG_OUT"
	kill -INT "$BG_PID"
	wait "$BG_PID" || [ $? -eq 130 ]
	jq -se --arg lacks "$lacks" 'map(select(.event == "warning")) | map([.node, .message]) == [["a", $lacks]]' "$BG_OUT"
	run -0 --separate-stderr chaos-fault restart a # by which it has them again
	refute grep warning <<<"$stderr"
}

@test "restart: another process; resume: the same" {
	chaos-fault up a
	local old
	old=$(field a pid)
	run -0 chaos-fault restart a --json
	jq -se 'map(.event) == ["node_down", "node_ready"] and .[1].started' <<<"$output"
	[ "$(field a pid)" != "$old" ]
	old=$(field a pid)
	kill -STOP "$old"
	wait_for 5 is a paused
	run -2 chaos-fault start a
	assert_line --regexp "'a' .*paused; 'chaos-fault resume a'"
	run -2 chaos-fault pause a
	run -0 chaos-fault resume a
	assert_output --partial "a goes on (pid $old)"
	assert_equal "$(field a pid)" "$old"
	is a up
}

@test "somebody else's process on the port: refused, named, untouched" {
	bg chaos-node --port "${HTTP_PORTS[1]}" --name foreign
	wait_for 5 http_up "${HTTP_PORTS[1]}"
	run -2 chaos-fault up
	assert_line_says "$output" chaos-fault: "'b':" "port ${HTTP_PORTS[1]}" "process $BG_PID (chaos-node)" not start
	is a down
	is b foreign
	assert_equal "$(field b pid)" "$BG_PID"
	for verb in start restart kill stop pause resume; do
		run -2 chaos-fault $verb b
		assert_output --partial "process $BG_PID"
	done
	chaos-fault up a
	run -0 chaos-fault down
	assert_line_says "$output" warning: b: "port ${HTTP_PORTS[1]}" "process $BG_PID"
	alive "$BG_PID"
	http_up "${HTTP_PORTS[1]}"
	# What holds a container's port is told for what it is: the config that names the container was forgotten.
	cp "$(command -v chaos-node)" docker-proxy
	bg ./docker-proxy --port "${HTTP_PORTS[2]}" --name foreign
	wait_for 5 http_up "${HTTP_PORTS[2]}"
	run -2 chaos-fault pause c
	assert_line --regexp "process $BG_PID \(./docker-proxy\), .*not start: .*container"
}

@test "two checkouts with the same names do not meet" {
	chaos-fault up a
	mkdir other
	cp config.yaml other/
	local pid
	pid=$(field a pid)
	run -0 bash -c 'cd other && chaos-fault ls --json a'
	assert_equal "$(jq -r .state <<<"$output")" foreign
	run -2 bash -c 'cd other && chaos-fault kill a'
	assert_line --regexp "node of another config, '$PWD/config.yaml'"
	# One that writes its title over its environment is known by its record.
	printf 'nodes: {s: {url: "redis://127.0.0.1:%s", process: [redis-server, --port, "%s", --bind, 127.0.0.1, --save, ""]}}\n' \
		"${HTTP_PORTS[1]}" "${HTTP_PORTS[1]}" >redis.yaml
	cp redis.yaml other/
	chaos-fault --config redis.yaml up
	run -2 chaos-fault --config other/redis.yaml up
	assert_line --regexp "\(redis-server\), .*node of another config, '$PWD/redis.yaml'"
	chaos-fault --config redis.yaml down
	run -0 bash -c 'cd other && chaos-fault down'
	assert_equal "$(field a pid)" "$pid"
	is a up
	# The same file by another way is the same cluster.
	ln -s "$PWD" link
	run -0 chaos-fault --config link/config.yaml ls --json a
	assert_equal "$(jq .pid <<<"$output")" "$pid"
}

@test "a second fault is refused with its owner's name; whoever starts the node wins" {
	chaos-fault up
	bg chaos-fault kill b
	local holder=$BG_PID
	wait_for 5 is b down
	wait_for 5 grep -q 'Ctrl-C puts it back' "$BG_ERR"
	run -2 chaos-fault pause b
	assert_says "$output" chaos-fault: "'b'" "fault f1 (kill)" already "process $holder"
	run -2 chaos-fault down
	run -0 chaos-fault start b
	local pid
	pid=$(field b pid)
	kill -INT "$holder"
	wait "$holder" || true
	assert_line_says "$(cat "$BG_ERR")" b other "than chaos-fault" started
	assert_equal "$(field b pid)" "$pid"
	assert_equal "$(active)" 0
}

@test "a node that was started by somebody else, and has ended again: exit 3, its fault did not stay" {
	chaos-fault up
	session
	say "kill b"
	wait_for 20 saw fault_verified
	chaos-fault start b 7>&-
	killed "$(field b pid)"
	hang_up
	ended
	assert_equal "$RC" 3
	saw warning '.message | test("the fault did not stay: the node was started meanwhile .*, and has ended again")'
	is b up
	assert_equal "$(active)" 0
}

# own_server COMMAND: b is started by a file of its own here, which runs that first.
own_server() {
	printf '#!/bin/sh\n%s\nexec chaos-node "$@"\n' "$1" >server
	chmod +x server
	sed -i "s,chaos-node\, --port\, '${HTTP_PORTS[1]}',$PWD/server\, --port\, '${HTTP_PORTS[1]}'," config.yaml
}

@test "that a node was started by somebody else is told also if the first try to start it again fails" {
	own_server '! rm fails 2>/dev/null || exit 1'
	chaos-fault up
	session
	say "kill b"
	wait_for 20 saw fault_verified
	chaos-fault start b 7>&-
	killed "$(field b pid)"
	touch fails
	hang_up
	ended
	[ ! -e fails ]
	assert_equal "$RC" 3
	saw warning '.message | test("the fault did not stay: the node was started meanwhile")'
	is b up
}

@test "a program that was not there when the undo first started it is nobody else's start" {
	own_server ''
	chaos-fault up
	session
	say "kill b"
	wait_for 20 saw fault_verified
	mv server away
	hang_up
	wait_for 20 saw warning '.message | test("tried again")'
	mv away server
	ended
	assert_equal "$RC" 0
	run ! saw warning '.message | test("did not stay")'
	is b up
}

@test "a pause that somebody else ended: exit 3, and its event says so" {
	chaos-fault up
	local pid
	pid=$(field b pid)
	bg chaos-fault pause b --for 3s --json
	wait_for 5 grep -q fault_verified "$BG_OUT"
	kill -CONT "$pid"
	RC=0
	wait "$BG_PID" || RC=$?
	assert_equal $RC 3
	jq -se '.[-1].event == "reverted" and .[-1].by_other' "$BG_OUT"
}

@test "the port was taken meanwhile by another server: the undo does not fight" {
	chaos-fault up
	bg chaos-fault kill b --for 3s --json
	local holder=$BG_PID out=$BG_OUT
	wait_for 5 grep -q fault_verified "$out"
	bg chaos-node --port "${HTTP_PORTS[1]}" --name rival
	RC=0
	wait "$holder" || RC=$?
	assert_equal $RC 3
	jq -se '.[-1].event == "reverted" and .[-1].by_other' "$out"
	alive "$BG_PID"
}

@test "a node that cannot be put back: exit 5, and what to do by hand" {
	chaos-fault up
	cp config.yaml patient.yaml
	sed -i 's/--name, b]/--name, b], ready_within: 2s/' config.yaml
	bg chaos-fault kill b --json
	local holder=$BG_PID out=$BG_OUT err=$BG_ERR
	wait_for 5 is b down
	bg redis-server --port "${HTTP_PORTS[1]}" --bind 127.0.0.1 --save "" # no HTTP there
	wait_for 5 redis_up "${HTTP_PORTS[1]}"
	kill -INT "$holder"
	RC=0
	wait "$holder" || RC=$?
	assert_equal $RC 5
	assert_equal "$(wc -l <"$err")" 1
	assert_says "$(cat "$err")" chaos-fault: "kill of 'b'" not "put back:" "within 2s:" "by hand: chaos-fault --config $PWD/config.yaml restart b"
	jq -se '.[-1].event == "revert_failed" and (.[-1].by_hand | test("restart b"))' "$out"
	# The next command tries again.
	run -5 chaos-fault ls b
	assert_output --partial "left over"
	kill "$BG_PID"
	wait "$BG_PID" || true
	cp patient.yaml config.yaml
	run -0 chaos-fault restart b
	is b up
	assert_equal "$(active)" 0
}

@test "a paused node that does not get ready: by hand it is resumed, not started anew" {
	cluster redis
	chaos-fault up p
	sed -i "s/    url: redis:..127.0.0.1:${REDIS_PORTS[0]}/&\n    ready_within: 500ms/" config.yaml
	bg chaos-fault pause p --all-down --json
	local holder=$BG_PID out=$BG_OUT
	wait_for 5 grep -q fault_verified "$out"
	# What it does first when it goes on.
	bg redis-cli -p "${REDIS_PORTS[0]}" eval 'for i = 1, 300000000 do end' 0
	wait_for 5 busy
	kill -INT "$holder"
	RC=0
	wait "$holder" || RC=$?
	assert_equal $RC 5
	jq -se '.[-1].event == "revert_failed" and (.[-1].by_hand | test("resume p$"))' "$out"
	# A busy machine may need very long for that loop; Redis takes the kill of a script after 5 s of it.
	wait_for 20 eval 'redis-cli -p "${REDIS_PORTS[0]}" script kill; redis_up "${REDIS_PORTS[0]}"'
	sed -i '/ready_within: 500ms/d' config.yaml
	run -0 chaos-fault resume p
	assert_equal "$(active)" 0
}
# busy: that command, longer than any probe's, waits in a socket of the node.
busy() { ss -tnH "sport = :${REDIS_PORTS[0]}" | awk '$2 > 50 { found = 1 } END { exit !found }'; }

@test "a paused node that died meanwhile is started again: exit 3, for its pause ended with it" {
	chaos-fault up
	local pid
	pid=$(field a pid)
	bg chaos-fault pause a --for 3s
	wait_for 5 grep -q 'a does not answer' "$BG_ERR"
	kill -KILL "$pid"
	RC=0
	wait "$BG_PID" || RC=$?
	assert_equal $RC 3
	assert_line_says "$(cat "$BG_ERR")" "chaos-fault: a" ended paused "back up" "(pid $(field a pid))" ms
	http_up "${HTTP_PORTS[0]}"
	assert_equal "$(active)" 0
}

@test "a paused node that died, and whose start fails at first: told all the same, exit 3" {
	local words log pid
	for words in "" "--for 3s"; do
		chaos-fault up 2>/dev/null
		pid=$(field a pid)
		log=$(echo "$XDG_STATE_HOME"/chaos/nodes/a-*/log)
		mv "$log" kept.log
		mkdir "$log" # nothing starts without one
		# shellcheck disable=SC2086 # words
		bg chaos-fault pause a $words
		wait_for 5 grep -q 'a does not answer' "$BG_ERR"
		kill -KILL "$pid"
		[ -n "$words" ] || kill -INT "$BG_PID"
		wait_for 20 grep -q 'not undone.* again' "$BG_ERR"
		rmdir "$log"
		mv kept.log "$log"
		RC=0
		wait "$BG_PID" || RC=$?
		run -0 cat "$BG_ERR"
		assert_line --regexp "^chaos-fault: a .*ended .*paused, .*; .*back up \(pid $(field a pid)\) after .* ms$"
		refute_output --partial "put back already"
		assert_equal "$words: $RC" "$words: $([ -n "$words" ] && echo 3 || echo 130)"
		assert_equal "$(active)" 0
	done
}

@test "a node that ends while starting is told at once, with its last words" {
	sed -i "s/--name, b\]/--name, b, --bogus]/" config.yaml
	run -6 timeout 10 chaos-fault up
	assert_line --regexp "up 'b': .*exited .*starting: chaos-node: .*'--bogus'.*; .*log is '$XDG_STATE_HOME/chaos/nodes/b-[0-9a-f]+/log'$"
	is a up
	is b down
	printf '#!/no/such/shell\n' >script
	chmod +x script
	sed -i "s/chaos-node, --port, '${HTTP_PORTS[2]}'/.\/script, --port, '${HTTP_PORTS[2]}'/" config.yaml
	chaos-fault down
	run -6 chaos-fault start c
	assert_output --partial "/script': No such file or directory"
}

@test "nodes run in the folder of the config, with no descriptor of ours, and a session" {
	cat >show.sh <<-EOF
		pwd
		ls -l /proc/self/fd | tail -n +2 | wc -l
		exec chaos-node --port ${PORTS[4]}
	EOF
	chmod +x show.sh
	printf 'nodes:\n  s: {url: "http://127.0.0.1:%s", process: [./show.sh]}\n' "${PORTS[4]}" >config.yaml
	sed -i '1i #!/bin/bash' show.sh
	mkdir deeper
	(cd deeper && chaos-fault --config ../config.yaml up 9</dev/null 3>&-)
	local log
	log=$(echo "$XDG_STATE_HOME"/chaos/nodes/s-*/log)
	assert_equal "$(sed -n 1p "$log")" "$SCRATCH"
	assert_equal "$(sed -n 2p "$log")" 4 # 0, 1, 2 and that of ls
	[ "$(ps -o sid= -p "$(field s pid)" | tr -d ' ')" != "$(ps -o sid= -p $$ | tr -d ' ')" ]
	run -0 bash -c 'chaos-fault restart s 2>&1 | cat' # the node holds no pipe of the caller's
}

@test "usage: one line, the nearest word, exit 2, nothing touched" {
	check() { # PIECE|PIECE… ARGUMENT…
		local pieces
		IFS='|' read -ra pieces <<<"chaos-fault:|$1"
		shift
		run -2 chaos-fault "$@"
		assert_says "$output" "${pieces[@]}"
	}
	check "command|missing"
	check "'kil'|'kill'?" kil a
	check "kill|name|node" kill
	check "node|'zebra'|a, b, c" kill zebra
	check "node|'for'|'--for 1s'?" kill a for 1s
	check "node|'all_nodes'|'*'" kill all_nodes
	check "node|'all'|'*'" start all
	check "node|'http'|--mode http" up http
	check "'a'|running|'chaos-fault start a'" kill a
	check "--for|restart" restart a --for 3
	check "--stay-down|kill|stop|pause" pause a --stay-down
	check "--stay-down|--for|contradict" kill a --stay-down --for 3
	check "--for:|'3 apples'|time span" kill a --for '3 apples'
	check "--mode|up|kill" kill a --mode http
	check "redis nodes" up --mode redis
	check "--bring-up|--control" up --bring-up http
	check "--control|stdin" --control up
	check "'nowhere.yaml'|No such file" --config nowhere.yaml ls
	rm config.yaml
	check "./config.yaml" up
	assert [ ! -e "$XDG_STATE_HOME/chaos/faults" ]
}

@test "Ctrl-C while waiting: what was started stays, and is said" {
	sed -i 's/--name, c]/--name, c], ready: GET \/never/' config.yaml
	bg chaos-fault up
	wait_for 5 is c up
	wait_for 5 grep -q "b is up" "$BG_ERR"
	kill -INT "$BG_PID"
	RC=0
	wait "$BG_PID" || RC=$?
	assert_equal $RC 130
	assert_line_says "$(cat "$BG_ERR")" interrupted started "stay up"
	run -0 chaos-fault ls
	assert_line --regexp '^c .* up, not ready '
	run -0 chaos-fault down
}

@test "several starts at once take turns: one process a node" {
	for _ in 1 2 3; do bg chaos-fault up; done
	for pid in "${BG_PIDS[@]}"; do wait "$pid"; done
	BG_PIDS=()
	assert_equal "$(cat bg.*.err | grep -c 'is up (pid')" 3
	assert_equal "$(cat bg.*.err | grep -c 'is up already (pid')" 6
}

@test "a remote node takes no faults; ls looks at it all the same" {
	bg chaos-node --port "${HTTP_PORTS[0]}"
	wait_for 5 http_up "${HTTP_PORTS[0]}"
	printf 'nodes:\n  x: {url: "http://127.0.0.1:%s"}\n' "${HTTP_PORTS[0]}" >config.yaml
	run -0 chaos-fault ls --json
	jq -e '.kind == "remote" and .state == "up" and .ready' <<<"$output"
	for verb in kill stop pause start restart; do
		run -2 chaos-fault $verb x
		assert_line_says "$output" chaos-fault: config not run
	done
	run -2 chaos-fault up
	http_up "${HTTP_PORTS[0]}"
}

@test "no state can be written: nothing is injected, exit 6" {
	chaos-fault up
	local pid state=$XDG_STATE_HOME
	pid=$(field a pid)
	mv "$state/chaos/faults" "$state/chaos/faults.away" 2>/dev/null || true
	touch "$state/chaos/faults"
	run -6 chaos-fault kill a --for 1
	assert_output --partial "not done"
	alive "$pid"
	rm "$state/chaos/faults"
}

@test "closed stdout: what is held is put back, exit 0; a full one: exit 6" {
	chaos-fault up
	bg bash -c 'set -o pipefail; chaos-fault kill b --for 1s --json | true'
	RC=0
	wait "$BG_PID" || RC=$?
	assert_equal $RC 0
	wait_for 5 http_up "${HTTP_PORTS[1]}"
	run -6 bash -c 'chaos-fault kill b --for 300ms --json >/dev/full'
	assert_output --partial "No space left on device"
	http_up "${HTTP_PORTS[1]}"
	run -6 bash -c 'chaos-fault ls >/dev/full'
	assert_equal "$(active)" 0
}

# keyless PID…: the environment of none of them has a key, though ours has.
keyless() {
	local pid
	for pid in "$@"; do
		grep -qsaz '^PATH=' "/proc/$pid/environ" || fail "process $pid has no environment to look at"
		! grep -saz '_API_KEY=' "/proc/$pid/environ" || fail "process $pid has a key"
	done
}

@test "keys of model providers are in the environment of no node and no guard" {
	local guard
	cluster
	export GROQ_API_KEY=sk-g OPENAI_API_KEY=sk-o VLLM_API_KEY=sk-v OPENROUTER_API_KEY=sk-r
	run -0 chaos-fault up
	# shellcheck disable=SC2046 # words
	keyless $(pids)
	bg chaos-fault kill a --for 60s
	wait_for 20 grep -q killed "$BG_ERR"
	guard=$(jq -s '.[0].guard.pid' "$XDG_STATE_HOME"/chaos/faults/*.json)
	keyless "$guard"
	kill -KILL "$BG_PID" # then it is the guard that starts the node
	wait_for 20 none_active # it is ready
	is a up
	# shellcheck disable=SC2046 # words
	keyless $(pids)
	run ! grep -rq sk- "$XDG_STATE_HOME"
}

@test "a node's program that is not there: exit 2 before anything is touched" {
	sed -i "s/chaos-node, --port, '${HTTP_PORTS[1]}'/no-server, --port, '${HTTP_PORTS[1]}'/" config.yaml
	local verb
	for verb in up "start b" "restart b"; do
		# shellcheck disable=SC2086 # the verb and its node
		run -2 chaos-fault $verb
		assert_output "chaos-fault: 'b': its program 'no-server' is not in PATH"
	done
	assert [ ! -e "$XDG_STATE_HOME/chaos/nodes" ]
	mkdir bin
	cp "$(command -v chaos-node)" bin/no-server
	PATH=$PWD/bin:$PATH chaos-fault up
	run -2 chaos-fault kill b --for 1s
	assert_output --partial "'no-server' is not in PATH"
	run -2 chaos-fault restart b
	run -0 chaos-fault up # what runs needs no program
	assert_equal "$(field b state)" up
}

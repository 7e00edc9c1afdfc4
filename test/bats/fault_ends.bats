# Faults that a process of their own holds, and those that end when their target has healed itself.
load helper
load fault_helper

setup() {
	scratch
	cluster
	export CHAOS_PATH=$ROOT/test/support TMPDIR=$SCRATCH
	FILE=$SCRATCH/grip
	local port=${HTTP_PORTS[0]}
	sed -i "s|^  a: .*|  a: {url: 'http://127.0.0.1:$port', process: [sh, -c, 'while chaos-node --port $port --name a; [ ! -e $SCRATCH/broken ]; do while [ -e $SCRATCH/held ]; do sleep 0.02; done; done; rm $SCRATCH/broken; exec sleep 600']}|" config.yaml
	chaos-fault up a b 2>/dev/null
}

teardown() { end_cluster; }

let_go() { none_active && [ ! -e "$FILE" ] && ! pgrep -f "$XDG_STATE_HOME/chaos/programs/.* hold" >/dev/null; }
# hold NODE: of grip, confirmed; HOLDER and CHILD are the pids of the processes that hold it.
hold() {
	bg chaos-fault grip "$@" "file=$FILE"
	wait_for 20 grep -q 'Ctrl-C puts it back' "$BG_ERR"
	read -r HOLDER CHILD <"$FILE"
}

@test "a fault is held by a process of its own, which ends with it" {
	hold a
	grep -qx "{\"holder\":{\"pid\":$HOLDER,.*" "$XDG_STATE_HOME"/chaos/faults/f1.json
	grep -qz "^CHAOS_FAULT_HOLD=$XDG_STATE_HOME/chaos/f1\$" "/proc/$CHILD/environ"
	run ! grep -qz '^BATS' "/proc/$HOLDER/environ"
	kill -INT "$BG_PID"
	wait_for 20 let_go
	gone "$HOLDER"
	gone "$CHILD"
	hold a # SIGKILL of its owner: the guard
	killed "$BG_PID"
	wait_for 20 let_go
	gone "$HOLDER"
	gone "$CHILD"
	hold a # of the guard too: the next command
	killed "$(head -n 1 "$XDG_STATE_HOME"/chaos/faults/f1.json | jq .guard.pid)" "$BG_PID"
	alive "$HOLDER"
	alive "$CHILD"
	run -0 chaos-fault ls
	let_go
	gone "$HOLDER" && gone "$CHILD"
}

@test "the pid that an entry has of its holder: whoever else has it is not signalled, and the holder ends" {
	local entry=$XDG_STATE_HOME/chaos/faults/f1.json
	hold a
	killed "$(head -n 1 "$entry" | jq .guard.pid)" "$BG_PID"
	bg setsid sleep 1000
	sed -E "s/(\"holder\":\{\"pid\":)[0-9]+/\1$BG_PID/" "$entry" >forged
	cat forged >"$entry"
	run -0 chaos-fault undo f1
	let_go
	gone "$HOLDER"
	gone "$CHILD"
	alive "$BG_PID"
}

@test "a process that held it and has ended before its time: exit 3; one that quits at once: no effect" {
	run -3 chaos-fault grip a "file=$FILE" how=dies --for 1s
	assert_line_says "$output" chaos-fault: a process hold ended
	let_go
	run -3 chaos-fault grip a "file=$FILE" how=quits --for 10s
	assert_line_says "$output" chaos-fault: "grip 'a'" "no effect" undone: program holds ended
	let_go
}

@test "crash: a supervisor starts it again, which is its end and is measured" {
	local before
	before=$(pgrep -P "$(field a pid)")
	run -0 --separate-stderr chaos-fault crash a --json
	jq -se 'map(.event) - ["node_down", "node_ready"] ==
			["fault_requested", "fault_injected", "fault_verified", "reverted"] and
		(map(select(.event == "fault_injected"))[0] | .effect == "silent" and .ends == "target") and
		(map(select(.event == "fault_injected"))[0].t as $from |
			.[-1] | .healed_s > 0 and .healed_s <= .t - $from + 0.001 and (has("by_other") or has("held_s") | not))' <<<"$output"
	gone "$before"
	http_up "${HTTP_PORTS[0]}"
	none_active
	# In a session it goes beside others, whose deadlines do not make it wait.
	printf '%s\n' "crash a" "pause b for 200ms" >lines
	run -0 --separate-stderr chaos-fault --control --all-down <lines
	jq -se 'map(select(.event == "reverted")) | map(.action) | sort == ["crash", "pause"]' <<<"$output"
}

@test "an end of its own goes with nothing that ends it: exit 2, nothing touched" {
	local before
	before=$(pgrep -P "$(field a pid)")
	run -2 chaos-fault crash a --for 5s
	assert_line_says "$output" chaos-fault: "crash 'a'" healed "no 'for'"
	run -2 chaos-fault crash a --detach
	run -2 chaos-fault --control --check <<<"crash a for 5s"
	assert_output --partial "takes no 'for'"
	run -2 chaos-fault --control <<<"crash a for 5s"
	run -2 chaos-fault crash b
	assert_line_says "$output" chaos-fault: "process $(field b pid)" "no child" kill
	run -0 chaos-fault crash a --dry-run
	assert_output --partial "until  it has healed by itself"
	alive "$before"
	# Who died before the kill has left nothing; between its two signals, a process that is stopped.
	local ask
	ask=$(jq -nc --arg pid "$before" --arg ticks "$(sed 's/.*) //' "/proc/$before/stat" | cut -d' ' -f20)" \
		'{state: {$pid, $ticks}}')
	"$ROOT/libexec/faults/crash" verify-reverted <<<"$ask"
	kill -STOP "$before"
	run -75 "$ROOT/libexec/faults/crash" verify-reverted <<<"$ask"
	"$ROOT/libexec/faults/crash" revert <<<"$ask"
	"$ROOT/libexec/faults/crash" verify-reverted <<<"$ask"
	none_active
}

@test "a target that does not heal itself is started: exit 1; by the guard too" {
	sed -i 's/^  a: {/&ready_within: 4s, /' config.yaml # which is how long it is waited for
	touch broken
	run -1 chaos-fault crash a
	assert_line_says "$output" chaos-fault: a "not healed" crash undone
	[ ! -e broken ]
	wait_for 20 http_up "${HTTP_PORTS[0]}"
	none_active
	touch broken
	bg chaos-fault crash a --json
	wait_for 20 grep -q fault_verified "$BG_OUT"
	killed "$BG_PID"
	wait_for 20 eval 'none_active && http_up "${HTTP_PORTS[0]}"'
}

@test "what has healed is left alone by the guard, and by the next command" {
	local tended whom
	tended=$(field a pid)
	for whom in owner both; do
		touch held
		bg chaos-fault crash a --json
		wait_for 20 grep -q fault_verified "$BG_OUT"
		if [ "$whom" = both ]; then
			killed "$(head -n 1 "$XDG_STATE_HOME"/chaos/faults/*.json | jq .guard.pid)" "$BG_PID"
			rm held
			run -0 chaos-fault ls
			assert_output --partial "a is back up (pid $tended)"
		else
			killed "$BG_PID"
			rm held
			wait_for 20 none_active
		fi
		alive "$tended"
		[ "$(field a pid)" = "$tended" ]
		http_up "${HTTP_PORTS[0]}"
	done
}

@test "a kind that somebody else starts again: a kill of it ends so, and takes no end" {
	mkdir -p "$SCRATCH/own/kinds"
	sed 's/"needs":/"ends": "target", &/' "$ROOT/libexec/kinds/pidfile" >own/kinds/tended
	chmod +x own/kinds/tended
	export CHAOS_PATH=$SCRATCH/own:$CHAOS_PATH
	cat >>config.yaml <<-END
		  k: {url: 'http://127.0.0.1:${REDIS_PORTS[0]}', kind: tended,
		      with: {pidfile: $SCRATCH/k.pid, run: '$(type -p chaos-node) --port ${REDIS_PORTS[0]} --name k'}}
	END
	chaos-fault up k 2>/dev/null
	local first
	first=$(cut -d' ' -f1 k.pid)
	run -2 chaos-fault kill k --for 1s
	assert_line_says "$output" chaos-fault: "kill 'k'" healed "no 'for'"
	run -2 chaos-fault kill k --stay-down
	# Who tends it.
	(until gone "$first"; do sleep 0.02; done
		jq -n --arg run "$(type -p chaos-node) --port ${REDIS_PORTS[0]} --name k" --arg pidfile "$SCRATCH/k.pid" \
			'{node: {url: "", port: 0}, with: {$run, $pidfile}}' | own/kinds/tended start) 3>&- >/dev/null 2>&1 &
	run -0 --separate-stderr chaos-fault kill k --json
	jq -se '.[-1] | .event == "reverted" and .healed_s > 0 and (has("by_other") | not)' <<<"$output"
	[ "$(cut -d' ' -f1 k.pid)" != "$first" ]
	http_up "${REDIS_PORTS[0]}"
	none_active
}

# chaos-fault on containers. engine_podman.bats is this file by another name: which engine the
# tests use, the name says. What is the same whatever the engine is stands in engine_calls.bats.
# shellcheck disable=SC2086 # $IN is words
load helper
load fault_helper
load scenario_helper
load engine_helper

setup_file() {
	local file=${BATS_TEST_FILENAME##*/engine_}
	engine_open "${file%.bats}"
}

teardown_file() {
	engine_close
}

# Nodes a and b are containers; c is one that is there but has another name.
setup() {
	scratch
	two_nodes
}

teardown() {
	end_bg
	unbox_all
}

fault() { $IN chaos-fault "$@"; }
@test "up, down, restart, resume and ls, as the engine itself sees it" {
	run -0 fault ls --json
	assert_equal "$(jq -sc 'map([.node, .kind, .state, .container])' <<<"$output")" \
		"[[\"a\",\"container\",\"up\",\"$A\"],[\"b\",\"container\",\"up\",\"$B\"]]"
	run -0 fault down
	assert_equal "$(state c-a) $(state c-b)" "exited exited"
	run -0 fault ls
	assert_line --regexp "^a .* container +down +${A:0:12} +-$"
	run -0 fault up
	assert_output --regexp "a is up \(container ${A:0:12}\) after"
	assert_equal "$(state c-a) $(state c-b)" "running running"
	up "${PORTS[0]}"
	up "${PORTS[1]}"
	engine POST "/containers/$A/pause"
	run -0 fault ls a
	assert_output --partial " paused "
	run -2 fault start a
	assert_output --partial "'a' is paused"
	run -0 fault resume a
	assert_equal "$(state c-a)" running
	run -0 fault restart a
	assert_equal "$(state c-a) $(box_id c-a)" "running $A"
}

@test "kill, stop and pause: seen at the container, held, put back as it was" {
	local verb seen undo
	for verb in kill stop pause; do
		bg $IN chaos-fault --json "$verb" a
		seen=exited undo=start
		[ $verb != pause ] || seen=paused undo=unpause
		wait_for 20 grep -q fault_injected "$BG_OUT"
		assert_equal "$(state c-a)" $seen
		assert_equal "$(state c-b)" running
		jq -se --arg id "$A" 'any(.[]; .event == "fault_injected" and .container == $id)' "$BG_OUT"
		run -0 fault undo --dry-run --all
		assert_line --regexp "^undo f[0-9]+, $verb of a \(container, container ${A:0:12}\)$"
		assert_line --regexp "^  undo +POST /containers/${A:0:12}/$undo to "
		assert_equal "$(state c-a)" $seen
		kill -INT "$BG_PID"
		wait "$BG_PID" || [ $? -eq 130 ]
		assert_equal "$(state c-a) $(box_id c-a)" "running $A"
		jq -se 'any(.[]; .event == "reverted" and (.by_other | not))' "$BG_OUT"
		up "${PORTS[0]}"
		assert_equal "$(active)" 0
	done
}

@test "the journal has the full id, the engine and the life of it; kill -9 of the tool is put back by its guard" {
	local verb
	for verb in kill pause; do
		bg $IN chaos-fault $verb a --for 60s
		wait_for 20 grep -q "$A\|in .* ms" "$BG_ERR"
		jq -se --arg id "$A" --arg at "$DOCKER_HOST" '.[0] | .kind == "container" and .target.container == $id
			and .target.engine == $at and (.target.started | length > 20)' "$XDG_STATE_HOME"/chaos/faults/*.json
		kill -KILL "$BG_PID"
		wait_for 20 in_state c-a running
		wait_for 20 none_active
		assert_equal "$(box_id c-a)" "$A"
	done
}

@test "tool and guard both killed: the next chaos-fault puts back, from the journal alone" {
	local guard
	bg $IN chaos-fault pause a --for 60s
	wait_for 20 grep -q "in .* ms" "$BG_ERR"
	guard=$(jq -s '.[0].guard.pid' "$XDG_STATE_HOME"/chaos/faults/*.json)
	killed "$BG_PID" "$guard"
	wait_for 5 gone "$guard"
	assert_equal "$(state c-a)" paused
	mv config.yaml away
	run env -u DOCKER_HOST $IN chaos-fault undo --all
	assert_line_says "$output" "left over:" owner process
	assert_equal "$(state c-a)" running
	assert_equal "$(active)" 0
}

@test "what was on a container when the machine went down is put back when it is there again" {
	local verb guard
	for verb in kill pause; do
		bg $IN chaos-fault $verb a --for 60s
		wait_for 20 grep -q "in .* ms" "$BG_ERR"
		guard=$(jq -s '.[0].guard.pid' "$XDG_STATE_HOME"/chaos/faults/*.json)
		killed "$BG_PID" "$guard"
		wait_for 5 gone "$guard"
		sed -i 's/"world":"[^ ]*/"world":"00000000-0000-0000-0000-000000000000/' \
			"$XDG_STATE_HOME"/chaos/faults/*.json
		run -0 fault ls a
		assert_line --regexp "before the last boot; putting it back"
		assert_equal "$(state c-a) $(active)" "running 0"
	done
}

@test "of another pid namespace: left alone while a process is there, put back with a word after that" {
	local guard there sleeper
	unshare -p true 2>/dev/null || cannot "only root has a pid namespace of its own"
	[ "$(readlink /proc/self/ns/pid)" = "pid:[4026531836]" ] || cannot "not in the machine's own pid namespace"
	bg unshare -p -f --kill-child sleep 60
	wait_for 5 eval 'sleeper=$(pgrep -P '"$BG_PID"' sleep)'
	there=$(readlink "/proc/$sleeper/ns/pid")
	bg $IN chaos-fault pause a --for 60s
	wait_for 20 grep -q "in .* ms" "$BG_ERR"
	guard=$(jq -s '.[0].guard.pid' "$XDG_STATE_HOME"/chaos/faults/*.json)
	killed "$BG_PID" "$guard"
	wait_for 5 gone "$guard"
	sed -i "s/\\(\"world\":\"[^ ]* \\)[^\"]*/\\1$there/" "$XDG_STATE_HOME"/chaos/faults/*.json
	run -5 fault undo --all
	assert_line --regexp "another pid or time namespace"
	assert_equal "$(state c-a) $(active)" "paused 1"
	kill -KILL "$sleeper" # what blocks SIGTERM is unshare
	wait_for 5 eval '[ ! -e "/proc/$sleeper" ]' # a zombie is in its namespace until it is reaped
	run -0 fault undo --all
	assert_line --regexp "left over: .*pid or time namespace .*gone; putting it back"
	assert_equal "$(state c-a) $(active)" "running 0"
}

@test "a container that was replaced in the middle is never touched, and the undo says so" {
	bg $IN chaos-fault kill a --for 60s
	wait_for 20 grep -q "in .* ms" "$BG_ERR"
	unbox "$A"
	box c-a "${PORTS[0]}"
	local started
	started=$(engine GET "/containers/$BOX_ID/json" | jq -r .State.StartedAt)
	wait_for 10 up "${PORTS[0]}"
	run -0 fault undo --dry-run f1
	assert_line_says "$output" undo nothing: "container ${A:0:12}" replaced "${BOX_ID:0:12}" "not touched"
	assert_line --regexp '^  lacks +nothing$'
	kill -INT "$BG_PID"
	RC=0
	wait "$BG_PID" || RC=$?
	assert_equal "$RC" 130
	run -0 cat "$BG_ERR"
	assert_line_says "$output" "container ${A:0:12}" replaced "${BOX_ID:0:12}" "not touched"
	assert_equal "$(engine GET "/containers/$BOX_ID/json" | jq -r .State.StartedAt)" "$started"
	assert_equal "$(active)" 0
}

@test "what somebody else ended, by a command to the engine: exit 3, and its event says so" {
	local verb call web='{"Labels": {"com.docker.compose.service": "web", "com.docker.compose.project": "one"}}'
	while read -r verb call; do
		# Podman restarts nothing that is paused; a double restarts nothing, and has no cgroups.
		case "$ENGINE $verb $call" in
		*'memory-limit '* | *'cpu-stress '* | *' restart'*) [[ $ENGINE_IS == *"real one" ]] || continue ;;&
		'podman pause restart'*) continue ;;
		esac
		session
		say "$verb b"
		wait_for 20 saw fault_verified || fail "$verb: $(cat "$EVENTS" "$SESSION_ERR")"
		case $call in
		again | remove) unbox "$B" ;;
		*) engine POST "/containers/$B/$call" ;;
		esac
		[ $call = remove ] || made_again
		hang_up
		ended
		assert_equal "$verb $call: $RC" "$verb $call: 3"
		saw reverted .by_other
		made_again
		assert_equal "$(state c-b) $(box_id c-b) $(active)" "running $B 0"
	done < <(printf '%s\n' "pause unpause" "pause restart?t=0" "stop start" "kill start" "kill restart?t=0" "kill again" \
		"memory-limit restart?t=0" "memory-limit remove" "cpu-stress remove") # also where an undo finds nothing left
}
# made_again: c-b, if it is not there, which then is up.
made_again() {
	[ -n "$(box_id c-b)" ] || { box c-b "${PORTS[1]}" "$web" && B=$BOX_ID; }
	wait_for 10 up "${PORTS[1]}"
}

@test "started by somebody else, and down again: exit 3, the fault did not stay" {
	session
	say "kill a"
	wait_for 20 saw fault_verified
	engine POST "/containers/$A/start"
	wait_for 10 up "${PORTS[0]}"
	engine POST "/containers/$A/kill"
	wait_for 10 in_state c-a exited
	hang_up
	ended
	assert_equal "$RC" 3
	saw warning '.message | test("the fault did not stay: somebody else started the container at .*, which has ended again")'
	assert_equal "$(state c-a) $(box_id c-a) $(active)" "running $A 0"
}

@test "one that was removed cannot be put back: exit 5, and undo when it is there again" {
	variant brief
	bg $IN chaos-fault pause a --for 60s
	wait_for 20 grep -q "in .* ms" "$BG_ERR"
	unbox "$A"
	kill -TERM "$BG_PID"
	RC=0
	wait "$BG_PID" || RC=$?
	assert_equal "$RC" 5
	assert [ "$(active)" = 1 ]
	run -5 fault undo --all
	assert_line --regexp "container ${A:0:12} .*removed,.* no other .*; by hand: .*container 'c-a' .*; or 'chaos-fault undo --forget f1'"
	# What has its name by now is not touched, and is to run.
	box_that_rests c-a "${PORTS[0]}"
	run -1 fault undo --dry-run f1
	assert_line_says "$output" undo nothing: "container ${A:0:12}" replaced "${BOX_ID:0:12}" "not touched"
	run -5 fault undo --all
	assert_line --regexp "container ${A:0:12} .*replaced .*${BOX_ID:0:12},.* not run; by hand: chaos-fault --config [^ ]*config.yaml start a$"
	engine POST "/containers/c-a/start"
	wait_for 10 up "${PORTS[0]}"
	run -0 fault undo --all
	assert_equal "$(active)" 0
}

@test "removed under a fault that is a program: its undo says so, and what makes it again" {
	[[ $ENGINE_IS == *"real one" ]] || cannot "a double's containers have no namespace of their own"
	$IN nft list ruleset >/dev/null 2>&1 || cannot "nft does not work here"
	variant brief
	bg $IN chaos-fault refuse a --for 60s
	wait_for 20 grep -q "in .* ms" "$BG_ERR"
	unbox "$A"
	kill -TERM "$BG_PID"
	RC=0
	wait "$BG_PID" || RC=$?
	assert_equal "$RC" 5
	run -0 cat "$BG_ERR"
	assert_line --regexp "container ${A:0:12} .*removed,.* no other .*; by hand: .*container 'c-a' .*; or 'chaos-fault undo --forget f1'"
	box c-a "${PORTS[0]}"
	wait_for 10 up "${PORTS[0]}"
	run -0 fault undo --all
	assert_equal "$(active)" 0
	# Another chaos-fault knows from the journal which container it was.
	run -0 fault refuse a --for 60s --detach
	run -0 fault undo --all
	assert_output --partial "a goes on (container ${BOX_ID:0:12})"
}

@test "one that was removed for good: compose makes it again, or the fault is given up, with a word" {
	variant brief
	bg $IN chaos-fault pause b --for 60s
	wait_for 20 grep -q "in .* ms" "$BG_ERR"
	run -2 fault undo --forget f1
	assert_output --partial "f1 (pause of 'b') is held by process"
	assert_equal "$(active)" 1
	# The service of another project, be it of the config's folder by now, has not taken its place.
	box c-c "$(freeports 1)" "$(jq -cn --arg dir "$SCRATCH" '{Labels: {"com.docker.compose.service": "web",
		"com.docker.compose.project": "two", "com.docker.compose.project.working_dir": $dir}}')"
	unbox "$B"
	kill -TERM "$BG_PID"
	RC=0
	wait "$BG_PID" || RC=$?
	assert_equal "$RC" 5
	run -0 cat "$BG_ERR"
	assert_line_says "$output" "container ${B:0:12}" removed "by hand: docker compose -p one up -d web" "'chaos-fault undo --forget f1'"
	run -1 fault undo --dry-run f1
	assert_line_says "$output" undo nothing: "container ${B:0:12}" removed
	assert_line --regexp "^  lacks +'b': .* 'docker compose -p one up -d web' makes it$"
	run -0 fault undo --forget f1
	assert_says "$output" chaos-fault: f1 "(pause of 'b')" forgotten "not put back" "container ${B:0:12}" stays
	run -2 fault undo --forget f1
	assert_equal "$(active)" 0
}

@test "a restart policy: no word of it where the engine takes a kill for one by hand; a crash: exit 3" {
	unbox "$A"
	box c-a "${PORTS[0]}" '{"StopSignal": "SIGINT", "HostConfig": {"RestartPolicy": {"Name": "always"}}}'
	wait_for 10 up "${PORTS[0]}"
	local words only="kill a --signal INT"
	[ "$ENGINE" = docker ] || only="stop a"
	for words in "kill a" "stop a" "$only"; do
		run -0 fault --json $words --all-down --for 100ms
		assert_equal "$(jq -sc 'map(select(.event == "warning" or .event == "fault_injected").event)' <<<"$output")" \
			'["fault_injected"]'
	done
	# A crash, not a command to stay down; Podman starts it again a little later.
	run fault kill a --signal TERM --all-down --for 100ms
	assert_line --regexp "restart policy is 'always': after TERM, .*again before the fault ends"
	[ "$ENGINE" = docker ] || return 0
	assert_equal "$status" 3
	assert_line --regexp "started again at once .*restart policy 'always'"
	assert_equal "$(state c-a) $(active)" "running 0"
}

@test "crash: its first process dies from outside; the restart policy heals it, or it is started: exit 1" {
	[[ $ENGINE_IS == *"the real one" ]] || skip "a double has no processes"
	unbox "$A"
	box c-a "${PORTS[0]}" '{"HostConfig": {"RestartPolicy": {"Name": "always"}}}'
	wait_for 10 up "${PORTS[0]}"
	local pid started
	pid=$(engine GET "/containers/$BOX_ID/json" | jq .State.Pid)
	started=$(engine GET "/containers/$BOX_ID/json" | jq -r .State.StartedAt)
	run -0 --separate-stderr fault --json crash a
	jq -se '.[-1] | .event == "reverted" and .healed_s > 0 and (has("by_other") | not)' <<<"$output"
	gone "$pid"
	assert_equal "$(state c-a) $(box_id c-a) $(active)" "running $BOX_ID 0"
	[ "$(engine GET "/containers/$BOX_ID/json" | jq -r .State.StartedAt)" != "$started" ]
	sed -i 's/compose: web/&, ready_within: 3s/' config.yaml
	run -1 fault crash b
	assert_line_says "$output" chaos-fault: b "not healed" crash undone
	assert_equal "$(state c-b) $(active)" "running 0"
}

@test "signals: --signal and the config's; one that the node survives is no fault" {
	run -0 fault --json kill a --signal sigterm --for 100ms
	run -3 fault kill a --signal URG --for 5s
	assert_line_says "$output" effect undone
	run -2 fault kill a --signal TREM
	assert_line --regexp "'TREM' .*no signal; .*'TERM'[?]"
	run -2 fault pause a --signal TERM
	assert_equal "$(state c-a) $(active)" "running 0"
}

@test "one that removes itself is neither killed nor stopped" {
	box gone "$(freeports 1)" '{"HostConfig": {"AutoRemove": true}}'
	echo "  g: {url: 'http://127.0.0.1:1', container: gone}" >>config.yaml
	run -2 fault kill g
	assert_line --regexp "'g': .*removes itself .*\(--rm\)"
	run -2 fault stop g
	assert_equal "$(state gone)" running
}

@test "a health check says when it is ready, if its URL answers" {
	unbox "$A"
	box c-a "${PORTS[0]}" '{"Healthcheck": {"Test": ["CMD", "chaos-node", "--check", "--port", "'"${PORTS[0]}"'"],
		"Interval": 300000000, "Retries": 2}}'
	if [ "$ENGINE" = docker ]; then
		run -0 fault restart a
		assert_equal "$(engine GET /containers/c-a/json | jq -r .State.Health.Status)" healthy
		run -0 fault ls a
		assert_output --regexp ' up +'
	fi
	[[ $ENGINE_IS == "docker "* ]] || return 0
	unbox c-a
	box c-a "${PORTS[0]}" '{"Healthcheck": {"Test": ["CMD", "chaos-node", "--check", "--port", "1"],
		"Interval": 300000000, "Retries": 2}}'
	sed -i 's/container: c-a/&, ready_within: 2s/' config.yaml
	run -6 fault restart a
	assert_line --regexp "within 2s: .*health check .*'(starting|unhealthy)'.*; container [0-9a-f]{12} .*left running"
	run -0 fault ls a
	assert_output --partial "up, not ready"
	# content, while nothing answers at the URL: not up, and no fault
	variant brief
	unbox c-a
	box c-a "${PORTS[0]}" '{"Healthcheck": {"Test": ["CMD", "chaos-node", "--check", "--port", "'"${PORTS[0]}"'"],
		"Interval": 300000000, "Retries": 2}}'
	is_healthy() { [ "$(engine GET /containers/c-a/json | jq -r .State.Health.Status)" = healthy ]; }
	wait_for 20 is_healthy
	local url=http://127.0.0.1:${PORTS[0]}
	free_ports 1
	sed -i "s|$url|http://127.0.0.1:${PORTS[0]}|" config.yaml
	assert_equal "$(fault ls --json a | jq -c '[.state, .ready]')" '["up",false]'
	run -6 fault up a
	assert_output --partial "not within 2s: "
	for verb in kill pause; do
		run -2 fault $verb a --for 1s
		assert_line --regexp "'a' .*not answer .*'http://127.0.0.1:${PORTS[0]}' \(Connection refused\)"
	done
	assert_equal "$(state c-a) $(active)" "running 0"
}

@test "a scenario brings up what is down, breaks it, and leaves it as it was" {
	cat >s.yaml <<-END
		name: s
		phases:
		  - {name: warm, duration: 1s, actions: [{type: start_load, target: all_nodes, rps: 50}]}
		  - {name: broken, duration: 2s, actions: [{type: kill_node, target: a}]}
		  - {name: back, duration: 1s, actions: [{type: restart_node, target: a}]}
	END
	run -0 fault down b
	run $IN chaos-scenario --scenario s.yaml --run-id r --mode http --progress none
	[ $status -eq 0 ] || [ $status -eq 3 ] || fail "$output"
	jq -se --arg id "$A" 'any(.[]; .event == "fault_injected" and .container == $id)
		and any(.[]; .event == "reverted")' runs/r/events.jsonl
	assert_equal "$(state c-a) $(state c-b) $(active)" "running exited 0"
	assert_equal "$(box_id c-a)" "$A"
	[[ $ENGINE_IS == *"the real one" ]] || return 0
	# what they wrote in the run, from their engine: a was running before it, and was started once
	for node in a b; do
		assert_equal "$(grep -c '^chaos-node: .*listens on' runs/r/logs/$node.log) $(stat -c %a runs/r/logs/$node.log)" "1 600"
	done
}

@test "a container that ends while it starts: what it said last is shown" {
	[[ $ENGINE_IS == *"the real one" ]] || skip "a double has no processes"
	unbox "$A"
	box c-a "${PORTS[0]}" '{"Cmd": ["chaos-node", "--prot", "1"]}'
	wait_for 10 in_state c-a exited # of its first start, which was not ours
	run -6 fault up a
	assert_line_says "$output" chaos-node: option "'--prot'" "'--port'?"
	[ "$(grep -c 'unknown option' <<<"$output")" -eq 1 ]
}

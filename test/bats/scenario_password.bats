#!/usr/bin/env bats
# Passwords in the nodes' URLs: used, and seen nowhere.
load helper
load scenario_helper

secret=s3cretpw

setup() {
	scratch
	free_ports 2
	local i
	for i in 0 1; do
		cat >"redis-$i.conf" <<-END
			port ${PORTS[i]}
			bind 127.0.0.1
			save ""
			requirepass $secret
		END
	done
	cat >config.yaml <<-END
		# redis://:$secret@127.0.0.1:${PORTS[0]} is what the first one was
		redis_nodes: ["redis://:$secret@localhost:${PORTS[0]}", "redis://default:$secret@localhost:${PORTS[1]}"]
		nodes:
		  a: {url: "redis://:$secret@127.0.0.1:${PORTS[0]}", process: [redis-server, "$SCRATCH/redis-0.conf"]}
		  b: {url: "redis://default:$secret@127.0.0.1:${PORTS[1]}",
		      process: [redis-server, "$SCRATCH/redis-1.conf", --requirepass, $secret]}
		anomaly_detection: {warmup_ignore_sec: 1}
	END
	cat >s.yaml <<-END
		name: failure
		phases:
		  - {name: before, duration_sec: 2, actions: [{type: start_load, target: all_nodes, rps: 50}]}
		  - {name: failure, duration_sec: 2, actions: [{type: kill_node, target: a}]}
		  - {name: after, duration_sec: 2, actions: [{type: restart_node, target: a}]}
	END
}

teardown() { end_cluster; }

# told FILE…: the secret is in one of them.
told() { grep -rl -e "$secret" "$@"; }

# listen: the arguments of the run and its children, again and again until it ends. A node's own are
# the user's.
listen() {
	while ! gone "$1"; do
		pgrep -af "^[^ ]*chaos-[a-z]+ " >>arguments || true
		sleep 0.05
	done
}

@test "a run with passwords in URLs works, and none is in its folder, its output or its arguments" {
	bg chaos-scenario --scenario s.yaml --run-id x --mode redis --no-llm
	listen "$BG_PID"
	wait "$BG_PID" || [ $? -eq 3 ] || fail "$(cat "$BG_ERR")"
	grep -q 'chaos-load .*--urls=fd:' arguments
	[ "$(jq .ok runs/x/load.json)" -gt 100 ]
	run told runs arguments "$BG_OUT" "$BG_ERR"
	assert_output "runs/x/config.yaml"
	# The password among a node's arguments stays, and the copy is its owner's alone.
	assert_equal "$(grep -c "$secret" runs/x/config.yaml)" 1
	assert_equal "$(stat -c %a runs/x/config.yaml)" 600
	# Rows, events and nodes still find each other.
	jq -e '[.nodes[].node] | sort == ["a", "b"]' runs/x/analysis.json
	jq -e --arg url "redis://127.0.0.1:${PORTS[0]}" '.faults[0] | .node == "a" and .url == $url' runs/x/analysis.json
	jq -es --arg url "redis://127.0.0.1:${PORTS[0]}" 'any(.[]; .event == "fault_injected" and .url == $url)' \
		runs/x/events.jsonl
	chaos-analyze runs/x/samples.csv --config runs/x/config.yaml --events runs/x/events.jsonl >again.json || [ $? -eq 3 ] # too short
	run told again.json
	assert_output ""
}

@test "chaos-fault shows no password, and needs it to put a node back" {
	chaos-fault up >out 2>&1
	chaos-fault ls >>out 2>&1
	chaos-fault ls --json >>out 2>&1
	chaos-fault doctor >>out 2>&1 || true
	chaos-fault restart b --dry-run >>out 2>&1
	chaos-fault restart b --dry-run --json >>out 2>&1
	chaos-fault kill a --for 1s >>out 2>&1
	grep -q -e '--requirepass' out
	run told out
	assert_output ""
	run -0 chaos-fault ls --json a
	jq -e '.state == "up" and .ready and .fault == null' <<<"$output"
	# Put back from the journal alone, by another command.
	chaos-fault kill a --for 30s --detach >>out 2>&1
	mv config.yaml other.yaml
	chaos-fault undo --all >>out 2>&1
	mv other.yaml config.yaml
	run -0 chaos-fault ls --json a
	jq -e '.state == "up" and .ready and .fault == null' <<<"$output"
	assert_equal "$(find "$XDG_STATE_HOME" -type f -perm /077 -exec grep -l "$secret" {} + || true)" ""
	run told out
	assert_output ""
}

@test "a message about a wrong URL does not repeat its password" {
	local url wrong=("redis://:$secret@" "redis://:$secret@127.0.0.1:x" "redsi://u:$secret@h"
		"redis://u:$secret/@h" "redis:/:$secret@h" "redis://:$secret@h:1/db")
	for url in "${wrong[@]}"; do
		run -2 chaos-load --rps 1 --duration 1s "$url"
		refute_output --partial "$secret"
		echo "nodes: {a: {url: \"$url\"}}" >config.yaml
		run chaos-fault ls
		refute_output --partial "$secret"
		echo "http_nodes: [\"$url\"]" >config.yaml
		run -2 chaos-fault ls
		refute_output --partial "$secret"
	done
	run -2 chaos-load --rps 1 --duration 1s http://127.0.0.1:1 "redis://:$secret@127.0.0.1:1"
	assert_output --partial "do not mix"
	refute_output --partial "$secret"
	rm config.yaml
}

@test "what servers repeat of a password is not shown: AUTH that is unknown, a log's line" {
	printf '%s\n' "port ${PORTS[0]}" "bind 127.0.0.1" 'save ""' 'rename-command AUTH ""' >redis-0.conf
	echo "wrongword $secret" >>redis-1.conf
	sed -i '/process:/ s/}$/, ready_within: 1s}/; s/--requirepass, [^]]*]/--port, "1"]/' config.yaml
	run chaos-fault up a
	assert_output --partial "ERR unknown command 'AUTH' (ready"
	refute_output --partial "$secret"
	run -0 chaos-fault ls a --json
	refute_output --partial "$secret"
	run chaos-load --rps 20 --duration 0.2s "redis://:$secret@127.0.0.1:${PORTS[0]}"
	assert_line --partial ",redis_other,"
	refute_output --partial "$secret"
	run -6 chaos-fault up b
	assert_output --partial "wrongword ***"
	refute_output --partial "$secret"
}

#!/usr/bin/env bats
# chaos-scenario: what it refuses, what it does, what it leaves.
bats_require_minimum_version 1.5.0

setup() {
	load helper
	load scenario_helper
	scratch
	cluster
	three_phases 1 2 1
}

teardown() { end_cluster; }

# refuses PIECES OPTIONS…: exit 2, one line on stderr with those pieces, "|" between them, nothing on stdout, nothing made.
refuses() {
	local pieces
	IFS='|' read -ra pieces <<<"chaos-scenario:|$1"
	shift
	run --separate-stderr chaos-scenario "$@"
	assert_equal "$status" 2
	assert_output ""
	assert_says "$stderr" "${pieces[@]}"
	[ ! -e runs ] || fail "made the folder of runs"
	[ ! -e state ] || fail "made a state folder"
}

@test "--check prints the plan and touches nothing" {
	run --separate-stderr chaos-scenario --check --scenario s.yaml --run-id x
	assert_success
	assert_equal "$stderr" ""
	assert_line --index 0 "node_failure_recovery: 3 phases, 4s, http"
	assert_line --regexp "^ +0s +load 50/s on service-node-1, service-node-2, service-node-3$"
	assert_line --regexp "^ +1s +kill service-node-2$"
	assert_line --regexp "^ +lifted at 3s: start$"
	assert_line --regexp "^ +3s +restart service-node-2$"
	assert_line --regexp "^ +4s +end$"
	[ ! -e runs ]
	[ ! -e state ]
	# names are shown without what a terminal obeys
	sed '0,/name: .*/s//name: "a\\e]0;x\\a\\x9b\\u202e"/; 0,/- name: .*/s//- name: "b\\n\\e[2J"/' s.yaml >odd.yaml
	run chaos-scenario --check --scenario odd.yaml
	assert_line --index 0 "a ]0;x   : 3 phases, 4s, http"
	assert_line --regexp "^ +0s +b  \[2J \(1s\)$"
}

@test "the scenarios that come with the toolkit are good in each mode that they are for" {
	local file names at
	for file in "$ROOT"/scenarios/*.yaml; do
		grep -Fq "(${file##*/})" "$ROOT/scenarios/README.md" || fail "not in README.md: $file"
	done
	# those for a config of chaos-init take the load that it writes
	{ cat config.yaml; printf 'loads:\n  main: {target: all_nodes}\n'; } >own.yaml
	for file in capacity first first-load kill-one pause-one; do
		run -0 chaos-scenario --check --config own.yaml --scenario "$ROOT/scenarios/$file.yaml"
	done
	for at in remedies redis-sentinel redis-cluster; do placed $at $at; done
	while read -r at names; do
		for file in $names; do
			run -0 chaos-scenario --check --config "$at.yaml" --scenario "$ROOT/scenarios/$file.yaml"
		done
	done <<-END
		remedies/without kill-one pause-one rolling-restart behind-balancer brown-out slow-dependency cascade retry-storm
		remedies/with retry-storm
		redis-sentinel/without redis-primary
		redis-sentinel/config redis-primary
		redis-sentinel/partition-without partition
		redis-sentinel/partition-with partition
		redis-cluster/without shard-loss
		redis-cluster/config shard-loss
	END
	for file in "$ROOT"/scenarios/{baseline,failure,redis-pause}.yaml "$ROOT"/demo/*.yaml; do
		for mode in http redis; do
			# what a Redis alone can take
			! { [ $mode = http ] && grep -q 'type: redis-' "$file"; } || continue
			run chaos-scenario --check --scenario "$file" --mode $mode
			assert_success
		done
	done
}

@test "a wrong command line is refused" {
	refuses "--scenario|missing" --run-id x
	refuses "--run-id|missing" --scenario s.yaml
	refuses "option|'--scenarioo'|'--scenario'?" --scenarioo s.yaml
	refuses "mode|'htp'|http|redis" --scenario s.yaml --run-id x --mode htp
	refuses "argument|'s.yaml'|--scenario" s.yaml
	refuses "'../x'|run id|1 to 64|A-Z a-z 0-9 . _ -" --scenario s.yaml --run-id ../x
	refuses "'..'|run id|1 to 64|A-Z a-z 0-9 . _ -" --scenario s.yaml --run-id ..
	local long=1234567890123456789012345678901234567890123456789012345678901234567
	refuses "'$long'|run id|67 characters|64" --scenario s.yaml --run-id $long
	refuses "'latest'|run id|last run" --scenario s.yaml --run-id latest
	refuses "open|'no.yaml':|No such file or directory" --scenario no.yaml --run-id x
	refuses "open|'no.yaml':|No such file or directory" --scenario s.yaml --run-id x --config no.yaml
	mv config.yaml other.yaml
	refuses "no nodes|./config.yaml|--config" --scenario s.yaml --run-id x
	mv other.yaml config.yaml
	refuses "run 'b'|folder 'runs'" --scenario s.yaml --run-id x --baseline-id b
}

@test "what is wrong in a scenario is said with file, line and column" {
	sed -i 's/kill_node/kil_node/' s.yaml
	refuses "s.yaml:11:16:|action|'kil_node'|'kill_node'?" --scenario s.yaml --run-id x
	three_phases 1 2 1
	sed -i 's/service-node-2/service-node-22/' s.yaml
	refuses "s.yaml:11:35:|node|'service-node-22'|'service-node-2'?" --scenario s.yaml --run-id x
	three_phases 1 2 1
	sed -i '0,/all_nodes/s//all_node/' s.yaml
	refuses "s.yaml:7:36:|node|'all_node'|'all_nodes'?" --scenario s.yaml --run-id x
	three_phases 1 2 1
	sed -i 's/continue_load, target: all_nodes/continue_load, target: service-node-1/' s.yaml
	refuses "s.yaml:16:39:|loads|without a name|same targets" --scenario s.yaml --run-id x
	three_phases 1 2 1
	sed -i 's/start_load, target: all_nodes, rps: 50/stop_load/' s.yaml
	sed -i 's/, target: all_nodes, rps: 50//' s.yaml
	refuses "s.yaml:16:9:|continue_load|'rps'|no load|started" --scenario s.yaml --run-id x
	three_phases 1 2 1
	sed -i 's/restart_node/pause_node/' s.yaml
	refuses "s.yaml:15:9:|'service-node-2'|fault|line 11" --scenario s.yaml --run-id x
	three_phases 1 2 1
	sed -i 's/kill_node, target: service-node-2/kill_node, target: all_nodes/' s.yaml
	refuses "s.yaml:11:9:|kill 'service-node-1'|no http node up|'all_down: true'" --scenario s.yaml --run-id x
	sed -i 's/target: all_nodes}/target: all_nodes, pick: primary}/' s.yaml
	refuses "s.yaml:11:9:|kill:|none|Redis primary" --scenario s.yaml --run-id x
	sed -i 's/pick: primary/pick: 4/' s.yaml
	refuses "s.yaml:11:9:|kill:|pick 4:|3|nodes" --scenario s.yaml --run-id x
	three_phases 1 2 1
	sed -i 's/restart_node, target: service-node-2/restart_node, target: service-node-2, for: 1s/' s.yaml
	refuses "s.yaml:15:9:|'for'|faults|restart" --scenario s.yaml --run-id x
	printf 'phases: [{duration: 1}]\n' > s.yaml
	refuses "s.yaml:1:10:|no phase|load" --scenario s.yaml --run-id x
	printf 'phases:\n\t- x\n' > s.yaml
	refuses "s.yaml:2:1:|tab|spaces" --scenario s.yaml --run-id x
}

@test "a fault program runs from a scenario; its name and parameters are checked by chaos-fault" {
	export CHAOS_PATH=$ROOT/test/support
	cat > s.yaml <<-END
	phases:
	  - duration: 1s
	    actions:
	      - {type: start_load, rps: 40}
	      - {type: mark, target: service-node-1, file: $SCRATCH/delay, by: 20ms, at: 200ms, for: 500ms}
	      - {type: rogue, target: service-node-1, on: none, by: none, at: 300ms, for: 300ms}
	      - {type: pause_node, target: service-node-1, at: 400ms, for: 100ms}
	END
	run -0 chaos-scenario --check --scenario s.yaml
	assert_line --regexp "^ +200ms +mark service-node-1 file=$SCRATCH/delay by=20ms for 500ms$"
	# A bare number is seconds, and a fault ends with the scenario: both are told.
	sed 's/by: 20ms/by: 3/; s/for: 500ms/for: 90/' s.yaml >long.yaml
	run -0 --separate-stderr chaos-scenario --check --scenario long.yaml
	assert_line --regexp "^ +200ms +mark service-node-1 file=$SCRATCH/delay by=3s for 1m30s$"
	assert_line --partial "(service-node-1), 800ms of 1s; "
	assert_says "$stderr" chaos-scenario: long.yaml:5:9: "'for'" 1m30s end "'mark'" 1s
	sed 's/by: 20ms/by: 11/' s.yaml >wrong.yaml
	refuses "wrong.yaml:5:9:|mark:|by=11|11s|1ms to 10s" --scenario wrong.yaml --run-id x
	sed 's/mark/merk/' s.yaml >wrong.yaml
	refuses "wrong.yaml:5:16:|action|'merk'|'mark'?" --scenario wrong.yaml --run-id x
	sed 's/file:/fil:/' s.yaml >wrong.yaml
	refuses "wrong.yaml:5:9:|mark:|parameter|'fil'|'file'?" --scenario wrong.yaml --run-id x
	# What only degrades a node is not lifted by its restart.
	sed 's/, for: 500ms//; 7s/.*/      - {type: restart_node, target: service-node-1, at: 700ms}/' s.yaml >degraded.yaml
	run -0 chaos-scenario --check --scenario degraded.yaml
	assert_line --regexp "^ +lifted at 1s: revert$"
	# A node takes one fault that silences it, and others beside it, each name once.
	sed '6s/rogue/kill_node/; 6s/on: none, by: none, //' s.yaml >wrong.yaml
	refuses "wrong.yaml:7:9:|'service-node-1'|fault|line 6" --scenario wrong.yaml --run-id x
	sed '6s/rogue/mark/; 6s/on: none, by: none/file: other/' s.yaml >wrong.yaml
	refuses "wrong.yaml:6:9:|'service-node-1'|fault|line 5" --scenario wrong.yaml --run-id x
	sed '6s/300ms/800ms/' wrong.yaml >next.yaml
	run -0 chaos-scenario --check --scenario next.yaml
	[ ! -e delay ]
	run chaos-scenario --scenario s.yaml --run-id x --progress none
	# A node's faults come in the order of their times. Each is lifted by itself: the spans count from when it came.
	jq -es 'map(select(.event == "fault_injected").action) == ["mark", "rogue", "pause"] and
		(map(select(.event == "reverted").action) | sort) == ["mark", "pause", "rogue"]' runs/x/events.jsonl
	[ ! -e delay ]
}

@test "a seed that the fault session would refuse is refused at once" {
	refuses "--seed:|'9000000000000001'|whole|0 to 9e+15" --scenario s.yaml --run-id r --seed 9000000000000001
}

@test "a pick follows from the seed of the run, which is recorded; all may go if the scenario says so" {
	# All of it is warm-up, so that nothing is judged; each pause is over long before the next.
	sed -i 's/warmup_ignore_sec: 1/warmup_ignore_sec: 10/' config.yaml
	cat > s.yaml <<-END
	phases:
	  - {duration: 500ms, actions: [{type: start_load, rps: 50}]}
	  - duration: 6s
	    actions:
	      - {type: pause_node, target: all_nodes, pick: one, for: 100ms}
	      - {type: pause_node, target: all_nodes, pick: 2, for: 100ms, at: 2s}
	      - {type: pause_node, target: all_nodes, for: 100ms, at: 4s, all_down: true}
	END
	run -3 chaos-scenario --scenario s.yaml --run-id r1 --progress none
	seed=$(jq -s '.[0].seed' runs/r1/events.jsonl)
	run -3 chaos-scenario --scenario s.yaml --run-id r2 --progress none --seed "$seed"
	picks() { jq -c 'select(.event == "picked") | [.seed, .number, .nodes]' "runs/$1/events.jsonl"; }
	[ "$(picks r1 | wc -l)" -eq 2 ]
	assert_equal "$(picks r2)" "$(picks r1)"
	jq -es --argjson s "$seed" 'map(select(.event == "picked")) | all(.[]; .seed == $s)' runs/r1/events.jsonl
	jq -es 'map(select(.event == "fault_injected")) | length == 6' runs/r1/events.jsonl
}

# busy PIECES OPTIONS…: exit 2 with a line of those pieces, while a run goes on.
busy() {
	local pieces
	IFS='|' read -ra pieces <<<"chaos-scenario:|$1"
	shift
	run -2 chaos-scenario "$@"
	assert_says "$output" "${pieces[@]}"
}

@test "a run in progress keeps its folder and its nodes" {
	three_phases 2 120 2
	bg chaos-scenario --scenario s.yaml --run-id first --progress none
	wait_for 10 has_event first phase_start
	busy "the run 'first'|pid $BG_PID" --scenario s.yaml --run-id first
	busy "the run 'first'|pid $BG_PID" --scenario s.yaml --run-id first --force
	busy "another run|'first'|nodes|pid $BG_PID" --scenario s.yaml --run-id second
	# What touches nothing needs no node for itself.
	chaos-scenario --scenario s.yaml --check | grep -q 'blast radius'
	run -1 chaos-scenario --scenario s.yaml --lint
	refute_output --partial 'another run'
	kill -INT "$BG_PID"
	wait "$BG_PID" || [ $? -eq 130 ]
	readable first
	[ ! -e runs/second ]
	[ ! -e runs/first/.lock ]
	chaos-scenario --scenario s.yaml --check >/dev/null
}

@test "a node with a fault of another chaos-fault is refused, in time and in --check" {
	chaos-fault up
	bg chaos-fault kill service-node-2
	local fault=$BG_PID
	wait_for 5 fault_there
	for how in "--run-id x" --check; do
		# shellcheck disable=SC2086 # words
		run -2 chaos-scenario --scenario s.yaml $how
		assert_says "$output" chaos-fault: "'service-node-2'" "f1 (kill)" "process $fault"
	done
	[ ! -e runs ]
	assert_equal "$(chaos-fault ls --json service-node-2 | jq -r .state)" down
	kill -TERM "$fault"
	wait "$fault" || [ $? -eq 143 ]
	chaos-fault down
}

fault_there() { [ "$(chaos-fault ls --json service-node-2 | jq -r '.state')" = down ]; }

@test "a node of a list that is not on this machine takes load but no faults" {
	printf 'http_nodes: [http://127.0.0.1:%s, http://192.0.2.1:80]\n' "${PORTS[0]}" > config.yaml
	run -2 --separate-stderr chaos-scenario --scenario s.yaml --run-id x
	assert_says "$stderr" chaos-scenario: s.yaml:11:9: "'service-node-2' (http://192.0.2.1:80)" started broken
	[ ! -e runs ]
}

@test "in the other mode a target is the node of the same number, or an error" {
	run --separate-stderr chaos-scenario --check --scenario s.yaml --mode redis
	assert_success
	assert_line --regexp "kill redis-node-2$"
	assert_says "$stderr" chaos-scenario: redis "'service-node-2'" "'redis-node-2'" number
	sed -i 's/service-node-2/service-node-3/' s.yaml
	refuses "s.yaml:11:35:|'service-node-3'|redis node 3|no such node" --scenario s.yaml --run-id x --mode redis
}

@test "a folder that is in the way is left alone" {
	mkdir -p runs/old other
	echo precious > runs/old/samples.csv
	echo precious > other/samples.csv
	ln -s ../other runs/link
	run chaos-scenario --scenario s.yaml --run-id old
	assert_failure 2
	assert_says "$output" chaos-scenario: "'old'" exists "'runs'" --force
	run chaos-scenario --scenario s.yaml --run-id link --force
	assert_failure 2
	assert_says "$output" chaos-scenario: "'runs/link'" "in the way" "run directory"
	mkdir runs/latest
	run chaos-scenario --scenario s.yaml --run-id new
	assert_failure 2
	assert_says "$output" chaos-scenario: "'runs/latest'" "in the way" "link to the last run"
	[ ! -e runs/new ]
	run chaos-scenario --scenario s.yaml --run-id new --runs-dir s.yaml
	assert_failure 2
	assert_says "$output" chaos-scenario: "'s.yaml'" folder
	assert_equal "$(cat runs/old/samples.csv other/samples.csv)" $'precious\nprecious'
}

@test "a port that somebody else has is never taken for a node: exit 2, nothing left" {
	mkdir -p runs/old
	echo precious > runs/old/samples.csv
	bg chaos-node --port "${PORTS[1]}" --name foreign
	wait_for 10 http_up "${PORTS[1]}"
	run chaos-scenario --scenario s.yaml --run-id old --force
	assert_failure 2
	assert_output --partial "${PORTS[1]}"
	run -2 chaos-scenario --scenario s.yaml --check
	assert_line_says "$output" chaos-fault: "'service-node-2':" "port ${PORTS[1]}" "process $BG_PID" "(chaos-node)"
	run chaos-scenario --scenario s.yaml --run-id new
	assert_failure 2
	assert_equal "$(ls -A runs)" old
	assert_equal "$(cat runs/old/samples.csv)" precious
	http_up "${PORTS[1]}"
	run http_up "${PORTS[0]}"
	assert_failure
	lone
}

@test "a program that is not there is found before anything is touched: exit 2, nothing left" {
	cat >>config.yaml <<-END
	nodes:
	  service-node-2:
	    url: http://127.0.0.1:${PORTS[1]}
	    process: [chaos-no-such-server, --port, "${PORTS[1]}"]
	END
	local why=("'service-node-2':" "'chaos-no-such-server'" PATH)
	run -2 chaos-scenario --scenario s.yaml --check
	assert_says "$output" chaos-fault: "${why[@]}"
	run -2 chaos-scenario --scenario s.yaml --run-id new
	assert_line_says "$output" chaos-fault: "${why[@]}"
	run ! http_up "${PORTS[0]}"
	sed -i 's/chaos-no-such-server/chaos-node/' config.yaml
	run -0 chaos-scenario --scenario s.yaml --run-id new --check
	[ ! -e runs ]
	lone
}

@test "today's format: every slot, phases on time, the node down in between, all put back" {
	three_phases 1.5 2 6
	before=$(world)
	mkdir "my runs"
	ln -s "my runs" runs
	run chaos-scenario --scenario s.yaml --run-id run1 --mode http --runs-dir "my runs"
	assert_ran
	line=$(sed -n 's/^\*\*\(.*\)\.\*\*.*/\1/p' runs/run1/report.md) # the same words everywhere
	assert_line --regexp "^chaos-scenario: killed .*-node-2 at .* errors"
	assert_line "chaos-scenario: $line"
	assert_line_says "$output" "'my runs/run1':" "report.md throughput.png analysis.json" "chaos-report --runs-dir 'my runs' --run-id run1 > report.html"
	assert_equal "$(world)" "$before"
	lone
	readable run1
	assert_equal "$(readlink runs/latest)" run1
	assert_equal "$(($(wc -l < runs/run1/samples.csv) - 1))" 475
	jq -e '.due == 475 and .sent == 475' runs/run1/load.json
	run events run1
	assert_line --index 0 run_start
	run bash -c "grep -E 'phase_start|fault|revert|run_' <<<'$output' | tr '\n' ' '"
	assert_output "run_start phase_start phase_start fault_requested fault_injected fault_verified phase_start revert_requested reverted run_end "
	# Phases start where the schedule has them, none earlier, each by itself late where the machine stood still, and
	# errors come from the dead node alone.
	jq -es --argjson start "$(jq .start_t runs/run1/load.json)" '[.[] | select(.event == "phase_start").t - $start] |
		[.[0], .[1] - 1.5, .[2] - 3.5] | min > -0.001 and min < 0.2 and max < 1.5' runs/run1/events.jsonl
	# By how much an action was late stands in its event.
	jq -es '[.[] | select(.event == "phase_start").t] as $p | [.[] | select(.event == "fault_injected")] |
		length == 1 and all(.[]; ((.t - $p[1]) * 1000 - .late_ms | fabs) < 0.01)' runs/run1/events.jsonl
	run awk -F, -v dead="http://127.0.0.1:${PORTS[1]}" \
		'NR > 1 && $5 != "" && $2 != dead || NR > 1 && $5 == "local"' runs/run1/samples.csv
	assert_output ""
	jq -e '.run_id == "run1" and (.anomaly_windows | length) >= 1' runs/run1/analysis.json
	for file in scenario.yaml config.yaml throughput.gp throughput.png report.md; do
		[ -s runs/run1/$file ] || fail "no $file"
	done
	cmp s.yaml runs/run1/scenario.yaml
}

@test "redis: nodes that were up stay up, --force replaces the old run, a warning is an event" {
	mkdir -p runs/r outside
	ln -s ../../outside runs/r/link
	echo precious > outside/file
	chaos-fault up --mode redis
	before=$(world)
	primary=$(redis-cli -p "${PORTS[3]}" info server | grep process_id)
	# Nothing before the fault can be judged, and most of what is left is the fault, however late it begins.
	three_phases 1 3 1
	run chaos-scenario --scenario s.yaml --run-id r --mode redis --force
	assert_failure 3
	assert_line_says "$output" throughput judged
	assert_line_says "$output" "chaos-report --run-id r > report.html"
	assert_equal "$(world)" "$before"
	assert_equal "$(redis-cli -p "${PORTS[3]}" info server | grep process_id)" "$primary"
	readable r
	[ -e outside/file ]
	[ ! -e runs/r/link ]
	run events r 'select(.event == "warning").message'
	assert_output --partial "'service-node-2' stands for 'redis-node-2'"
	run bash -c "cut -d, -f7 runs/r/samples.csv | sort | uniq -c | tr -s ' '"
	assert_line " 125 GET"
	assert_line " 125 INCR"
}

@test "a fault without effect: the run ends, exit 3" {
	# The worker is a daemon in a session of its own, and serves on whatever becomes of its parent.
	cat >> config.yaml <<-END
	nodes:
	  service-node-1: {url: "http://127.0.0.1:${PORTS[0]}", process: [chaos-node, --port, "${PORTS[0]}"]}
	  service-node-2:
	    url: http://127.0.0.1:${PORTS[1]}
	    process: [bash, -c, 'setsid -f chaos-node --port ${PORTS[1]}; exec sleep 1000']
	END
	sed -i '/restart_node/d; s/kill_node/pause_node/' s.yaml
	run chaos-scenario --scenario s.yaml --run-id run1
	assert_failure 3
	assert_line --regexp "command of the scenario failed: pause 'service-node-2' .*no effect.* undone"
	run ! pgrep -f "chaos-node --port ${PORTS[1]}\$"
	jq -es 'any(.[]; .event == "error" and .code == 3) and all(.[]; .event != "revert_failed")' runs/run1/events.jsonl
}

@test "new actions: pause with a span, a pause of the load, offsets" {
	# The pause begins in the warm-up, also where the machine stands still just then.
	sed -i 's/warmup_ignore_sec: 1/warmup_ignore_sec: 2/' config.yaml
	cat > s.yaml <<-END
	phases:
	  - duration: 3s
	    actions:
	      - {type: start_load, rps: 40}
	      - {type: pause_node, target: [service-node-1, service-node-3], at: 500ms, for: 1s}
	      - {type: stop_load, at: 2s}
	      - {type: continue_load, at: 2500ms}
	END
	run chaos-scenario --scenario s.yaml --run-id p
	# Nobody failed, and there is no normal to tell slow from.
	assert_failure 3
	assert_equal "$(grep -c "latency.* judged" <<<"$output")" 1
	assert_line --regexp '^chaos-scenario: 2 faults from .*: it began in the warm-up.*; not judged: throughput, latency, fault$'
	assert_equal "$(($(wc -l < runs/p/samples.csv) - 1))" 100
	run bash -c "jq -r 'select(.event == \"reverted\") | .action + \" \" + .node' runs/p/events.jsonl | sort"
	assert_output $'pause service-node-1\npause service-node-3'
	# Each is lifted when its span is over, not before, and not by what comes after it.
	jq -es 'map(select(.event == "reverted").held_s) | length == 2 and all(.[]; . >= 1)' runs/p/events.jsonl
	jq -es 'map(select(.event == "revert_requested").why) == ["deadline", "deadline"]' runs/p/events.jsonl
	# A frozen node answers late, but it answers.
	awk -F, 'NR > 1 && $5 == "" && $4 > 400 { late++ } END { exit late < 5 }' runs/p/samples.csv
}

@test "closed standard descriptors: the run is whole, nothing strays into its files" {
	sed -i 's/duration_sec: .*/duration_sec: 1/' s.yaml
	status=0
	chaos-scenario --scenario s.yaml --run-id c <&- >&- 2>&- || status=$?
	[ $status -eq 0 ] || [ $status -eq 3 ] || fail "exit code $status"
	readable c
	assert_equal "$(wc -l < runs/c/samples.csv)" 151
	run bash -c 'chaos-scenario --check --scenario s.yaml >/dev/full'
	assert_failure 6
	assert_says "$output" chaos-scenario: "standard output:" write "No space left on device"
	run bash -c 'chaos-scenario --check --scenario s.yaml | true; echo ${PIPESTATUS[0]}'
	assert_output 0
}

@test "no child of a run but the one that asks a model gets a provider's key" {
	local pid seen=0 children
	export GROQ_API_KEY=sk-g OPENAI_API_KEY=sk-o
	echo 'llm: {base_url: "http://127.0.0.1:1/v1"}' >> config.yaml # nobody is asked
	bg chaos-scenario --scenario s.yaml --run-id k --mode http --llm --progress none
	wait_for 20 has_event k fault_injected
	# All stand still while they are looked at: none ends, and none is started.
	kill -STOP "$BG_PID"
	mapfile -t children < <(pgrep -P "$BG_PID")
	kill -STOP "${children[@]}"
	for pid in "${children[@]}" $(pids_of_nodes); do
		grep -qsaz '^PATH=' "/proc/$pid/environ" || fail "process $pid has no environment to look at"
		! grep -saz '_API_KEY=' "/proc/$pid/environ" || fail "process $pid has a key"
		seen=$((seen + 1))
	done
	[ "$seen" -ge 4 ] # load, fault, two nodes that are up
	kill -CONT "${children[@]}" "$BG_PID"
	wait "$BG_PID" || true
	run ! grep -rqE 'sk-g|sk-o' runs
}
pids_of_nodes() { chaos-fault ls --json | jq -r '.pid // empty'; }

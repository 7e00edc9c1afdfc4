#!/usr/bin/env bats
# chaos-scenario as an experiment: expectations, steady state, stop conditions, and the verdict.
bats_require_minimum_version 1.5.0

setup() {
	load helper
	load analyze_helper
	load scenario_helper
	scratch
	cluster
}

teardown() { end_cluster; }

# verdict_of RUN: its verdict, exit and the results of its expectations.
verdict_of() { jq -r '[.verdict, .exit, .expectations[].result] | @tsv' "runs/$1/verdict.json" | tr '\t' ' '; }

# judged EXPECTATIONS: chaos-analyze's answer on the run r if its scenario had had these.
judged() {
	jq -c --argjson x "$1" 'if .event == "run_start" then .expectations = $x elif .event == "run_end" then del(.checks) else . end' r.jsonl >runs/r/events.jsonl
	run --separate-stderr chaos-analyze --run-id r
}

# one TEXT [LINE]: one expectation of the second phase.
one() { jq -nc --arg t "$1" --argjson l "${2:-null}" '[{text: $t, phase: "failure", index: 1, line: $l}]'; }

@test "expectations of phases and faults make the verdict, one line for all who tell it" {
	cat > s.yaml <<-END
	steady_state:
	  - error_rate < 0.01
	  - {http: "http://127.0.0.1:${PORTS[0]}/health", mode: Continuous, timeout: 10s}
	  - {http: "http://127.0.0.1:${PORTS[1]}/health", mode: OnChaos}
	phases:
	  - {name: normal, duration: 3s, actions: [{type: start_load, rps: 50}], expect: ["error_rate == 0"]}
	  - name: failure
	    duration: 10s
	    actions:
	      - {type: kill_node, target: service-node-2, for: 1s, expect: "error_rate < 0.1"}
	    expect: ["error_rate < 0.2", "recovered within 4s"]
	END
	run chaos-scenario --scenario s.yaml --run-id r --progress none
	if [ "$status" -eq 3 ]; then # on a machine that is busy otherwise
		assert_line_says "$output" load generator limit
	else
		assert_equal "$status" 1
		assert_equal "$(verdict_of r)" "missed 1 held held held missed held missed"
		line=$(jq -r .line runs/r/verdict.json)
		[[ $line == "missed: error_rate < 0.1 (was 0."*") and 1 more; killed service-node-2 at "[34].* ]]
		assert_line "chaos-scenario: $line"
		assert_equal "$(sed -n 's/\\//g; s/^\*\*\(.*\)\.\*\*.*/\1/p' runs/r/report.md)" "$line"
		grep -qF "$(cut -c1-40 <<<"$line")" runs/r/throughput.gp
		sed 's/\\//g' runs/r/report.md | grep -x '| error_rate < 0.1 | failure, f1 | [0-9.]* % | 10.0 % | missed |'
		chaos-report --run-id r | grep -q '<td>recovered within 4s</td>'
	fi
	SCHEMA=$ROOT/schema/verdict.schema.json valid runs/r/verdict.json
	valid runs/r/analysis.json
	jq -e '.expectations[5] | .result == "missed" and (.reason | startswith("no answer") | not) and .reason != null' runs/r/verdict.json
	jq -e '.expectations[3] | .fault == "f1" and .phase == "failure" and .bound == 0.1 and .value > 0.2' runs/r/verdict.json
	jq -es 'map(select(.event == "fault_requested").line) == [1]' runs/r/events.jsonl
	# the same run, had more been expected of it, and had nothing stood still in it: of the node that was killed, what
	# was due in the next 1.2 s was refused, and all else took 80 ms
	cp runs/r/events.jsonl r.jsonl
	jq '.sound = true' runs/r/load.json >l.json
	mv l.json runs/r/load.json
	awk -F, -v OFS=, -v port=":${PORTS[1]}$" -v at="$(jq 'select(.event == "fault_injected").t' r.jsonl)" '
		NR == 1 { print; next }
		{ down = $2 ~ port && $1 >= at && $1 < at + 1.2; $3 = down ? "" : 200; $5 = down ? "refused" : ""; $10 = "" }
		{ $4 = down ? "0.500" : "80.000"; $6 = down ? "0.400" : "79.900"; print }' runs/r/samples.csv >x.csv
	mv x.csv runs/r/samples.csv
	while IFS='|' read -r text line want; do
		judged "$(one "$text" "$line")"
		assert_regex "$text: $status $(jq -r '.expectations[0] | "\(.result) \(.reason)"' <<<"$output")" "^$text: $want\$"
	done <<-'END'
		p99_latency_ms < 60000||0 held null
		p99_latency_ms < 1||1 missed it was [0-9.]+
		error_rate > 0.9 for 2s||1 missed it was not so for that long without a break
		recovered within 4s|1|0 held null
		recovered within 5s|9|3 inconclusive its fault was not injected
		lost_writes == 0||3 inconclusive no audit looked for lost writes
		load:error_rate < 1||3 inconclusive the run has no load of that name
	END
	# what cannot be judged comes first, and does not hide what was missed
	judged "$(jq -c --argjson x "$(one "p99_latency_ms < 1")" '. + $x + $x' <<<"$(one "lost_writes == 0")")"
	assert_equal "$status" 3
	chaos-analyze --run-id r --text | tr '\n' ' ' >text || true
	grep '^inconclusive: lost_writes == 0 (no audit looked for lost writes); missed: p99_latency_ms < 1 (was [0-9.,]*) and 1 more; ' text
	# a recovery that was not seen: missed after a run that went on for longer, else nobody knows
	awk -F, -v OFS=, 'NR > 1 && $9 > 150 && $9 % 3 == 1 { $3 = ""; $5 = "refused" } 1' runs/r/samples.csv >x.csv
	mv x.csv runs/r/samples.csv
	judged "$(one "recovered within 2s")"
	assert_equal "$status $(jq -r .expectations[0].result <<<"$output")" "1 missed"
	judged "$(one "recovered within 30s")"
	assert_equal "$status $(jq -r .expectations[0].result <<<"$output")" "3 inconclusive"
	assert_equal "$(jq -r .outcome <<<"$output")" inconclusive
}

# refuses PIECES [OPTION…]: --check says those pieces, with "|" between them, in one line, and touches nothing.
refuses() {
	local pieces
	IFS='|' read -ra pieces <<<"chaos-scenario: $1"
	shift
	run -2 --separate-stderr chaos-scenario --check --scenario s.yaml "$@"
	assert_says "$stderr" "${pieces[@]}"
	[ ! -e runs ] && [ ! -e state ]
}

@test "what is wrong in a rule is said where it stands" {
	phases() {
		cat > s.yaml <<-END
		phases:
		  - duration: 3s
		    actions: [{type: start_load, rps: 50}]
		    expect: ["error_rate < 0.1", "$1"]
		END
	}
	phases "eror_rate < 0.5"
	refuses "s.yaml:4:34:|'eror_rate < 0.5':|column 1:|metric|'eror_rate'|'error_rate'?"
	phases "error_rate < 5"
	refuses "s.yaml:4:34:|'error_rate < 5':|fraction|0.05|5 %"
	phases "recovered in 5s"
	refuses "s.yaml:4:34:|'recovered in 5s':|column 11:|'within'|time span"
	phases "recovered within soon"
	refuses "s.yaml:4:34:|'recovered within soon':|column 18:|time span|15s"
	phases "recoverd within 5s"
	refuses "s.yaml:4:34:|'recoverd within 5s':|column 1:|'recoverd'|'recovered'?"
	phases "recoverd < 5"
	refuses "s.yaml:4:34:|'recoverd < 5':|column 1:|metric|'recoverd'|'recovery_time_sec'?"
	phases "availability.time > 0.9"
	refuses "s.yaml:4:34:|'availability.time > 0.9':|'availability.time'|whole run|phase"
	phases "shp:error_rate < 1"
	refuses "s.yaml:4:34:|load|'shp'"
	phases "p99_latency_ms < 2 * baseline.p99_latency_ms"
	refuses "s.yaml:4:34:|'p99_latency_ms < 2 * baseline.p99_latency_ms'|baseline run|--baseline-id"
	# what nothing of this scenario could decide
	while IFS='|' read -r text why; do
		phases "$text"
		refuses "s.yaml:4:34:|'$text'|never|$why"
	done <<-'END'
		throughput_rps > 40 for 99s|phase|3s
		lost_writes == 0|no audit|'audit: true'|'audit_http'
		recovered within 5s|no fault|phase
	END
	phases "err == 0"
	sed 's/warmup_ignore_sec: .*/warmup_ignore_sec: 3}/' config.yaml >warm.yaml
	refuses "s.yaml:4:14:|'error_rate < 0.1'|never|phase|3 s|warmup_ignore_sec" --config warm.yaml
	# what is asked stands in the plan
	cat > s.yaml <<-END
	steady_state: [error_rate < 1%, {process: ["true"], mode: Edge}]
	stop_conditions: [error_rate > 50% for 2s, {file: halt}]
	phases:
	  - duration: 9s
	    actions: [{type: start_load, rps: 9}, {type: kill_node, target: service-node-2, at: 5s, for: 1s, expect: err < 9}]
	    expect: [recovered within 5s]
	END
	run -0 chaos-scenario --check --scenario s.yaml
	for line in 'steady: error_rate < 1%' 'steady: process true (Edge)' 'stops if error_rate > 50% for 2s' \
		'stops if file halt is there' 'expects recovered within 5s' '  expects err < 9'; do
		assert_line "            $line"
	done
	head='phases: [{duration: 1, actions: [{type: start_load, rps: 9}]}]'
	printf 'stop_conditions: ["recovery_time_sec > 3"]\n%s\n' "$head" >s.yaml
	refuses "s.yaml:1:19:|'recovery_time_sec > 3':|'recovery_time_sec'|whole run|end"
	printf 'steady_state: [{htp: "http://a/"}]\n%s\n' "$head" >s.yaml
	refuses "s.yaml:1:17:|key|'htp'|'http'?"
	printf 'steady_state: [{http: "http://a/", mode: Edg}]\n%s\n' "$head" >s.yaml
	refuses "s.yaml:1:42:|mode|'Edg'|'Edge'?"
	printf 'steady_state: [{redis: "http://a/"}]\n%s\n' "$head" >s.yaml
	refuses "s.yaml:1:24:|'http://a/'|address|redis"
	printf 'phases: [{duration: 1, actions: [{type: start_load, rps: 9, expect: "err == 0"}]}]\n' >s.yaml
	refuses "s.yaml:1:69:|'expect'|start_load"
}

# typed SED PIECE…: after that change, in tN.yaml, the scenario is no valid one.
typed() {
	typos=$((${typos:-0} + 1))
	sed "$1" s.yaml >"t$typos.yaml"
	run -2 --separate-stderr chaos-scenario --check --scenario "t$typos.yaml"
	assert_regex "$stderr" "^chaos-scenario: t$typos.yaml:[0-9]+:[0-9]+:"
	assert_says "$stderr" "${BASH_REMATCH[0]}" "${@:2}"
}

@test "scenarios and plans are as their schemas say; a typo is told by both, with the nearest word" {
	cat > s.yaml <<-END
	seed: 7
	steady_state: [error_rate < 1%, {http: "http://127.0.0.1:${PORTS[0]}/health", mode: Edge}]
	stop_conditions: [{file: halt}]
	phases:
	  - {name: normal, duration: 2s, actions: [{type: start_load, rps: 9}]}
	  - name: loss
	    duration: 30s
	    until: recovered
	    actions:
	      - {type: kill_node, target: all_nodes, pick: one, for: 1s, every: 3s, times: 3, jitter: 900ms}
	      - {type: restart_node, target: service-node-1, at: 12s}
	    expect: [recovered within 5s]
	  - {duration: 3s}
	END
	python3 "$ROOT/test/support/schemacheck.py" "$ROOT/schema/scenario.schema.json" s.yaml \
		"$ROOT"/scenarios/*.yaml "$ROOT"/demo/*.yaml "$ROOT"/examples/*/{scenario,failover,cut-off}.yaml
	typed 's/until:/untl:/' key "'untl'" "'until'?"
	typed 's/recovered$/recoverd/' phase "'until: recovered'"
	typed 's/jitter: 900ms/jitter: soon/' "'soon'"
	typed 's/mode: Edge/mode: Edg/' mode "'Edg'" "'Edge'?"
	typed 's/kill_node/kil_node/' action "'kil_node'" "'kill_node'?"
	typed 's/pick: one/pick: on/' "'on'" "'one'?"
	typed 's/rps: 9/rsp: 9/' key "'rsp'" "'rps'?"
	typed 's/duration: 3s/duraton: 3s/' key "'duraton'" "'duration'?"
	typed 's/stop_conditions/stop_condition/' key "'stop_condition'" "'stop_conditions'?"
	run -1 python3 "$ROOT/test/support/schemacheck.py" "$ROOT/schema/scenario.schema.json" t*.yaml
	assert_equal "${#lines[@]}" "$typos"
	# what no schema can know
	sed 's/every: 3s/every: 1500ms/' s.yaml >t.yaml
	run -2 chaos-scenario --check --scenario t.yaml
	assert_line --regexp "'jitter' .*shorter .*'every' .*'for'"
	sed '/kill_node\|restart_node\|expect:/d; s/actions:$/actions: []/' s.yaml >t.yaml
	run -2 chaos-scenario --check --scenario t.yaml
	assert_line --regexp "t[.]yaml:8:12: 'until: recovered' .*fault .*before"

	run -0 chaos-scenario --check --scenario s.yaml
	assert_line --regexp '^ +2s  loss \(until recovered, at most 30s\)$'
	assert_line_says "$output" "blast radius:" "1 of 3 nodes" "(service-node-1, service-node-2, service-node-3)" "3s of 35s" loads load
	run -0 chaos-scenario --check --scenario s.yaml --seed 8
	other=$output
	chaos-scenario --check=json --scenario s.yaml >p.json
	python3 "$ROOT/test/support/schemacheck.py" "$ROOT/schema/plan.schema.json" p.json
	[ ! -e runs ]
	[ ! -e state ]
	# jitter: within its bounds, the same for the same seed, and another for another
	jq -e '[.timeline[] | select(.action == "kill") | .at_s - 2] | . as $at | length == 3
		and all(range(3); $at[.] >= 3 * . and $at[.] < 3 * . + 0.9)' p.json
	jq -e '.timeline[] | select(.action == "kill") | .undo.act == "start" and .undo.at_s - .at_s == 1' p.json
	diff p.json <(chaos-scenario --check=json --scenario s.yaml)
	[ "$other" != "$(chaos-scenario --check --scenario s.yaml)" ]
	sed -i /seed:/d s.yaml
	chaos-scenario --check=json --scenario s.yaml | jq -e '.seed == null and [.timeline[] | select(.action == "kill").at_s] == [2, 5, 8]'
	run -0 chaos-scenario --check --scenario s.yaml
	assert_line --regexp '^ +2s    kill .* \(up to 900ms later\)$'
	run -2 chaos-scenario --check=jsn --scenario s.yaml
	assert_says "$output" chaos-scenario: --check: "'jsn'" "'json'?"
}

@test "a stop condition ends the run and everything is put back: exit 4; what is not steady is not broken: exit 3" {
	cat > s.yaml <<-END
	seed: 7
	stop_conditions: ["load:error_rate > 0.2 for 3s", {file: $PWD/halt}]
	steady_state: [{http: "http://127.0.0.1:${PORTS[0]}/health", status: 200, timeout: 10s}]
	phases:
	  - {duration: 3s, actions: [{type: start_load, rps: 50}]}
	  - {duration: 30s, actions: [{type: kill_node, target: service-node-2},
	                              {type: kill_node, target: service-node-3, at: 20s, for: 1s, expect: recovered within 2s}]}
	END
	before=$(world)
	run -4 chaos-scenario --scenario s.yaml --run-id r --progress none
	# a second without any answer, as on a machine that stood still, has the value 1
	assert_line --regexp "^chaos-scenario: stopped: error_rate > 0.2 for 3s \(.*$(jq -r 'if .sound then "0\\.[0-9]+" else "(0\\.[0-9]+|1)" end' runs/r/load.json)\); inconclusive: recovered within 2s \(.*not injected\); killed service-node-2 at "
	assert_equal "$(world)" "$before"
	lone
	jq -e '.verdict == "stopped" and .exit == 4' runs/r/verdict.json
	# the time for which it must be true, and what may pass until it is seen
	jq -es --argjson sound "$(jq .sound runs/r/load.json)" '.[0].seed == 7
		and (map(select(.event == "stop_rule").t)[0] - map(select(.event == "fault_injected").t)[0] | . > 1.9 and (. < 4.5 or ($sound | not)))
		and (map(.event) | index("stop_rule") < index("reverted"))' runs/r/events.jsonl
	sed 's/status: 200/status: 204/' s.yaml >wrong.yaml
	run -3 chaos-scenario --scenario wrong.yaml --run-id n --progress none
	run ! grep -q fault_requested runs/n/events.jsonl
	jq -e '.exit == 3 and (.line | startswith("inconclusive: not steady: http "))' runs/n/verdict.json
}

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

teardown() {
	end_bg
	chaos-fault down >/dev/null 2>&1 || true
}

# verdict_of RUN: its verdict, exit and the results of its expectations.
verdict_of() { jq -r '[.verdict, .exit, .expectations[].result] | @tsv' "runs/$1/verdict.json" | tr '\t' ' '; }

# judged EXPECTATIONS: chaos-analyze's answer on the run r if its scenario had had these.
judged() {
	jq -c --argjson x "$1" 'if .event == "run_start" then .expectations = $x else . end' r.jsonl >runs/r/events.jsonl
	run --separate-stderr chaos-analyze --run-id r
}

# one TEXT [LINE]: one expectation of the second phase.
one() { jq -nc --arg t "$1" --argjson l "${2:-null}" '[{text: $t, phase: "failure", index: 1, line: $l}]'; }

@test "expectations of phases and faults make the verdict, one line for all who tell it" {
	cat > s.yaml <<-END
	phases:
	  - {name: normal, duration: 3s, actions: [{type: start_load, rps: 50}], expect: ["error_rate == 0"]}
	  - name: failure
	    duration: 7s
	    actions:
	      - {type: kill_node, target: service-node-2, for: 1s, expect: "error_rate < 0.1"}
	    expect: ["error_rate < 0.2", "recovered within 4s"]
	END
	run chaos-scenario --scenario s.yaml --run-id r --progress none
	if [ "$status" -eq 3 ]; then # on a machine that is busy otherwise
		assert_output --partial "the load generator was the limit"
		jq '.sound = true' runs/r/load.json >l.json && mv l.json runs/r/load.json
	else
		assert_equal "$status" 1
		assert_equal "$(verdict_of r)" "missed 1 held held held missed"
		line=$(jq -r .line runs/r/verdict.json)
		[[ $line == "missed: error_rate < 0.1 (was 0."*"); service-node-2 killed at 3.0 s: "* ]]
		assert_line "chaos-scenario: $line"
		assert_equal "$(sed -n 's/\\//g; s/^\*\*\(.*\)\.\*\*.*/\1/p' runs/r/report.md)" "$line"
		grep -qF "$(cut -c1-40 <<<"$line")" runs/r/throughput.gp
	fi
	SCHEMA=$ROOT/schema/verdict.schema.json valid runs/r/verdict.json
	valid runs/r/analysis.json
	jq -e '.expectations[3] | .fault == "f1" and .phase == "failure" and .bound == 0.1 and .value > 0.2' runs/r/verdict.json
	jq -es 'map(select(.event == "fault_requested").line) == [1]' runs/r/events.jsonl
	# the same run, had more been expected of it
	cp runs/r/events.jsonl r.jsonl
	while IFS='|' read -r text line want; do
		judged "$(one "$text" "$line")"
		assert_equal "$text: $status $(jq -r .expectations[0].result <<<"$output")" "$text: $want"
	done <<-'END'
		p99_latency_ms < 800||0 held
		p99_latency_ms < 1||1 missed
		error_rate < 0.05 for 2s||0 held
		error_rate > 0.9 for 2s||1 missed
		recovered within 100ms|1|0 held
		recovered within 5s|9|3 inconclusive
		lost_writes == 0||3 inconclusive
		blackout_s < 5||0 held
		load:error_rate < 1||3 inconclusive
	END
	# a recovery that was not seen: missed after a run that went on for longer, else nobody knows
	awk -F, -v OFS=, 'NR > 1 && $9 > 150 && $9 % 3 == 1 { $3 = ""; $5 = "refused" } 1' runs/r/samples.csv >x.csv
	mv x.csv runs/r/samples.csv
	judged "$(one "recovered within 2s")"
	assert_equal "$status $(jq -r .expectations[0].result <<<"$output")" "1 missed"
	judged "$(one "recovered within 30s")"
	assert_equal "$status $(jq -r .expectations[0].result <<<"$output")" "3 inconclusive"
	assert_equal "$(jq -r .outcome <<<"$output")" inconclusive
}

# refuses MESSAGE [OPTION…]: --check says that, and touches nothing.
refuses() {
	local message=$1
	shift
	run -2 --separate-stderr chaos-scenario --check --scenario s.yaml "$@"
	assert_equal "$stderr" "chaos-scenario: $message"
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
	refuses "s.yaml:4:34: wrong rule 'eror_rate < 0.5': column 1: no metric 'eror_rate'; did you mean 'error_rate'?"
	phases "recovered in 5s"
	refuses "s.yaml:4:34: wrong rule 'recovered in 5s': column 11: want 'within' and a time span"
	phases "recovered within soon"
	refuses "s.yaml:4:34: wrong rule 'recovered within soon': column 18: want a time span, as 15s"
	phases "availability.time > 0.9"
	refuses "s.yaml:4:34: wrong rule 'availability.time > 0.9': 'availability.time' is of the whole run and not of one phase"
	phases "shp:error_rate < 1"
	refuses "s.yaml:4:34: unknown load 'shp'"
	phases "p99_latency_ms < 2 * baseline.p99_latency_ms"
	refuses "s.yaml:4:34: the rule 'p99_latency_ms < 2 * baseline.p99_latency_ms' needs a baseline run (--baseline, --baseline-id)"
	printf 'phases: [{duration: 1, actions: [{type: start_load, rps: 9, expect: "err == 0"}]}]\n' >s.yaml
	refuses "s.yaml:1:69: 'expect' does not belong to start_load"
}

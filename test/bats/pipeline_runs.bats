#!/usr/bin/env bats
# The commands that the toolkit's user has in mind, on short copies of the scenarios that
# come with it: a baseline run, a failure run, the comparison, the pictures, the report.
bats_require_minimum_version 1.5.0

setup_file() {
	load helper
	load scenario_helper
	scratch
	cluster
	mkdir scenarios
	sed 's/duration_sec: .*/duration_sec: 4/' "$ROOT/scenarios/baseline.yaml" > scenarios/baseline.yaml
	sed 's/duration_sec: 20/duration_sec: 4/; s/duration_sec: 30/duration_sec: 3/' \
		"$ROOT/scenarios/failure.yaml" > scenarios/failure.yaml
	run chaos-scenario --scenario scenarios/baseline.yaml --run-id baseline1 --mode http 3>&-
	assert_ran
	run chaos-scenario --scenario scenarios/failure.yaml --run-id run1 --mode http 3>&-
	assert_ran
	echo "PORTS=(${PORTS[*]})" > ports
}

setup() {
	load helper
	load scenario_helper
	export XDG_STATE_HOME=$BATS_FILE_TMPDIR/state
	cd "$BATS_FILE_TMPDIR" || return 1
	# shellcheck disable=SC1091
	source ports
}

@test "chaos-analyze --baseline-id baseline1 --run-id run1" {
	run --separate-stderr chaos-analyze --baseline-id baseline1 --run-id run1
	[[ $status -eq 3 && $stderr == *"load generator"* ]] || assert_success
	jq -e '.baseline_id == "baseline1" and .run_id == "run1" and
		(.throughput_drop_pct - 100 * (1 - .run_summary.throughput_rps / .baseline_summary.throughput_rps) | fabs < 0.01) and
		.baseline_summary.error_rate == 0 and .run_summary.error_rate > 0.05 and
		(.anomaly_windows | length) > 0 and has("recovery_time_sec")' <<<"$output"
}

@test "chaos-plot throughput --run-id run1 | gnuplot" {
	rm -f runs/run1/throughput.png
	run bash -o pipefail -c 'chaos-plot throughput --run-id run1 | gnuplot'
	assert_success
	assert_output ""
	[ "$(head -c 8 runs/run1/throughput.png | od -An -c | tr -d ' ')" = '211PNG\r\n032\n' ]
}

@test "chaos-plot compare --baseline-id baseline1 --run-id run1 | gnuplot" {
	run bash -o pipefail -c 'chaos-plot compare --baseline-id baseline1 --run-id run1 | gnuplot'
	assert_success
	[ -s runs/run1/compare.png ]
}

@test "chaos-llm --baseline-id baseline1 --run-id run1, without a key" {
	run --separate-stderr env -u GROQ_API_KEY chaos-llm --baseline-id baseline1 --run-id run1
	assert_success
	assert_output --partial "service-node-2"
	assert_line --regexp '^#'
	grep -q service-node-2 runs/run1/report.md
}

@test "jq and awk on a run: faults by the events, errors by node" {
	run bash -c "jq -r 'select(.event == \"fault_injected\") | .action + \" \" + .node' runs/run1/events.jsonl"
	assert_output "kill service-node-2"
	run awk -F, 'NR > 1 && $5 != "" { n[$2]++ } END { for (u in n) print u }' runs/run1/samples.csv
	assert_output "http://127.0.0.1:${PORTS[1]}"
}

@test "chaos-load --rps 50 on three nodes with 10-150 ms of work: every slot has its row" {
	chaos-fault up --mode http
	run --separate-stderr bash -o pipefail -c 'chaos-load --rps 50 --duration 6 --summary load.json \
		'"http://127.0.0.1:${PORTS[0]} http://127.0.0.1:${PORTS[1]} http://127.0.0.1:${PORTS[2]}"' |
		tee samples.csv | chaos-analyze --baseline runs/baseline1/samples.csv | jq -c .anomaly_windows'
	chaos-fault down
	# What was sent late, on a machine that is busy otherwise, may have been answered late, too.
	[[ $status -eq 3 && $stderr == *"not sound"* ]] || { assert_success && assert_output "[]"; }
	assert_equal "$(wc -l < samples.csv)" 301
	jq -e '.due == 300 and .sent == 300 and .ok == 300' load.json
}

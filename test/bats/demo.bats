#!/usr/bin/env bats
# The demo: what its failure run shows, and that it leaves nothing behind.
bats_require_minimum_version 1.5.0

setup() {
	load helper
	load scenario_helper
	scratch
}

teardown() { end_cluster; }

# covers_outage ANALYSIS: one anomaly, from the kill to the restart. The outage begins with the first request that
# failed: one in flight at the kill was due before it.
covers_outage() {
	local from
	from=$(awk -F, 'NR > 1 && $5 != "" && (!first || $1 < first) { first = $1 } END { printf "%.6f", first }' \
		runs/f/samples.csv)
	run jq -c --argjson from "$from" --argjson to "$back" --argjson start "$(jq .start_t runs/f/load.json)" '
		[(.anomaly_windows | length,
		 (.[0].start_sec - ($from - $start) | fabs) <= 1,
		 (.[-1].end_sec + 1 - ($to - $start) | fabs) <= 1),
		 (.recovery_time_sec - ($to - $from) | fabs) <= 1]' "$1"
	assert_output "[1,true,true,true]"
}

@test "the HTTP failure run: errors within a second, the anomaly covers the outage to a second" {
	cluster
	run chaos-scenario --scenario "$ROOT/demo/http-failure.yaml" --run-id f --progress plain
	assert_ran
	assert_output --regexp "(9|1[0-3])/23 s +failure +load 50/s: [0-9]+ good, [1-9][0-9]* failed +active: kill service-node-2"
	assert_output --regexp "(19|2[0-2])/23 s +recovery +load 50/s: [0-9]+ good, 0 failed"
	assert_equal "$(($(wc -l < runs/f/samples.csv) - 1))" 1150
	requested=$(events f 'select(.event == "fault_requested").t')
	killed=$(events f 'select(.event == "fault_injected").t')
	back=$(events f 'select(.event == "reverted").t')
	# The first failed row is due at most one second after the kill; before, nothing failed but what was in flight: it
	# ended after the kill was asked for.
	run awk -F, -v requested="$requested" -v killed="$killed" '
		NR > 1 && $5 != "" { if (!first || $1 < first) first = $1; early += $1 + $4 / 1000 < requested }
		END { print (first && first < killed + 1 && !early) ? "good" : first - killed " " early }' runs/f/samples.csv
	assert_output good
	# By its failures alone the outage is found to a second, whatever else this machine did at the time.
	chaos-analyze --run-id f --detector threshold --throughput-drop-threshold 1 >failures.json || assert_equal $? 3
	covers_outage failures.json
	# So it is with all that is judged, unless other work made requests slow as well: the servers take 150 ms at most.
	slow=$(awk -F, 'NR > 1 && $5 == "" && $4 > 200 { slow++ } END { print slow + 0 }' runs/f/samples.csv)
	[ "$slow" -gt 0 ] || covers_outage runs/f/analysis.json
	jq -e '.faults | length == 1 and .[0].affected and .[0].users == "failed"' runs/f/analysis.json
}

@test "make demo, interrupted: everything is put back, nothing runs on" {
	out=$SCRATCH/demo
	mkdir -p "$out/runs"
	# As a terminal would do it: the whole group gets the signal, which nobody ignores.
	env --default-signal=INT setsid "$ROOT/demo/run" "$(dirname "$(command -v chaos-scenario)")" \
		"$(command -v freeports)" "$out" >out 2>&1 </dev/null 3>&- &
	pid=$!
	wait_for 10 grep -q phase_start "$out/runs/http-baseline/events.jsonl"
	wait_for 5 pgrep -f "chaos-load .*$out"
	kill -INT -- "-$(ps -o pgid= -p "$pid" | tr -d ' ')"
	status=0
	wait "$pid" || status=$?
	assert_equal "$status" 130
	assert_line_says "$(cat out)" demo: interrupted nothing
	run pgrep -f "$out"
	assert_output ""
	run env XDG_STATE_HOME="$out/state" chaos-fault ls --json --config "$out/config.yaml"
	refute_output --partial '"up"'
	tail -n 1 "$out/runs/http-baseline/events.jsonl" | jq -e '.event == "run_end" and .reason == "signal"'
}

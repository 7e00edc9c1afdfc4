#!/usr/bin/env bats
# chaos-analyze: from samples to the analysis.

bats_require_minimum_version 1.5.0
load helper
load analyze_helper

GOLDEN=$BATS_TEST_DIRNAME/../golden/analyze

setup() {
	scratch
}

# golden NAME CMD…: the output is that of the golden file (which UPDATE_GOLDEN=1 writes), and valid.
golden() {
	local want=$GOLDEN/$1.json
	shift
	"$@" >got.json
	if [ -n "${UPDATE_GOLDEN:-}" ]; then cp got.json "$want"; fi
	diff -u "$want" got.json
	valid got.json
}

@test "golden: the logs in use today, with quoted free text" {
	golden legacy chaos-analyze "$GOLDEN/legacy.csv"
	jq -e '.anomaly_windows == [{start_sec: 15, end_sec: 24}] and .recovery_time_sec == 10
		and .run_summary.errors == {refused: 46, reset: 1, http_5xx: 8}' got.json
}

@test "golden: a recorded run with a kill, against its baseline" {
	golden kill chaos-analyze --runs-dir "$GOLDEN/runs" --run-id run1 --baseline-id baseline1 \
		--warmup-ignore-sec 2
	jq -e '.run_id == "run1" and .baseline_id == "baseline1"
		and .anomaly_windows == [{start_sec: 7, end_sec: 11}]
		and (.faults | length) == 1 and .faults[0].time_to_first_error_s < 1' got.json
}

@test "golden: the recorded run alone, its first seconds being the baseline" {
	golden self chaos-analyze --runs-dir "$GOLDEN/runs" --run-id run1 --warmup-ignore-sec 2
	jq -e '.baseline.source == "self" and .baseline.seconds == 5 and .baseline_summary == null
		and .throughput_drop_pct == null' got.json
}

@test "the same input gives the same bytes, from a pipe, a file or in parts" {
	samples 50 20 's>=8 && s<12' >s.csv
	chaos-analyze s.csv >a.json
	chaos-analyze <s.csv >b.json
	cat s.csv | chaos-analyze - >c.json
	cmp a.json b.json
	cmp a.json c.json
	head -n 400 s.csv >p1.csv
	{ head -n 1 s.csv; tail -n +401 s.csv; } >p2.csv
	chaos-analyze p2.csv p1.csv >d.json
	cmp a.json d.json
	cat p1.csv p2.csv | chaos-analyze >e.json
	cmp a.json e.json
}

@test "an outage: windows, reasons, errors, nodes" {
	samples 50 30 's>=10 && s<15' | chaos-analyze >a.json
	valid a.json
	jq -e '.anomaly_windows == [{start_sec: 10, end_sec: 14}]
		and (.intervals[0] | del(.log_evidence, .p99_ratio, .silence_s)) == {start_s: 10, end_s: 15, detected_s: 11,
			reasons: ["throughput", "errors", "silence"], min_ratio: 0, max_error_rate: 1, fault: null}
		and .intervals[0].log_evidence > .params.alarm_level
		and .recovery_time_sec == 5 and .censored == false
		and .run_summary.due == 1250 and .run_summary.err == 250
		and .run_summary.p50_latency_ms == 80 and .run_summary.p99_all_ms == null
		and .input.rows == 1500 and .input.seconds == 30
		and (.nodes | map(.due) | add) == 1500 and (.nodes | length) == 3
		and .availability.time == 0.8' a.json
}

@test "seconds without a row are seconds" {
	samples 50 30 | awk -F, -v a=$((T0 + 10)) 'NR == 1 || $1 < a || $1 >= a + 4' | chaos-analyze >a.json
	jq -e '.anomaly_windows == [{start_sec: 10, end_sec: 13}] and .input.seconds_empty == 4
		and .intervals[0].reasons == ["throughput", "silence"]' a.json
}

@test "the per-second counts are those that awk has" {
	samples 47 20 'i%7==0' >s.csv
	awk -F, -v t0=$T0 'NR > 1 && $1 >= t0 + 5 { n++; bad += $5 != "" } END { print n, bad }' s.csv >want
	chaos-analyze s.csv | jq -r '.run_summary | "\(.due) \(.err)"' >got
	diff want got
}

@test "the detector: chance at a low rate is no anomaly, unless bare thresholds are asked for" {
	awk -v t0=$T0 'BEGIN { srand(7); print "timestamp,latency_ms"
		for (t = 0; t < 300; t -= log(1 - rand()) / 5) printf "%.6f,5\n", t0 + t }' >s.csv
	chaos-analyze s.csv >a.json
	valid a.json
	jq -e '.anomaly_windows == [] and .params.detector == "auto"' a.json
	chaos-analyze --detector threshold --window 1s s.csv >b.json
	valid b.json
	jq -e '(.anomaly_windows | length) > 10 and .params.alarm_level == null' b.json
}

@test "a slow-down is an anomaly of its own" {
	samples 50 60 | awk -F, -v OFS=, -v a=$T0 '$1 >= a + 30 && $1 < a + 40 { $4 = "240.000" } 1' >s.csv
	chaos-analyze s.csv >a.json
	valid a.json
	jq -e '.anomaly_windows == [{start_sec: 30, end_sec: 39}] and .intervals[0].reasons == ["latency"]' a.json
}

@test "columns are found by name, in any order, and only two are needed" {
	samples 50 20 's>=8 && s<12' >s.csv
	chaos-analyze s.csv | jq .anomaly_windows >want
	awk -F, -v OFS=, 'NR == 1 { print "x", $4, $5, $1; next } { print "\"a,\"\"b\"", $4, $5, $1 }' s.csv |
		chaos-analyze | jq .anomaly_windows >got
	diff want got
	awk -F, -v OFS=, '{ print $4, $1 }' s.csv | chaos-analyze >two.json
	valid two.json
	jq -e '.run_summary.err == null and .input.rows == 1000' two.json # no column tells
}

@test "thresholds: from config.yaml, overridden by options" {
	samples 50 20 's>=8 && s<12 && i%5==0' >s.csv # 20 % errors
	chaos-analyze s.csv | jq -e '.anomaly_windows == [{start_sec: 8, end_sec: 11}]'
	chaos-analyze --error-rate-threshold 0.25 s.csv | jq -e '.anomaly_windows == []'
	chaos-analyze --detector threshold --error-rate-threshold 0.25 --throughput-drop-threshold 0.1 s.csv |
		jq -e '.intervals[0].reasons == ["throughput"]'
	echo 'anomaly_detection: {error_rate_threshold: 0.3, warmup_ignore_sec: 9}' >config.yaml
	chaos-analyze s.csv | jq -e '.anomaly_windows == [] and .params.error_rate_threshold == 0.3
		and .params.warmup_ignore_sec == 9 and .run_summary.due == 550'
	chaos-analyze --error-rate-threshold 0.1 s.csv | jq -e '.anomaly_windows == [{start_sec: 9, end_sec: 11}]'
}

@test "recovery: a late blip does not stretch it" {
	samples 50 60 's>=10 && s<15 || s>=51 && s<52' >s.csv
	{ event 10.2 fault_requested; event 10.25 fault_injected; event 14.9 reverted; } >e.jsonl
	chaos-analyze --events e.jsonl s.csv >a.json
	valid a.json
	jq -e '.recovery_time_sec == 4.75 and (.anomaly_windows | length) == 2
		and .intervals[0].fault == "f1" and .intervals[1].fault == null
		and .faults[0].injected_s == 10.25 and .faults[0].recovered_s == 15
		and .faults[0].time_to_detect_s == 0.75 and .faults[0].recovery_after_revert_s == 0.1
		and .faults[0].lost_requests == 240 and .faults[0].after_revert.err == 4
		and .faults[0].blackout_s >= 4.9 and .faults[0].blackout_s <= 5.2' a.json
}

@test "per fault: first success, relapses, outage-equivalent seconds, depth" {
	samples 50 60 's>=10 && s<15 || s>=17 && s<20 || s>=23 && s<24' >s.csv
	{ event 10 fault_injected; event 18.5 reverted; } >e.jsonl
	chaos-analyze --events e.jsonl s.csv >a.json
	valid a.json
	jq -e '.anomaly_windows == [{start_sec: 10, end_sec: 23}] and (.faults[0] | .recovered_s == 24
		and .relapses == 2 and .lost_requests == 450 and .outage_equiv_s == 9 and .depth >= 0.9
		and .time_to_first_success_s > 1.5 and .time_to_first_success_s < 1.7
		and .recovery_after_revert_s == 5.5)' a.json
	# without events, told on the command line
	chaos-analyze --fault-at 10..18.5 s.csv >b.json
	valid b.json
	cmp b.json <(chaos-analyze --fault-at 10-18.5 s.csv | sed 's/10-18.5/10..18.5/')
	diff <(jq '.faults[0] | del(.fault, .action, .node, .url, .past)' a.json) \
		<(jq '.faults[0] | del(.fault, .action, .node, .url, .past)' b.json)
	jq -e '.faults[0].fault == "10..18.5"' b.json
	# lifted, and not good again before the end
	samples 50 30 's>=10' | chaos-analyze --fault-at 10-20 >c.json
	valid c.json
	jq -e '.faults[0] | .censored and .recovery_lower_bound_s == 20 and .time_to_first_success_s == null
		and .recovery_after_revert_lower_bound_s == 10 and .blackout_s > 19 and .depth == 1' c.json
}

@test "per fault and node: each against its own normal" {
	# the second of three nodes is refused, and comes back with a relapse; slots go round
	samples 60 50 'i%3==1 && (s>=10 && s<16 || s>=20 && s<21)' >s.csv
	chaos-analyze --fault-at 10..15.5 s.csv >a.json
	valid a.json
	jq -e '.faults[0] | .affected and (.nodes | length) == 3
		and .nodes[0].url == "http://127.0.0.1:8001" and ([.nodes[].affected] == [false, true, false])
		and .nodes[0].recovery_time_s == 0 and .nodes[0].lost_requests == 0 and .nodes[0].depth == 0
		and .nodes[0].time_to_first_error_s == null
		and (.nodes[1] | .recovery_time_s == 11 and .recovery_after_revert_s == 5.5 and .relapses == 1
			and .lost_requests == 140 and .outage_equiv_s == 7 and .depth == 1
			and .time_to_first_success_s > 0.5 and .time_to_first_success_s < 0.7
			and .blackout_s > 5.9 and .blackout_s < 6.2)' a.json
	# down to the end: the node is censored, and the others are well
	samples 60 30 'i%3==1 && s>=10' | chaos-analyze --fault-at 10..12 >b.json
	valid b.json
	jq -e '.faults[0].nodes | .[1].censored and .[1].recovery_time_s == null and .[1].recovery_lower_bound_s == 20
		and .[1].recovery_after_revert_lower_bound_s == 18 and ([.[0, 2].censored] == [false, false])' b.json
	# a log without a plan: that nothing is sent to a node is a silence
	samples 60 50 >all.csv
	awk -F, -v a=$T0 'NR == 1 || $2 !~ /8002/ || $1 < a + 10 || $1 >= a + 16' all.csv >gone.csv
	chaos-analyze --fault-at 10 gone.csv | jq -e '.faults[0].nodes[1].affected and .faults[0].nodes[1].lost_requests == 120'
	# with one, the load was planned to go elsewhere, and nobody knows how the node would have done
	printf '{"schema":"chaos-load/1","start_t":%d,"duration_s":50,"sound":true,"profile":[{"at_s":0,"rate_rps":60}]}' $T0 >load.json
	sed -E '/8002/ { s/8002/8001/ }' all.csv | awk -F, -v a=$T0 'NR == FNR { if ($1 >= a + 10 && $1 < a + 16) moved[FNR] = $0; next }
		FNR in moved { print moved[FNR]; next } 1' - all.csv >moved.csv
	chaos-analyze --fault-at 10 --load-summary load.json moved.csv >c.json || [ $? -eq 3 ]
	jq -e '.faults[0].nodes[1].affected == false' c.json
}

@test "gates: pass, fail, nobody can tell" {
	samples 50 60 's>=10 && s<15' >s.csv
	gate() {
		local want=$1 code=$2
		shift 2
		run "-$code" --separate-stderr chaos-analyze --fault-at 10 "$@"
		echo "$output" >a.json
		valid a.json
		jq -e --arg want "$want" '.verdict.result == $want' a.json
	}
	gate pass 0 s.csv --fail-on 'recovery_time_sec > 5' --fail-on 'error_rate >= 0.5'
	[ -z "$stderr" ]
	jq -e '.verdict == {result: "pass", reasons: [], gates: [
		{rule: "recovery_time_sec > 5", result: "pass", value: 5, bound: 5, doubt: null, value_lower_bound: null},
		{rule: "error_rate >= 0.5", result: "pass", value: 0.090909, bound: 0.5, doubt: null, value_lower_bound: null}]}' a.json
	gate fail 1 s.csv --fail-on 'recovery_time_sec > 1' --fail-on 'error_rate >= 0.5'
	assert_says "$stderr" chaos-analyze: "gate failed: recovery_time_sec > 1" 5
	gate fail 1 s.csv --fail-on 'error_rate > 0.5 for 5s'
	gate pass 0 s.csv --fail-on 'error_rate > 0.5 for 6s'
	gate fail 1 --baseline s.csv s.csv --fail-on 'p99_latency_ms >= 1 * baseline.p99_latency_ms'
	gate pass 0 --baseline s.csv s.csv --fail-on 'p99_latency_ms > baseline.p99_latency_ms'
	# not well at the end, 20 s after the fault: surely more than 20, perhaps more than 30
	samples 50 30 's>=10' >c.csv
	gate fail 1 c.csv --fail-on 'recovery_time_sec > 20'
	gate inconclusive 3 c.csv --fail-on 'recovery_time_sec > 30'
	jq -e '.verdict.gates[0] | .value == null and .value_lower_bound == 20' a.json
	assert_says "$stderr" chaos-analyze: "gate inconclusive: recovery_time_sec > 30" "more than 20"
	# one that failed beside one that cannot be told: the run failed, and the exit status says that not all is known
	gate fail 3 c.csv --fail-on 'recovery_time_sec > 20' --fail-on 'recovery_time_sec > 30'
	gate fail 3 c.csv --fail-on 'recovery_time_sec > 30' --fail-on 'recovery_time_sec > 20'
	jq -e '[.verdict.gates[].result] == ["inconclusive", "fail"]' a.json
	# what the generator may have done itself decides nothing
	printf '{"schema":"chaos-load/1","start_t":%d,"duration_s":60,"sound":false}' $T0 >load.json
	gate inconclusive 3 s.csv --load-summary load.json --fail-on 'recovery_time_sec > 100'
	jq -e '.verdict.reasons == ["generator_unsound"]' a.json
}

@test "gates: a wrong rule is exit 2 with its position, before anything is read" {
	while IFS='|' read -ra says; do
		run -2 --separate-stderr chaos-analyze --fail-on "${says[0]}" nofile.csv
		refute_output
		assert_says "$stderr" chaos-analyze: "${says[@]:1}"
	done <<-'END'
		recovery_time_sec >|column 20:|number
		recovery_time > 3|column 1:|metric|'recovery_time'
		p99_latency > 3|column 1:|metric|'p99_latency'
		eror_rate > 3|column 1:|'eror_rate'|'error_rate'?
		error_rate > 5|error_rate|fraction|0.05|5 %
		1 - availability.request < 99|availability.request|fraction|0.99|99 %
		error_rate >= -0.1|error_rate|fraction|0 to 1|0.05|5 %
		error_rate > 500%|error_rate|share|0% to 100%
		throughput_drop_pct > 5%|column 24:|'%'|shares
		error_rate > baseline.error_rate|'error_rate > baseline.error_rate'|baseline run|--baseline, --baseline-id
		recovery_time_sec > 3 for 5s|'recovery_time_sec > 3 for 5s':|'recovery_time_sec'|whole run|'for'
		silence_s > 3|'silence_s'|--stop-on
	END
	samples 50 20 >s.csv
	run -1 --separate-stderr chaos-analyze s.csv --fail-on 'availability.request >= 99 %'
	jq -e '.verdict.gates[0] | .bound == 0.99 and .rule == "availability.request >= 99 %"' <<<"$output"
	chaos-analyze s.csv --fail-on 'error_rate > 1' --fail-on 'error_rate < 0' >/dev/null
	run -2 --separate-stderr chaos-analyze --baseline x --fail-on 'baseline.throughput_drop_pct > 1' nofile.csv
	assert_says "$stderr" chaos-analyze: baseline "'throughput_drop_pct'"
}

@test "what the run could have shown" {
	samples 50 60 >s.csv
	chaos-analyze s.csv | jq -e '.sensitivity == {shortest_outage_s: 1, false_alarm_bound: 0.05,
		baseline_short: false, baseline_unstable: false, generator_unsound: false, closed_loop: false,
		baseline_unsound: false, may_be_chance: false, baseline_unhealthy: false}'
	# a generator that waits for answers sends nothing while nothing answers
	awk -F, -v a=$T0 'NR == 1 || $1 < a + 30 || $1 >= a + 36' s.csv >closed.csv
	chaos-analyze closed.csv | jq -e '.sensitivity.closed_loop and .availability.request == 1'
	run -3 chaos-analyze closed.csv --fail-on 'availability.request < 0.99'
	samples 3 60 | chaos-analyze | jq -e '.sensitivity.shortest_outage_s > 2'
}

@test "what fails all along is an anomaly from the first judged second, not what is normal" {
	samples 50 60 'i % 3 == 0' >s.csv
	run -0 --separate-stderr chaos-analyze s.csv
	assert_regex "$stderr" '33.* % .*requests failed.*--error-rate-threshold'
	jq -e '.anomaly_windows == [{start_sec: 5, end_sec: 59}] and .intervals[0].reasons == ["errors"]
		and .censored and .sensitivity.baseline_unhealthy' <<<"$output"
	# a baseline that fails as much is no excuse either
	run -3 --separate-stderr chaos-analyze --verdict --baseline s.csv s.csv
	jq -e '.anomaly_windows == [{start_sec: 5, end_sec: 59}]
		and (.verdict.reasons | index("baseline_unhealthy"))' <<<"$output"
	# and a rule is decided all the same
	run -1 --separate-stderr chaos-analyze --fail-on 'anomalous_s > 0' s.csv
	# unless the user allows it
	run -0 --separate-stderr chaos-analyze --error-rate-threshold 0.5 s.csv
	jq -e '.anomaly_windows == [] and (.sensitivity.baseline_unhealthy | not)' <<<"$output"
	assert_equal "$stderr" ''
}

@test "what was in flight when the load was stopped is counted, and neither due nor failed" {
	samples 50 60 >s.csv
	# Ctrl-C: the last half of a second was under way, and of its rows 15 are aborted
	awk -F, -v OFS=, -v a=$T0 'NR > 1 && $1 >= a + 59.7 { $3 = ""; $5 = "aborted" } 1' s.csv >stopped.csv
	run -0 --separate-stderr chaos-analyze --fail-on 'error_rate > 0' stopped.csv
	assert_equal "$stderr" ''
	local analysis=$output
	valid <(echo "$analysis")
	jq -e '.input.rows == 3000 and .input.rows_aborted == 15 and .run_summary.errors == {aborted: 15}
		and .run_summary.due == 55 * 50 - 15 and .run_summary.err == 0 and .run_summary.error_rate == 0
		and (.nodes | map(.due) | add) == 2985 and (.nodes | map(.err) | add) == 0
		and .anomaly_windows == [] and .input.seconds == 60' <<<"$analysis"
	chaos-analyze --windows stopped.csv | jq -se 'map(select(.type == "window")) | last
		| .due == 35 and .err == 0 and .error_rate == 0'
	# as it goes on, and a rule on the last second
	cat stopped.csv | run -0 --separate-stderr chaos-analyze --stop-on 'error_rate > 0' -
	# a system that hangs when it is stopped is an outage all the same
	awk -F, -v OFS=, -v a=$T0 'NR > 1 && $1 >= a + 55 { $3 = ""; $5 = "aborted" } 1' s.csv >hung.csv
	run -1 --separate-stderr chaos-analyze --fail-on 'anomalous_s > 0' hung.csv
	jq -e '.anomaly_windows == [{start_sec: 55, end_sec: 59}] and (.sensitivity.closed_loop | not)
		and .input.seconds_empty == 0 and .censored' <<<"$output"
	# the text of another tool that says so is a failure
	sed 's/,aborted,/,Connection aborted.,/' stopped.csv >other.csv
	chaos-analyze other.csv | jq -e '.run_summary.err == 15 and .input.rows_aborted == 0'
}

@test "an anomaly is the effect of the fault before it, not of one that came while it lasted" {
	samples 50 40 's >= 8.003 && s < 14' >s.csv
	{
		event 6 fault_injected f1
		event 7 reverted f1
		event 8.003 fault_injected f2
		event 10 fault_injected f3
		event 14 reverted f2
		event 14 reverted f3
	} >e.jsonl
	run -3 --separate-stderr chaos-analyze --events e.jsonl s.csv
	assert_line_says "$stderr" throughput "not be judged:" baseline "1 s," 2 needed
	jq -e '.intervals | length == 1 and .[0].start_s == 8 and .[0].fault == "f2"' <<<"$output"
}

@test "--windows: a line for each second, and what was found between them" {
	samples 50 30 's>=10 && s<15' >s.csv
	chaos-analyze --windows s.csv >w.jsonl
	jq -se --argjson t0 $T0 '.[0] == {type: "windows", format: "chaos-windows/1", t0: $t0}
		and (map(select(.type == "window")) | length == 30 and map(.due) == [range(30) | 50]
			and .[12].err == 50 and .[12].error_rate == 1 and .[12].p99_latency_ms == null
			and .[20].p50_latency_ms == 80 and .[20].final
			and (map(.completed_ok) | add) == 1246)
		and (map(select(.type == "interval_open")) == [{type: "interval_open", id: 1, start_s: 10, detected_s: 11,
			reasons: ["throughput", "errors", "silence"]}])
		and (map(select(.type == "interval_close")) == [{type: "interval_close", id: 1, start_s: 10, end_s: 15,
			detected_s: 11, reasons: ["throughput", "errors", "silence"], recovered: true, withdrawn: false}])
		and (last | .type == "end" and .end_s == 30 and .rows == 1500)' w.jsonl
	chaos-plot throughput --windows - --terminal dumb <w.jsonl | grep -q 'requests per second'
}

@test "--windows: how many had no end yet at the end of a window, and how late the latest was sent" {
	# Ten a second; those due from 5 to 6 s fail after 2.5 s, one of 12 s is sent 300 ms late.
	awk -v t0=$T0 'BEGIN { print "timestamp,latency_ms,error,service_ms"
		for (i = 0; i < 200; i++)
			if (i >= 50 && i < 60) printf "%.1f,2500,timeout,2490\n", t0 + i / 10
			else printf "%.1f,%s\n", t0 + i / 10, i == 125 ? " 350,,50" : i == 75 ? "50,," : "50,,49.75" }' >s.csv
	chaos-analyze --windows s.csv >w.jsonl
	jq -se 'map(select(.type == "window"))
		| map(.in_flight) == [range(20) | if . == 5 or . == 6 then 10 elif . == 7 then 5 else 0 end]
		and map(.max_late_ms) == [range(20) | if . == 5 then 10 elif . == 12 then 300 else 0.25 end]' w.jsonl
	chaos-analyze --windows --window 10 s.csv | jq -se 'map(select(.type == "window").max_late_ms) == [10, 300]'
	cut -d, -f1-3 s.csv | chaos-analyze --windows | jq -se 'map(select(.type == "window" and .final).max_late_ms) | unique == [null]'
	printf 'timestamp,ok,err\n%d,10,5\n%d,10,0\n' $T0 $((T0 + 1)) | chaos-analyze --windows - |
		jq -se 'map(select(.type == "window" and .final).in_flight) | unique == [null]'
}

@test "--windows-to: the same lines in a file or a pipe, the analysis on stdout as without" {
	samples 50 30 's>=10 && s<15' >s.csv
	chaos-analyze --windows s.csv >want.jsonl
	chaos-analyze s.csv >want.json
	chaos-analyze --windows-to got.jsonl s.csv | cmp - want.json
	cmp got.jsonl want.jsonl
	cat s.csv | chaos-analyze --windows-to /dev/fd/4 4>&1 >got.json | cmp - want.jsonl
	cmp got.json want.json
	run -2 --separate-stderr chaos-analyze --windows --windows-to x s.csv
	run -2 --separate-stderr chaos-analyze --windows-to no/such/x s.csv
	assert_equal "${#stderr_lines[@]}" 1
	assert_equal "$output" ""
}

@test "one SIGINT: what there is is read to its end and reported" {
	samples 50 20 >s.csv
	mkfifo pipe
	env --default-signal=INT chaos-analyze <pipe >a.json 3>&- &
	pid=$!
	exec 9>pipe
	head -n 500 s.csv >&9
	wait_for 5 bash -c "grep -q '^SigCgt:.*[2367abef]$' /proc/$pid/status"
	kill -INT $pid
	tail -n +501 s.csv >&9
	exec 9>&-
	wait $pid
	jq -e '.input.rows == 1000' a.json
}

@test "recovery: never, and too near the end to say so" {
	for from in 10 26; do
		samples 50 30 "s>=$from && (s<28 || $from == 10)" >s.csv
		event $from fault_injected >e.jsonl
		chaos-analyze --events e.jsonl s.csv >a.json
		valid a.json
		jq -e --argjson from $from '.recovery_time_sec == null and .censored
			and .recovery_lower_bound_s == 30 - $from and .faults[0].censored
			and .faults[0].recovery_time_s == null' a.json
	done
}

@test "recovery: the maximum over the faults; a fault without effect is 0" {
	samples 50 60 's>=10 && s<13 || s>=30 && s<37' >s.csv
	{ event 10 fault_injected f1; event 12 reverted f1; event 20 fault_injected f2
	  event 22 reverted f2; event 30 fault_injected f3; event 36 reverted f3; } >e.jsonl
	# The one without effect makes the whole inconclusive.
	run -3 --separate-stderr chaos-analyze --events e.jsonl s.csv
	[[ $stderr == *"the fault 'f2' had no visible effect"* ]]
	echo "$output" >a.json
	jq -e '.recovery_time_sec == 7 and [.faults[].recovery_time_s] == [3, 0, 7]
		and [.faults[].affected] == [true, false, true]' a.json
}

@test "the load summary and rate events say what was planned" {
	samples 50 20 >s.csv
	# planned to 25 s: five seconds of nothing are an outage
	load() {
		printf '{"schema":"chaos-load/1","start_t":%d,"duration_s":25,"timeout_s":2,"sound":false,"profile":[%s]}' $T0 "$1"
	}
	load '{"at_s":0,"rate_rps":50}' >load.json
	run -3 --separate-stderr chaos-analyze --load-summary load.json s.csv
	assert_line_says "$stderr" chaos-analyze: "load generator" limit
	echo "$output" >a.json
	valid a.json
	jq -e '.anomaly_windows == [{start_sec: 20, end_sec: 24}] and .params.timeout_s == 2
		and .input.load_sound == false and .input.duration_s == 25
		and .availability.yield == 0.75' a.json
	# with the load stopped at 20 s they are not
	load '{"at_s":0,"rate_rps":50},{"at_s":20,"rate_rps":0}' >load.json
	chaos-analyze --load-summary load.json s.csv |
		jq -e '.anomaly_windows == [] and .input.seconds_judged == 15 and .availability.yield == 1'
	printf '{"t":%d,"event":"load_rate","rate_rps":50}\n{"t":%d,"event":"load_rate","rate_rps":0}\n{"t":%d,"event":"run_end"}\n' \
		$T0 $((T0 + 20)) $((T0 + 23)) >e.jsonl
	chaos-analyze --events e.jsonl s.csv | jq -e '.anomaly_windows == [] and .input.seconds == 20'
	# half of the planned requests sent: the baseline is the plan's share, not a number of requests
	load '{"at_s":0,"rate_rps":50},{"at_s":10,"rate_rps":150}' >load.json
	event 10 fault_injected >f.jsonl
	chaos-analyze --load-summary load.json --events f.jsonl s.csv |
		jq -e '.anomaly_windows[0].start_sec == 10 and .baseline.ok_per_planned == 1'
}

@test "against a baseline run: drop, shifts, planned rates made comparable" {
	samples 50 20 >base.csv
	samples 50 20 'i%5==0' | sed 's/,80.000,/,120.000,/' >run.csv
	chaos-analyze --baseline base.csv run.csv >a.json
	valid a.json
	jq -e '.throughput_drop_pct > 19.5 and .throughput_drop_pct < 20.5
		and (.compare[] | select(.metric == "p95_latency_ms") | .ratio == 1.5 and .diff == 40)
		and .baseline.source == "run" and .baseline.rate_ratio == 1' a.json
	jq -e '[.compare[] | {(.metric): .verdict}] | add == {throughput_rps: "fail", p50_latency_ms: "fail",
		p95_latency_ms: "fail", p99_latency_ms: "fail", p99_all_ms: null, error_rate: "fail",
		"availability.request": "fail", "availability.time": "fail", "availability.yield": null}' a.json
	valid a.json
	jq -e '.compare | all(.verdict == null or .diff_low <= .diff and
		(.diff_high == null or .diff <= .diff_high))' a.json
	chaos-analyze --baseline base.csv base.csv |
		jq -e '[.compare[].verdict] == ["pass", "pass", "pass", "pass", null, "pass", "pass", "pass", null]'
	head -n 400 base.csv | chaos-analyze --baseline base.csv |
		jq -e '[.compare[] | select(.metric == "p99_latency_ms" or .metric == "error_rate").verdict]
			| contains(["inconclusive"])'
	mkdir -p runs/a runs/b
	samples 100 20 >runs/a/samples.csv
	cp base.csv runs/b/samples.csv
	for r in a:100 b:50; do
		printf '{"schema":"chaos-load/1","start_t":%d,"duration_s":20,"profile":[{"at_s":0,"rate_rps":%d}]}' \
			$T0 "${r#*:}" >"runs/${r%:*}/load.json"
	done
	chaos-analyze --run-id b --baseline-id a |
		jq -e '.throughput_drop_pct == 0 and .baseline.rate_ratio == 0.5 and .anomaly_windows == []'
}

@test "dropped rows are unmeasured: neither request nor failure" {
	samples 50 20 | awk -F, -v a=$((T0 + 10)) -v OFS=, 'NR == 1 || $1 < a || $1 >= a + 2 { print; next }
		!done++ { print a ".000000,,,0.000,local,,output,0,,\"count=100 from=" a ".000000 to=" a + 1 ".980000\"" }' >s.csv
	chaos-analyze s.csv >a.json
	valid a.json
	jq -e '.anomaly_windows == [] and .input.rows == 900 and .input.lost == 100
		and .input.seconds_unmeasured == 2 and .run_summary.err == 0 and .run_summary.seconds == 13' a.json
}

@test "bad rows are counted, with one warning in all" {
	samples 50 20 >good.csv
	{
		cat good.csv
		printf '1,\0,200,1,,,,,,\n'
		echo 'short,row'
		head -c 10000000 /dev/zero | tr '\0' x
		echo
		tail -n 1 good.csv
		printf '1766500031.0,http://127.0.0.1:8001,200,1'
	} >bad.csv
	run -0 --separate-stderr chaos-analyze bad.csv
	assert_says "$stderr" chaos-analyze: skipped: "3 bad, 1 torn, 1 duplicate" "line 1002:" damaged "1000 rows"
	jq -e '.input.rows == 1000 and .input.rows_bad == 3 and .input.rows_torn == 1
		and .input.rows_duplicate == 1' <<<"$output"
	diff <(chaos-analyze good.csv | jq .run_summary) <(jq .run_summary <<<"$output")
}

@test "two rows of a slot that contradict each other: said, and no verdict" {
	contradicts() { assert_line_says "$1" chaos-analyze: 1 row slot success failure unknown; }
	samples 50 20 'i==30' >good.csv
	sed -n '31p;32p' good.csv >>good.csv # the same again: no contradiction
	{ cat good.csv; sed -n 41p good.csv | awk -F, -v OFS=, '{ $3 = ""; $5 = "timeout" } 1'; } >s.csv
	run -3 --separate-stderr chaos-analyze s.csv
	assert_equal "${#stderr_lines[@]}" 2
	assert_says "${stderr_lines[0]}" chaos-analyze: skipped: "3 duplicate" "1000 rows"
	contradicts "${stderr_lines[1]}"
	jq -e '.input | [.rows_duplicate, .rows_contradict] == [3, 1]' <<<"$output"
	chaos-llm --no-model <<<"$output" >report.md
	assert_line_says "$(<report.md)" 1 failure slot success unknown
	run -3 chaos-analyze --text s.csv # nor do the words stay silent; as of rows that cannot be read
	assert_line --regexp '^1000 requests in 20 s: no anomaly; not judged: errors[.]$'
	sed '1!{n; n; n; n; n; n; n; n; n; s/^[0-9.]*/-/}' good.csv >bad.csv
	run -3 chaos-analyze --text bad.csv
	assert_line --regexp '^9[0-9][0-9] requests in 20 s: no anomaly; not judged: errors[.]$'
	run -3 --separate-stderr chaos-analyze --fail-on 'error_rate > 0.5' s.csv
	jq -e '.verdict.result == "inconclusive" and .verdict.reasons == ["rows_contradict"]' <<<"$output"
	# Also where the failure came first, and with quotes, which are read in another way.
	{ cat good.csv; sed -n 32p good.csv | awk -F, -v OFS=, '{ $3 = 200; $5 = ""; $7 = "\"GET\"" } 1'; } >s.csv
	run -3 --separate-stderr chaos-analyze --fail-on 'error_rate > 0.5' s.csv
	contradicts "${stderr_lines[-1]}"
	run -3 --separate-stderr chaos-analyze --baseline s.csv good.csv
	contradicts "${stderr_lines[-1]}"
	run -0 --separate-stderr chaos-analyze --fail-on 'error_rate > 0.5' good.csv
}

# outage STATUS LATENCY: 400 requests in 40 s, of which those from 20 to 26 s have these instead of 200 and 12.
outage() {
	awk -v t0=$T0 -v status="$1" -v latency="$2" 'BEGIN {
		print "timestamp,status_code,latency_ms"
		for (i = 0; i < 400; i++)
			printf "%.1f,%s\n", t0 + i / 10, (i >= 200 && i < 260 ? status "," latency : "200,12")
	}'
}

@test "a status that is none is a failure, at the end, live and in the picture" {
	local status class
	while IFS='|' read -r status class; do
		outage "$status" 0.2 >s.csv
		chaos-analyze --warmup-ignore-sec 0 s.csv >a.json
		jq -e --arg class "$class" '.run_summary.error_rate == 0.15 and .run_summary.errors == {($class): 60}
			and .anomaly_windows == [{start_sec: 20, end_sec: 25}]' a.json || fail "$status: $(cat a.json)"
		run -1 chaos-analyze --fail-on 'error_rate > 0.1' s.csv
	done <<-'END'
		000|closed
		0|closed
		-1|closed
		|closed
		1006|protocol
		ECONNREFUSED|refused
		Non HTTP response code: java.net.SocketTimeoutException|timeout
		503 Service Unavailable|http_5xx
	END
	outage 000 0.2 >s.csv
	chaos-analyze --windows --warmup-ignore-sec 0 <s.csv | jq -es '
		(map(select(.type == "window" and .final) | .err) | add) == 60'
	# shellcheck disable=SC2002
	run -4 --separate-stderr bash -c 'cat s.csv | chaos-analyze --stop-on "error_rate > 0.5" --warmup-ignore-sec 0'
	assert_regex "$stderr" 'stop rule: error_rate > 0.5, 2[0-9.]+ s after the start'
	chaos-plot throughput s.csv | grep -q "'20–26 s: up to 100 % errors'"
}

@test "a failure counts whatever stands for its latency; many bad rows leave nothing decided" {
	local latency
	for latency in - NaN '' n/a; do
		outage 503 "$latency" >s.csv
		run -1 --separate-stderr chaos-analyze --warmup-ignore-sec 0 --fail-on 'error_rate > 0.1' s.csv
		jq -e '.run_summary.error_rate == 0.15 and .input.rows_bad == 0' <<<"$output"
	done
	outage 200 - >s.csv
	run -3 --separate-stderr chaos-analyze --fail-on 'error_rate > 0.1' s.csv
	assert_regex "$stderr" "rows skipped: 60 bad \(first bad in line 202: latency_ms '-' is no time in ms\)"
	assert_regex "$stderr" '60 of 400 rows of the run .*read'
	jq -e '.verdict.result == "inconclusive" and (.verdict.reasons | index("rows_bad"))' <<<"$output"
	run -3 chaos-analyze s.csv
	outage 200 12 >good.csv
	run -3 --separate-stderr chaos-analyze --baseline s.csv good.csv
	assert_regex "$stderr" '60 of 400 rows of a baseline .*read'
	# One in a hundred decides nothing, one more does.
	{ sed -n 1,397p good.csv; for _ in 1 2 3 4; do echo '1.79574e+09,200,1'; done; } >few.csv
	run -0 --separate-stderr chaos-analyze few.csv
	assert_regex "$stderr" "4 bad \(first bad in line 398: timestamp '1.79574e\+09' is no"
	echo '1.79574e+09,200,1' >>few.csv
	run -3 chaos-analyze few.csv
}

@test "lines that are no events are told; many of them, and no verdict is a pass" {
	outage 200 12 >s.csv
	local t=$T0
	printf '{"t":%s,"event":"run_start"}\nno event\n{"t":nan,"event":"fault_injected"}\n{"t":"x","event":"x"}\n{"t":1e308,"event":"x"}\n{"t":%s,"event":"run_end"}\n' \
		"$t" $((t + 40)) >e.jsonl
	run -3 --separate-stderr chaos-analyze --fail-on 'error_rate > 0.1' --events e.jsonl s.csv
	assert_regex "$stderr" "events skipped: 4 of 6 lines \(first in line 2 of 'e.jsonl': it is no JSON\)"
	assert_regex "$stderr" ' 1 % .*events of the run .*no events'
	jq -e '.input.events_bad == 4 and .verdict.reasons == ["events_bad"] and .not_judged[-1].what == "faults"' <<<"$output"
	run -3 chaos-analyze --events e.jsonl s.csv
	# One in a hundred is told and decides nothing; what a writer that was killed leaves is not even told.
	{ sed -n '1p;6p' e.jsonl; for _ in {1..97}; do printf '{"t":%s,"event":"x"}\n' "$t"; done; echo '[]'; } >few.jsonl
	run -0 --separate-stderr chaos-analyze --events few.jsonl s.csv
	assert_says "$stderr" chaos-analyze: events "1 of 100" "line 100" "'few.jsonl'" "no JSON object"
	{ sed -n '1p;6p' e.jsonl; printf '{"t":%s,"ev' "$t"; } >torn.jsonl
	run -0 --separate-stderr chaos-analyze --events torn.jsonl s.csv
	assert_equal "$stderr" ""
	jq -e '.input.events_bad == 1' <<<"$output"
}

@test "parts of requests: sums are exact, each node's too" {
	awk -v t0=$T0 'BEGIN {
		print "timestamp,node,ok,err"
		for (i = 0; i < 120; i++)
			printf "%d,a,99.6,0.4\n%d,b,0.5,0\n", t0 + i, t0 + i
	}' >counts.csv
	chaos-analyze --warmup-ignore-sec 0 counts.csv >a.json
	jq -e '(.nodes | map([.url, .ok, .err])) == [["a", 11952, 48], ["b", 60, 0]]
		and .run_summary.due == 12060 and .run_summary.err == 48' a.json
}

@test "blanks around fields, a byte order mark, files of two makes in one" {
	samples 50 20 's>=8 && s<12' | cut -d, -f1-5 >s.csv
	chaos-analyze s.csv >want
	sed 's/,/ , /g' s.csv | chaos-analyze >got
	cmp want got
	{
		awk -F, 'NR <= 501' s.csv
		printf '\357\273\277'
		awk -F, -v OFS=, 'NR == 1 || NR > 501 { print $5, $4, $3, $2, $1 }' s.csv
	} | chaos-analyze >got
	cmp want got
	run -2 chaos-analyze <<<'timestamp,latency_ms,error,error'
	assert_says "$output" chaos-analyze: header "'stdin'" two "'error'"
	# statuses under another name would not be read, and all would be well
	run -2 chaos-analyze <<<$'timestamp,latency_ms,responseCode,error\n1766500000,9,503,'
	run -2 chaos-analyze <<<$'timestamp,latency_ms,status\n1766500000,9,503'
	assert_says "$output" chaos-analyze: header "'stdin'" failed "'status'" "'status_code'"
	for name in STATUS_CODE 'Status Code' http_status_code sc-status; do
		run -2 chaos-analyze <<<"timestamp,latency_ms,$name"$'\n1766500000,9,503'
		assert_output --partial "if '$name' holds HTTP statuses"
	done
}

@test "CRLF, float and integer times, a byte order mark" {
	samples 50 20 's>=8 && s<12' >s.csv
	chaos-analyze s.csv >want
	{ printf '\357\273\277'; sed 's/$/\r/' s.csv; } | chaos-analyze >got
	cmp want got
	awk 'BEGIN { print "timestamp,latency_ms"; for (i = 0; i < 200; i++) print 1700000000 + int(i / 10) ",5" }' |
		chaos-analyze | jq -e '.input.rows == 200 and .anomaly_windows == []'
}

@test "wrong header: one line that names what is missing, exit 2, nothing on stdout" {
	for case in "timestamp,latency:latency_ms.*nearest is 'latency'" \
		"time_stamp,latency_ms:timestamp.*nearest is 'time_stamp'" \
		"a,b:no column 'timestamp'.*starts with 'a'" ":'h.csv' is empty: "; do
		if [ -n "${case%%:*}" ]; then printf '%s\n1,2\n' "${case%%:*}"; fi >h.csv
		run -2 --separate-stderr chaos-analyze h.csv
		refute_output
		assert_regex "$stderr" "^chaos-analyze: .*${case#*:}"
		[ "${#stderr_lines[@]}" -eq 1 ]
	done
}

@test "a header without rows, or nothing but warm-up: there is no result" {
	samples 1 0 >h.csv
	run -3 --separate-stderr chaos-analyze h.csv
	assert_regex "$stderr" "there is no result"
	echo "$output" >a.json
	valid a.json
	samples 50 4 >short.csv
	run -3 --separate-stderr chaos-analyze short.csv
	assert_regex "$stderr" "no second could be judged.*--warmup-ignore-sec"
	echo "$output" >a.json
	valid a.json
	chaos-analyze --warmup-ignore-sec 1 short.csv >b.json
}

@test "a share of a normal that nobody knows is null, neither all nor nothing" {
	samples 50 30 >s.csv
	samples 50 30 1 >failed.csv
	samples 50 4 >short.csv
	chaos-analyze s.csv | jq -e '.availability.yield_of_normal == 1'
	chaos-analyze --baseline s.csv failed.csv | jq -e '.availability.yield_of_normal == 0'
	chaos-analyze failed.csv | jq -e '.availability | .request == 0 and .yield_of_normal == null'
	# no second of the run, of a normal that is known
	run -3 --separate-stderr chaos-analyze --baseline s.csv short.csv
	jq -e '.availability.yield_of_normal == null' <<<"$output"
	run -0 --separate-stderr chaos-analyze --unsteady --fault-at 10..15 --baseline failed.csv failed.csv
	jq -e '.faults[0] | .affected and .depth == null and .outage_equiv_s == null' <<<"$output"
}

@test "usage: exit 2, one line, nothing on stdout" {
	samples 50 2 >s.csv
	mkdir -p runs/baseline1 runs/empty
	cp s.csv runs/baseline1/samples.csv
	echo '{}' >x.json
	while IFS='|' read -ra says; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr chaos-analyze ${says[0]} </dev/null
		refute_output
		assert_says "$stderr" chaos-analyze: "${says[@]:1}"
	done <<-'END'
		--run-id baselin1|run 'baselin1'|'baseline1'?
		--run-id baseline1 --baseline-id nowhere|run 'nowhere'
		--run-id ../runs|'../runs'|run id
		--run-id empty|'empty'|samples.csv
		--runs-dir nodir --run-id a|folder 'nodir'
		--run-id baseline1 s.csv|--run-id|'s.csv'|exclude
		--baseline s.csv --baseline-id baseline1 s.csv|--baseline-id|--baseline|exclude
		--basline s.csv|'--basline'|'--baseline'?
		--error-rate-threshold 2 s.csv|--error-rate-threshold
		--fault-at 10-5 s.csv|fault '10-5'
		--fault-at x s.csv|'x'|AT..UNTIL
		--fault-at 9s..5s s.csv|'9s..5s'|5..9|1m..1m30s
		--fault-at 0...5 s.csv|fault '0...5'
		--config nofile.yaml s.csv|nofile.yaml
		--events nofile.jsonl s.csv|nofile.jsonl
		--load-summary x.json s.csv|'x.json'|load summary|'chaos-load/1'
		--load-summary /dev/null s.csv|/dev/null:1:1:|empty
		nofile.csv|nofile.csv
		.|directory
		--baseline nofile.csv s.csv|nofile.csv
	END
}

@test "a terminal on stdin and no file: a hint instead of silence" {
	needs_terminal
	run -2 script -qec "chaos-analyze" /dev/null </dev/null
	assert_output --partial "nothing to read"
}

@test "a full disk is exit 6, a closed pipe is quiet" {
	samples 50 10 >s.csv
	run -6 --separate-stderr bash -c 'chaos-analyze s.csv >/dev/full'
	assert_regex "$stderr" "No space left"
	mkfifo pipe
	# the reader has gone before the first byte is written
	run -0 --separate-stderr bash -o pipefail -c '{ read -r _ <pipe; cat s.csv; } | chaos-analyze |
		{ exec 0<&-; echo gone >pipe; }'
	refute_output
	[ -z "$stderr" ]
}

@test "the checker of the schema can fail" {
	samples 50 10 | chaos-analyze >a.json
	valid a.json
	while IFS='|' read -r change want; do
		jq "$change" a.json >b.json
		run valid b.json
		assert_failure
		assert_output --partial "$want"
	done <<-'END'
		.new = 1|new is not known
		.run_summary.new = 1|new is not known
		del(.faults)|no faults
		del(.run_summary.due)|no due
		.run_summary.due = "5"|string instead of integer
		.run_summary.due = 5.5|number instead of integer
		.run_summary.due = -1|-1 is below 0
		.run_summary.error_rate = 1.5|1.5 is above 1
		.schema = "chaos-analyze/9"|is not chaos-analyze/1
		.baseline.source = "x"|is not in the list
		.baseline_summary = {}|none of the choices fits
		.anomaly_windows = [{start_sec: 1, end_sec: "2"}]|string instead of integer
		.run_summary.errors = {weird: 1}|weird is not known
	END
	jq '.properties.input.pattern = "x"' "$ROOT/schema/analysis.schema.json" >s.json
	SCHEMA=s.json run valid a.json
	assert_failure
	assert_output --partial "pattern"
}

@test "a baseline shorter than the warm-up judges no throughput, and says so" {
	samples 50 3 >base.csv
	samples 50 20 >s.csv
	run -3 --separate-stderr chaos-analyze --baseline base.csv s.csv
	assert_line_says "$stderr" "no second" baseline used
	jq -e '.baseline.seconds == 0' <<<"$output"
}

@test "counts by another tool: sums are exact, percentiles are what can be known" {
	samples 50 60 's>=20 && s<25' >s.csv
	chaos-analyze s.csv >want.json
	awk -F, 'BEGIN { print "timestamp,ok,err" } NR > 1 { k = int($1); $5 == "" ? ok[k]++ : bad[k]++; all[k] }
		END { for (k in all) printf "%d,%d,%d\n", k, ok[k], bad[k] }' s.csv >counts.csv
	chaos-analyze counts.csv >a.json
	valid a.json
	jq -e '.input.percentiles == "unknown" and .input.counts == 60 and .run_summary.p99_latency_ms == null
		and .run_summary.p99_all_ms == null and .run_summary.max_latency_ms == null' a.json
	for key in .anomaly_windows '.run_summary | [.due, .ok, .err]' .input.seconds; do
		diff <(jq "$key" want.json) <(jq "$key" a.json)
	done
	{
		echo timestamp,node,length_s,ok,err,p50_ms,p95_ms,p99_ms
		for i in $(seq 0 10 110); do
			echo "$((T0 + i)),a,10,1000,$((i == 60 ? 900 : 0)),20,50,90"
			echo "$((T0 + i)),b,10,1000,0,20,50,90"
		done
	} >tens.csv
	chaos-analyze tens.csv >b.json
	valid b.json
	jq -e '.input.percentiles == "estimated" and .input.seconds == 120 and .run_summary.p50_latency_ms == 20.054
		and (.nodes | map([.url, .ok, .err]) == [["a", 12000, 900], ["b", 12000, 0]])
		and .anomaly_windows == [{start_sec: 60, end_sec: 69}] and .run_summary.errors.other == 900' b.json
	# Without lengths, the times tell.
	cut -d, -f1,2,4- tens.csv | chaos-analyze | diff b.json -
	# also of many nodes, all of whose rows are of one time before the next
	awk -v t0=$T0 'BEGIN { print "timestamp,node,ok,err"
		for (t = 0; t < 60; t += 10) for (n = 0; n < 300; n++) print t0 + t ",n" n ",100,0" }' | chaos-analyze |
		jq -e '[.input.seconds, .input.seconds_empty, .run_summary.throughput_rps] == [60, 0, 3000]'
	run -2 chaos-analyze - <<<"timestamp,ok"
	assert_says "$output" chaos-analyze: header "'stdin'" no "'err'" "'timestamp'"
}

@test "one SIGINT while the second of several files is read: all is reported" {
	samples 50 40 >all.csv
	head -n 1001 all.csv >a.csv
	sed 2,1001d all.csv >b.csv
	mkfifo pipe
	env --default-signal=INT chaos-analyze a.csv pipe >out.json 3>&- &
	pid=$!
	exec 9>pipe
	head -c 20000 b.csv >&9
	wait_for 5 bash -c "grep -q '^SigCgt:.*[2367abef]$' /proc/$pid/status"
	kill -INT $pid
	tail -c +20001 b.csv >&9
	exec 9>&-
	wait $pid
	jq -e '.input.rows == 2000' out.json
}

@test "--window: other windows, the same outage; times stay seconds" {
	samples 50 60 's>=20.3 && s<25.2' >s.csv
	event 20.3 fault_injected >e.jsonl
	chaos-analyze --events e.jsonl s.csv >1s.json
	chaos-analyze --window 1 --events e.jsonl s.csv | cmp 1s.json -
	for window in 100ms 0.5 2s 3s; do
		chaos-analyze --window $window --events e.jsonl s.csv >a.json
		valid a.json
		jq -e --slurpfile s 1s.json --arg w $window '($w | if endswith("ms") then 0.1 else rtrimstr("s") | tonumber end) as $w
			| .params.window_s == $w and .input.seconds == 60
			and (.baseline.throughput_rps - 50 | fabs) < 0.1
			and (.faults[0].lost_requests - 245 | fabs) <= 1 and .faults[0].blackout_s == $s[0].faults[0].blackout_s
			and (.intervals | length) == 1 and .intervals[0].fault == "f1"
			and .intervals[0].start_s <= 20.3 and .intervals[0].start_s > 20.3 - $w - 0.001
			and .intervals[0].end_s >= 25.2 and .intervals[0].end_s <= 25.3 + $w
			and (.recovery_time_sec - (.intervals[0].end_s - 20.3) | fabs) < 0.001
			and .anomaly_windows == [{start_sec: (.intervals[0].start_s | floor),
				end_sec: ((.intervals[0].end_s | ceil) - 1)}]' a.json
	done
	# anomalies within one second, and in the next, are one row of seconds
	samples 100 60 's >= 20 && s < 20.1 || s >= 20.5 && s < 20.6 || s >= 21.5 && s < 21.6 || s >= 30 && s < 30.1' |
		chaos-analyze --window 100ms --detector threshold | jq -e '[.anomaly_windows[] | [.start_sec, .end_sec]] == [[20, 21], [30, 30]]
			and (.intervals | length) == 4'
	chaos-analyze --windows --window 0.5 s.csv | jq -se '[.[] | select(.type == "window")] | length == 120
		and .[3].start_s == 1.5 and .[3].length_s == 0.5 and .[3].due == 25'
	cat s.csv | chaos-analyze --windows --window 0.5 | jq -se '[.[] | select(.type == "window" and .final)]
		| length == 120 and .[3].start_s == 1.5 and .[3].length_s == 0.5 and .[3].due == 25'
	run -2 chaos-analyze --window 1ms s.csv
	assert_says "$output" chaos-analyze: --window: 1ms "10ms to 1h"
}

@test "--start and --end: silence up to them is silence, rows outside are counted" {
	samples 50 60 >s.csv
	chaos-analyze --start $((T0 - 20)) --end $((T0 + 75)) s.csv >a.json
	valid a.json
	jq -e '.input.seconds == 95 and .input.seconds_empty == 35 and .input.rows_outside == 0
		and .anomaly_windows == [{start_sec: 5, end_sec: 19}, {start_sec: 80, end_sec: 94}]' a.json
	run -0 --separate-stderr chaos-analyze --start $((T0 + 10)) --end $((T0 + 40)) s.csv
	assert_says "$stderr" chaos-analyze: skipped: "1500 out of time" "1500 rows"
	jq -e '.input.seconds == 30 and .input.rows == 1500 and .input.rows_outside == 1500
		and .anomaly_windows == [] and [.nodes[].due] == [500, 500, 500]
		and [.ops[] | .op, .due] == ["GET", 1500]' <<<"$output"
	chaos-analyze --start $((T0 + 10)) --windows --by-node s.csv 2>err | jq -se '[.[] | select(.start_s == 0)]
		| .[0].type == "window" and .[0].due == 50 and ([.[] | select(.type == "node").due] | length == 3 and add == 50)'
	# a start that the summary tells, in counts too
	printf '{"schema":"chaos-load/1","start_t":%d,"duration_s":50,"timeout_s":2,"sound":true,"profile":[{"at_s":0,"rate_rps":50}]}' \
		$((T0 + 10)) >load.json
	chaos-analyze --load-summary load.json s.csv 2>err | jq -e '.input.rows == 2500 and ([.nodes[].due] | add) == 2500'
	awk -v t0=$T0 'BEGIN { print "timestamp,node,ok,err"; for (s = 0; s < 60; s++) print t0 + s ",http://a,50,0" }' >counts.csv
	for with in "--load-summary load.json" "--start $((T0 + 10))"; do
		chaos-analyze $with counts.csv 2>err | jq -e '.input.rows == 2500 and .nodes[0].due == 2500'
	done
	run -2 --separate-stderr bash -c "cat s.csv | chaos-analyze --windows --end 5"
	assert_says "$stderr" chaos-analyze: --start --end samples
	run -2 chaos-analyze --start 5 --end 5 s.csv
	assert_says "$output" chaos-analyze: "--end 5" not "--start 5"
}

@test "a start that only the events tell holds for a file as for a stream: seconds before the first row count" {
	samples 50 40 | awk -F, -v t=$((T0 + 10)) 'NR == 1 || $1 >= t' >k.csv
	printf '{"t":%s,"event":"load_rate","rate_rps":50}\n' $T0 >k.jsonl
	run -0 --separate-stderr chaos-analyze --warmup-ignore-sec 0 --events k.jsonl k.csv
	echo "$output" >a.json
	jq -e '.input.seconds == 40 and .input.rows == 1500 and .input.start_epoch_s == '$T0' and .anomaly_windows[0].start_sec == 0
		and .anomaly_windows[0].end_sec == 9' a.json
	cat k.csv | chaos-analyze --windows --events k.jsonl --warmup-ignore-sec 0 >live.jsonl
	chaos-analyze --windows --events k.jsonl --warmup-ignore-sec 0 k.csv >file.jsonl
	jq -se 'map(select(.type == "window" and .final)) | length == 40' live.jsonl
	diff <(jq -c 'select(.type == "window" and .final)' live.jsonl) <(jq -c 'select(.type == "window")' file.jsonl)
	# an event that is later than rows moves nothing
	printf '{"t":%s,"event":"load_rate","rate_rps":50}\n' $((T0 + 20)) >k.jsonl
	run -0 --separate-stderr chaos-analyze --warmup-ignore-sec 0 --events k.jsonl k.csv
	jq -e '.input.seconds == 30 and .input.rows == 1500 and .input.start_epoch_s == '$((T0 + 10)) <<<"$output"
	[ -z "$stderr" ]
}

@test "the row that was due first comes after thousands: seconds count from it, a pipe is told that they do not" {
	# 1000 a second for 30 s, those of 10 to 15 s refused; the first one is answered after five seconds
	awk -v t0=$T0 'BEGIN {
		print "timestamp,latency_ms,error"
		for (i = 1; i < 30000; i++) {
			if (i == 5000)
				printf "%.6f,5000,\n", t0
			printf "%.6f,5,%s\n", t0 + i / 1000, (i >= 10000 && i < 15000 ? "refused" : "")
		}
	}' >s.csv
	{ head -n 1 s.csv; tail -n +10001 s.csv; } >late.csv
	head -n 10000 s.csv >first.csv
	found() { jq -c --argjson t0 $T0 '[(.anomaly_windows[] | [.start_sec, .end_sec]), .input.start_epoch_s - $t0, .input.rows]' "$1"; }
	chaos-analyze --warmup-ignore-sec 0 s.csv >a.json
	assert_equal "$(found a.json)" '[[10,14],0,30000]'
	chaos-analyze --warmup-ignore-sec 0 <s.csv | cmp - a.json
	chaos-analyze --warmup-ignore-sec 0 late.csv first.csv | jq 'del(.input)' | cmp - <(jq 'del(.input)' a.json)
	chaos-analyze --warmup-ignore-sec 0 --verdict --baseline s.csv s.csv >b.json || [ $? = 3 ]
	assert_equal "$(jq -c '[.baselines[0].summary | .due, .seconds]' b.json)" '[30000,30]'
	run -0 --separate-stderr chaos-analyze < <(cat s.csv)
	assert_regex "$stderr" '^chaos-analyze: second 0 begins 0.999 s before the earliest row, which came after 4096 others'
	assert_equal "${#stderr_lines[@]}" 1
}

@test "more requests than a window can hold: the rows that do not fit are counted, nothing wraps" {
	{ echo timestamp,ok,err,length_s; for ((i = 0; i < 5; i++)); do echo "$T0.$i,1000000000,0,0.1"; done; } >big.csv
	run -3 --separate-stderr chaos-analyze --warmup-ignore-sec 0 --windows big.csv
	assert_regex "$stderr" '3 of more .*window.*; 2000000000 rows'
	jq -se 'map(select(.type == "window"))[0] | .due == 2000000000 and .ok == .due' <<<"$output"
}

@test "--text: a screenful for people, with the figures of the JSON; a terminal is told of it" {
	awk 'BEGIN { print "timestamp,node,status_code,latency_ms"
		for (i = 0; i < 2000; i++) printf "%.2f,http://a_b:1,%s,7\n", 1766500000 + i / 50, (i >= 1000 && i < 1100) ? "503" : "200" }' >s.csv
	printf '{"t":1766500020,"event":"fault_injected","fault":"f1","action":"kill","past":"killed","node":"a\\u009b_b"}\n' >e.jsonl
	chaos-analyze --events e.jsonl s.csv >a.json
	chaos-analyze --events e.jsonl --text s.csv >text
	grep -q '^requests  *1,\?750$' text
	grep -q "^failed  *$(jq .run_summary.err a.json)$" text
	grep -q '^killed a _b .*at 20 s' text
	tr '\n' ' ' <text | tr -s ' ' | grep -q ', first failed at once, '
	run grep -nE '[*|\\]|^#|nan' text
	assert_output ""
	[ "$(wc -L <text)" -le 80 ]
	[ "$(wc -l <text)" -le 24 ]
	grep -q "lost" text
	run -2 chaos-analyze --text --windows s.csv
	echo 'load: {connections: 3}' >c.yaml # without a timeout
	chaos-analyze --config c.yaml s.csv >/dev/null
	needs_terminal
	script -qec "chaos-analyze s.csv" /dev/null </dev/null >screen
	grep -q -e "--text" screen
}

@test "ops: figures per op are the same whether a second op comes late, at once or never" {
	# 600 rows of one op, then 300 of another or none; on three nodes
	rows() {
		awk -v first="$1" -v then="$2" 'BEGIN {
			print "timestamp,node,status_code,latency_ms,error,op"
			for (i = 0; i < 900; i++)
				printf "%.3f,n%d,%s,%d,%s,%s\n", 1766500030 + i / 100, i % 3, i % 10 ? 200 : "",
					i % 50 + 1, i % 10 ? "" : "timeout", i < 600 ? first : then
		}' | chaos-analyze | jq -c '[.ops[] | [.op, .ok, .err]]'
	}
	[ "$(rows GET GET)" = '[["GET",810,90]]' ]
	[ "$(rows GET SET)" = '[["GET",540,60],["SET",270,30]]' ]
	[ "$(rows GET a-long-name-of-an-operation)" = '[["GET",540,60],["a-long-name-of-an-operation",270,30]]' ]
	[ "$(rows GET '')" = '[["GET",540,60]]' ]
	[ "$(rows '' GET)" = '[["GET",270,30]]' ]
}

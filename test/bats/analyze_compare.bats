#!/usr/bin/env bats
# chaos-analyze: a run against one baseline run, or several.

bats_require_minimum_version 1.5.0
load helper
load analyze_helper

setup() {
	scratch
}

# latency FACTOR: the samples on stdin with their 80 ms times that.
latency() {
	sed "s/,80\.000,/,$(awk -v f="$1" 'BEGIN { printf "%.3f", 80 * f }'),/"
}

# verdict WANT CODE ARG…: the comparison's verdict and the exit code with --verdict; the analysis is in a.json.
verdict() {
	local want=$1 code=$2
	shift 2
	run "-$code" --separate-stderr chaos-analyze --verdict "$@"
	echo "$output" >a.json
	valid a.json
	jq -e --arg want "$want" '.verdict.result == $want' a.json
}

@test "the verdict: pass, fail, inconclusive are 0, 1, 3, and only if asked for" {
	samples 50 60 >base.csv
	verdict pass 0 --baseline base.csv base.csv
	[ -z "$stderr" ]
	jq -e '.comparison == {baselines: 1, between_run_variance: "unknown", verdict: "pass", reasons: []}
		and .verdict == {result: "pass", reasons: [], gates: []}' a.json
	# twice as slow
	latency 2 <base.csv >slow.csv
	verdict fail 1 --baseline base.csv slow.csv
	assert_says "$stderr" chaos-analyze: worse "p50_latency_ms, p95_latency_ms, p99_latency_ms, availability.time"
	jq -e '(.compare[] | select(.metric == "p95_latency_ms")) | .cliffs_delta == 1 and .diff == 80 and .verdict == "fail"' a.json
	chaos-analyze --baseline base.csv slow.csv | jq -e '.verdict == null and .comparison.verdict == "fail"'
	# faster is not worse
	verdict pass 0 --baseline slow.csv base.csv
	# 3 requests a second: a tenth more or less cannot be told
	samples 3 60 >few.csv
	verdict inconclusive 3 --baseline few.csv few.csv
	assert_line_says "$stderr" inconclusive "worse than the baseline:"
	run -2 --separate-stderr chaos-analyze --verdict base.csv
	assert_line_says "$stderr" chaos-analyze: --verdict baseline
}

@test "a silence in a closed loop is worse, though every request that was sent succeeded" {
	samples 50 600 >base.csv
	# none for 20 of 600 seconds: the others are as good as ever, and throughput is within its tolerance
	awk -F, -v a=$T0 'NR == 1 || $1 < a + 300 || $1 >= a + 320' base.csv >closed.csv
	verdict fail 1 --baseline base.csv closed.csv
	jq -e '.verdict.reasons == ["availability.time", "closed_loop"]
		and .availability.request == 1 and .availability.yield_of_normal < 0.97
		and ([.compare[] | select(.verdict == "pass").metric] | contains(["throughput_rps", "availability.request"]))' a.json
}

@test "error budget: outage-equivalent seconds against what the objective allows in 30 days" {
	samples 50 100 's>=40 && s<70' >s.csv
	chaos-analyze --fault-at 40..70 s.csv >a.json
	valid a.json
	# 30 s of 2592 s
	jq -e '.availability | .slo == 0.999 and .outage_equiv_s == 30 and .budget_burned == 0.011574' a.json
	chaos-analyze --fault-at 40..70 --slo 0.99 s.csv | jq -e '.availability.budget_burned == 0.001157
		and (.availability.burn_rate | . > 31 and . < 32)'
	run -1 chaos-analyze --fault-at 40..70 s.csv --fail-on 'budget_burned > 0.01'
	run -0 chaos-analyze --fault-at 40..70 s.csv --fail-on 'budget_burned > 0.012' --fail-on 'burn_rate > 320'
	run -2 --separate-stderr chaos-analyze --slo 1 s.csv
}

@test "tolerances: so much worse is not worse" {
	samples 50 60 >base.csv
	latency 1.15 <base.csv >run.csv
	verdict fail 1 --baseline base.csv run.csv
	verdict pass 0 --baseline base.csv run.csv --tolerance p50_latency_ms=0.2 \
		--tolerance p95_latency_ms=0.2 --tolerance p99_latency_ms=0.2
	jq -e '[.compare[] | select(.metric == "p99_latency_ms").tolerance] == [16]' a.json
	while IFS='|' read -ra says; do
		run -2 --separate-stderr chaos-analyze --baseline base.csv --tolerance "${says[0]}" run.csv
		refute_output
		assert_says "$stderr" chaos-analyze: "${says[@]:1}"
	done <<-'END'
		p99_latency=0.2|'p99_latency'|'p99_latency_ms'?
		p99=0.2|metric|'p99'|'p99_latency_ms'?
		latency=0.2|metric|'latency'|throughput_rps, p50_latency_ms,|availability.yield
		error_rate|'error_rate'|METRIC=VALUE
		error_rate=x|'error_rate=x'|number
		error_rate=-1|'error_rate=-1'|number
		p99_all_ms=1|metric|'p99_all_ms'|tolerance
	END
}

@test "three baseline runs tell how much runs vary" {
	# runs at 96, 100 and 104 ms: 108 is one more of the kind, though surely 8 % slower than their mean
	samples 50 60 >s.csv
	for ms in 96 100 104; do sed "s/,80\.000,/,$ms.000,/" s.csv >"b$ms.csv"; done
	sed 's/,80\.000,/,112.000,/' s.csv >run.csv
	verdict fail 1 --baseline b100.csv run.csv
	verdict inconclusive 3 --baseline b96.csv --baseline b100.csv --baseline b104.csv run.csv
	jq -e '.comparison.baselines == 3 and .comparison.between_run_variance == "estimated"
		and ([.baselines[].file] == ["b96.csv", "b100.csv", "b104.csv"])
		and (.compare[] | select(.metric == "p50_latency_ms") | .between_run_sd > 3.9 and .between_run_sd < 4.2
			and .diff_low < -30 and .diff_high > 50)' a.json
	verdict fail 1 --baseline b96.csv --baseline b100.csv run.csv
	jq -e '.comparison.between_run_variance == "unknown"' a.json
	# so far off is no chance of runs
	sed 's/,80\.000,/,400.000,/' s.csv >far.csv
	verdict fail 1 --baseline b96.csv --baseline b100.csv --baseline b104.csv far.csv
	# what is normal comes from the one in the middle
	samples 30 60 >low.csv
	samples 90 60 >high.csv
	chaos-analyze --baseline high.csv --baseline s.csv --baseline low.csv s.csv >a.json
	jq -e '[.baselines[].normal] == [false, true, false] and .baseline.throughput_rps == 50
		and .anomaly_windows == [] and .baseline_summary.ok == 9350' a.json
	# by id, and the id of the one in the middle
	for r in r1:low r2:s r3:high; do
		mkdir -p "runs/${r%:*}"
		cp "${r#*:}.csv" "runs/${r%:*}/samples.csv"
	done
	chaos-analyze --baseline-id r1 --baseline-id r2 --baseline-id r3 s.csv >b.json
	valid b.json
	jq -e '.baseline_id == "r2" and [.baselines[].id] == ["r1", "r2", "r3"]' b.json
}

@test "phases: before, during and after the fault, each against the same of the baseline" {
	samples 50 90 's>=30 && s<40' >base.csv
	samples 50 90 's>=20 && s<40' | awk -F, -v OFS=, -v a=$T0 '$1 >= a + 60 && $4 == "80.000" { $4 = "120.000" } 1' >run.csv
	mkdir -p runs/b runs/r
	cp base.csv runs/b/samples.csv
	cp run.csv runs/r/samples.csv
	{ event 30 fault_injected; event 40 reverted; } >runs/b/events.jsonl
	{ event 20 fault_injected; event 40 reverted; } >runs/r/events.jsonl
	verdict fail 1 --run-id r --baseline-id b
	jq -e '[.phases[] | [.phase, .start_s, .end_s, .baseline_whole]] ==
			[["pre", 5, 20, false], ["fault", 20, 40, false], ["post", 40, 90, false]]
		and .phases[0].verdict != "fail" and .phases[0].baseline_summary.seconds == 25
		and (.phases[1] | .run_summary.seconds == 20 and .baseline_summary.seconds == 10)
		and ([.phases[2].compare[] | select(.verdict == "fail").metric] | contains(["p95_latency_ms"]))
		and (.verdict.reasons | contains(["post: p95_latency_ms"]))' a.json
	# without a baseline they are there as well; a fault that was not lifted lasts
	chaos-analyze --fault-at 20 run.csv >b.json
	valid b.json
	jq -e '[.phases[] | [.phase, .end_s, .verdict]] == [["pre", 20, null], ["fault", 90, null]]' b.json
	# a baseline without that phase is taken as a whole, and does not decide
	cp base.csv plain.csv
	chaos-analyze --run-id r --baseline plain.csv >c.json
	jq -e 'all(.phases[]; .baseline_whole) and all(.comparison.reasons[]; contains(":") | not)' c.json
	chaos-analyze run.csv | jq -e '.phases == []'
}

@test "phases: those of the scenario, by name" {
	samples 50 60 >s.csv
	mkdir -p runs/b runs/r
	cp s.csv runs/b/samples.csv
	cp s.csv runs/r/samples.csv
	phase() { printf '{"t":%d,"event":"phase_start","phase":"%s","duration_s":1}\n' $((T0 + $1)) "$2"; }
	{ phase 0 warmup; phase 20 steady; phase 30 steady; } >runs/b/events.jsonl
	{ phase 0 warmup; phase 10 steady; phase 40 steady; phase 50 'odd one'
	  printf '{"t":%d,"event":"run_end"}\n' $((T0 + 55)); } >runs/r/events.jsonl
	chaos-analyze --run-id r --baseline-id b >a.json
	valid a.json
	jq -e '[.phases[] | [.phase, .start_s, .end_s, .baseline_whole, .baseline_summary.seconds]] ==
		[["warmup", 5, 10, false, 15], ["steady", 10, 40, false, 10], ["steady", 40, 50, false, 30],
		 ["odd one", 50, 55, true, 55]]' a.json
}

@test "an unsound baseline run decides nothing" {
	samples 50 60 >s.csv
	mkdir -p runs/b
	cp s.csv runs/b/samples.csv
	printf '{"schema":"chaos-load/1","start_t":%d,"duration_s":60,"sound":false}' $T0 >runs/b/load.json
	verdict inconclusive 3 --baseline-id b s.csv
	jq -e '.verdict.reasons == ["baseline_unsound"] and .sensitivity.baseline_unsound
		and (.sensitivity.generator_unsound | not)' a.json
}

@test "gates: what followed a fault, against what followed the baseline's" {
	for r in b:40 c:42 r:44 never:90; do
		mkdir -p "runs/${r%:*}"
		samples 50 90 "s>=30 && s<${r#*:}" >"runs/${r%:*}/samples.csv"
		event 30 fault_injected >"runs/${r%:*}/events.jsonl"
	done
	run -1 --separate-stderr chaos-analyze --run-id r --baseline-id b \
		--fail-on 'recovery_time_sec > 1.2 * baseline.recovery_time_sec + 1'
	assert_says "$stderr" chaos-analyze: "gate failed: recovery_time_sec > 1.2 * baseline.recovery_time_sec + 1" 14
	run -0 chaos-analyze --run-id r --baseline-id b --fail-on 'lost_requests > 1.5 * baseline.lost_requests' \
		--fail-on 'relapses > baseline.relapses' --fail-on 'blackout_s > baseline.blackout_s + 5'
	# the mean of several
	run -0 --separate-stderr chaos-analyze --run-id r --baseline-id b --baseline-id c --fail-on 'recovery_time_sec > 1.28 * baseline.recovery_time_sec'
	jq -e '.verdict.gates[0].bound == 14.08' <<<"$output"
	# nobody knows how long the baseline would have taken, but 60 s at least
	run -3 chaos-analyze --run-id r --baseline-id never --fail-on 'baseline.recovery_time_sec < 100'
	run -1 chaos-analyze --run-id r --baseline-id never --fail-on 'recovery_time_sec < baseline.recovery_time_sec'
}

@test "the same baseline twice is refused: it would pass for runs that hardly vary" {
	samples 50 20 >a.csv
	ln -s a.csv link.csv
	run -2 --separate-stderr chaos-analyze --baseline a.csv --baseline link.csv a.csv
	refute_output
	assert_equal "$stderr" "chaos-analyze: the baseline 'link.csv' is given twice"
}

@test "what would decide is told for what looks worse, not for what is as before" {
	local i=0 ms least
	for ms in 7.8 110; do
		awk -v m=$ms -v t0=$T0 -v seed=$((++i)) 'BEGIN { print "timestamp,latency_ms,error"
			for (x = 4711 * seed; i < 40; i++) {
				x = x * 16807 % 2147483647
				printf "%.6f,%.3f,\n", t0 + i / 5, m * (0.5 - log(1 - x / 2147483647) * 0.7)
			} }' >$ms.csv
	done
	run -3 --separate-stderr chaos-analyze --warmup-ignore-sec 5 --baseline 7.8.csv --verdict 110.csv
	least=$(jq '[.compare[] | select(.metric | startswith("p")) | .decide_s // empty] | min' <<<"$output")
	[[ $stderr == *"; runs of $least s would decide, perhaps shorter ones"* && $least -lt 200 ]]
	jq -e '[.compare[].decide_s // empty] | max > 1000' <<<"$output"
}

@test "a system against itself is not worse, however its latency wanders; what would decide is told" {
	# at most 1 of 20: the level of a second like that of the one before, for a long time, and a slow drift
	for noise in 'rho=0.8 cv=0.3' 'rho=0.99 arrivals=1' wave=1 'rho=0.99 seconds=20'; do
		# shellcheck disable=SC2086
		run -0 "$ROOT/test/support/pairs" 20 $noise
		assert_regex "$output" '^worse [01], '
	done
	# half as slow again is seen: always where seconds do not follow one another, else in half of the cases
	run -0 "$ROOT/test/support/pairs" 10 slower=1.5
	assert_output 'worse 10, undecided 0, not worse 0'
	run -0 "$ROOT/test/support/pairs" 20 slower=1.5 rho=0.8
	assert_regex "$output" '^worse 1[0-9], '
	# a tail of one in fifty in 20 s is too little for most; how long would do
	TOLD=2 run -0 "$ROOT/test/support/pairs" 3 seconds=20 tail=1.2
	assert_regex "$output" 'p99_latency_ms; runs of [0-9]+ s would decide'
	TOLD=1 run -0 "$ROOT/test/support/pairs" 2 wave=1
	assert_regex "$output" '; not even 30 baseline runs .*decide; .* unknown: .*runs of 1200 s '
}

# exponential_runs FACTOR…: a run for each, of 40 s at 5/s, and its latencies times the factor.
exponential_runs() {
	local n=0 factor
	for factor; do
		awk -v m="$factor" -v t0=$T0 -v seed=$((++n)) 'BEGIN { print "timestamp,latency_ms,error"
			for (x = 4711 * seed; i < 200; i++) {
				x = x * 16807 % 2147483647
				printf "%.6f,%.3f,\n", t0 + i / 5, m * (100 - log(1 - x / 2147483647) * 70)
			} }' >$n.csv
	done
}

@test "where no number of baseline runs decides, the length that would is told, or that none would" {
	exponential_runs 1 1 1 1
	run -3 --separate-stderr chaos-analyze --baseline 1.csv --baseline 2.csv --baseline 3.csv --verdict 4.csv
	assert_regex "$stderr" '; [0-9] or more baseline runs, all of [0-9]+ s, would decide$'
	exponential_runs 1 1.8 2.6 2
	run -3 --separate-stderr chaos-analyze --baseline 1.csv --baseline 2.csv --baseline 3.csv --verdict 4.csv
	assert_line_says "$stderr" "not even 30 baseline runs" nor longer varies "from run to run"
}

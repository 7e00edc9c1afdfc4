#!/usr/bin/env bats
# chaos-analyze on generated runs of which it is known what happened.

bats_require_minimum_version 1.5.0
load helper
load analyze_helper

setup() {
	scratch
}

# run_of RPS SECONDS ACTIONS: a request every 1/RPS s, about 20 ms each (lognormal, 99th percentile
# 40 ms). ACTIONS is awk on t, the due second with its fraction, that may set ms, bad (a failure) or skip (nothing was sent), and
# u(), a random number.
run_of() {
	awk -v rps="$1" -v n="$(($1 * $2))" -v t0=$T0 -v seed="${draw:-1}" '
		function u() { return rand() }
		BEGIN {
			srand(seed)
			print "timestamp,latency_ms,error"
			for (i = 0; i < n; i++) {
				t = i / rps
				ms = 20 * exp(0.3 * sqrt(-2 * log(1 - u())) * cos(6.283185307 * u()))
				bad = skip = 0
				wall = t
				'"$3"'
				if (!skip)
					printf "%.6f,%.3f,%s\n", t0 + wall, ms, bad ? "refused" : ""
			}
		}'
}

# poisson RPS SECONDS [CONDITION]: Poisson arrivals, 5 ms each; none where CONDITION holds (awk on t).
poisson() {
	awk -v rps="$1" -v s="$2" -v t0=$T0 -v seed="${draw:-1}" 'BEGIN {
		srand(seed)
		print "timestamp,latency_ms,error"
		for (t = 0; t < s; t -= log(1 - rand()) / rps)
			if (!('"${3:-0}"'))
				printf "%.6f,5.000,\n", t0 + t
	}'
}

# near FROM TO [REASON]: one anomaly in a.json, whose ends are within a window of these, for that reason.
near() {
	jq -e --argjson from "$1" --argjson to "$2" --arg reason "${3:-}" '
		def within(x): . >= x - 1 and . <= x + 1;
		(.intervals | length) == 1 and (.intervals[0] | (.start_s | within($from)) and (.end_s | within($to))
			and ($reason == "" or (.reasons | index($reason) != null)))' a.json ||
		{ jq -c '.intervals[]' a.json; return 1; }
}

# lost WANT: what the one fault cost, within 2 %.
lost() {
	jq -e --argjson want "$1" '.faults[0].lost_requests | . >= 0.98 * $want and . <= 1.02 * $want' a.json ||
		{ jq -c '.faults[0].lost_requests' a.json; return 1; }
}

# judge FAULT [ARG…]: analyses s.csv.
judge() {
	chaos-analyze --fault-at "$1" "${@:2}" s.csv >a.json
	valid a.json
}

@test "outages: refused, silent, short, and one that outlasts the run" {
	run_of 100 120 'bad = t >= 40 && t < 60' >s.csv
	judge 40..60
	near 40 60 errors
	lost 2000
	jq -e '.faults[0] | .recovery_time_s >= 19 and .recovery_time_s <= 21 and (.censored | not) and .depth > 0.99' a.json
	run_of 100 120 'skip = t >= 40.5 && t < 60.5' >s.csv
	judge 40.5..60.5
	near 40 61 silence
	lost 2000
	jq -e '.faults[0].blackout_s | . > 19.9 and . < 20.2' a.json
	# at 100 a second it is certain long before the second is over
	jq -e '.faults[0].time_to_silence_s | . > 0.05 and . < 0.25' a.json
	jq -e '.intervals[0].silence_s == 40.5 + .faults[0].time_to_silence_s' a.json
	run_of 100 120 'bad = t >= 40.2 && t < 42.7' >s.csv
	judge 40.2s..42.7s
	near 40 43 errors
	lost 250
	run_of 100 120 'bad = t >= 90' >s.csv
	judge 90
	near 90 120 errors
	lost 3000
	jq -e '.faults[0] | .censored and .recovery_time_s == null and .recovery_lower_bound_s == 30' a.json
}

@test "an outage in the first seconds, and no warm-up to hide it" {
	run_of 100 120 'bad = t < 8' >s.csv
	judge 0..8 --warmup-ignore-sec 0
	near 0 8 errors
	lost 800
	chaos-analyze --warmup-ignore-sec 0 s.csv >a.json
	near 0 8 errors
	jq -e '.recovery_time_sec == 8' a.json
}

@test "brown-outs: a fifth of the requests fail; all are three times as slow; only a few are" {
	run_of 100 120 'bad = t >= 40 && t < 60 && u() < 0.2' >s.csv
	judge 40..60
	near 40 60 errors
	lost "$(grep -c refused s.csv)"
	jq -e '.intervals[0].reasons == ["errors"]' a.json
	run_of 100 120 'if (t >= 40 && t < 60) ms *= 3' >s.csv
	judge 40..60
	near 40 60 latency
	jq -e '.intervals[0] | .p99_ratio > 2.5 and .p99_ratio < 3.5' a.json
	chaos-llm --no-model a.json | grep -E 'p99 latency up to [0-9.]+ ms, normally [0-9.]+ ms, healthy'
	jq '.intervals[0].min_ratio = 1' a.json | chaos-llm --no-model | run ! grep 'In the worst second'
	run_of 100 120 'if (t >= 40 && t < 60 && u() < 0.2) ms = 120' >s.csv
	judge 40..60
	near 40 60 latency
	# one in twenty matters only to those who say so
	run_of 100 120 'if (t >= 40 && t < 60 && u() < 0.06) ms = 120' >s.csv
	judge 40..60 || [ $? -eq 3 ]
	jq -e '.intervals == []' a.json
	judge 40..60 --error-rate-threshold 0.03
	near 40 60 latency
	# a third slower is no change that matters
	run_of 100 120 'if (t >= 40 && t < 60) ms *= 1.33' >s.csv
	judge 40..60 || [ $? -eq 3 ]
	jq -e '.intervals == []' a.json
	judge 40..60 --latency-factor 1.1
	near 40 60 latency
	judge 40..60 --latency-factor 1.1 --latency-min-ms 30 || [ $? -eq 3 ]
	jq -e '.intervals == [] and .params.latency_factor == 1.1 and .params.latency_min_ms == 30' a.json
}

@test "noise of a busy machine does not outlast an outage; errors and latency end at times of their own" {
	# 0.5 ms, and after the outage two in fifty take 2 to 9 ms, as in a few seconds before it
	run_of 50 60 'ms = 0.5; bad = t >= 20 && t < 30; if (t >= 30 && u() < 0.05) ms = 2 + 7 * u()' >s.csv
	judge 20..29.5
	near 20 30 errors
	jq -e '.faults[0] | .recovery_time_s == 10 and .error_recovery_time_s == 10 and .latency_recovery_time_s == 0' a.json
	# requests are answered again from 30 on, and fast from 42 on
	run_of 50 60 'ms = 0.5; bad = t >= 20 && t < 30; if (t >= 30 && t < 42) ms = 40' >s.csv
	judge 20..30
	near 20 42 errors
	near 20 42 latency
	jq -e '.faults[0] | .recovery_time_s == 22 and .error_recovery_time_s == 10 and .latency_recovery_time_s == 22' a.json
	run -0 chaos-analyze --fault-at 20..30 s.csv --fail-on 'error_recovery_time_s > 11' --fail-on 'recovery_after_revert_s > 13'
	run -1 chaos-analyze --fault-at 20..30 s.csv --fail-on 'recovery_after_revert_s > 11' --fail-on 'latency_recovery_time_s > 23'
	# and if it stays slow, only that is not known
	run_of 50 60 'ms = 0.5; bad = t >= 20 && t < 30; if (t >= 30) ms = 40' >s.csv
	judge 20..30
	jq -e '.faults[0] | .censored and .recovery_time_s == null and .error_recovery_time_s == 10
		and .latency_recovery_time_s == null' a.json
	run -0 chaos-analyze --fault-at 20..30 s.csv --fail-on 'error_recovery_time_s > 11'
	run -1 chaos-analyze --fault-at 20..30 s.csv --fail-on 'latency_recovery_time_s > 30'
	run -3 chaos-analyze --fault-at 20..30 s.csv --fail-on 'latency_recovery_time_s > 50'
}

@test "no fault is known, and most of the run is after it: what came before tells what is normal" {
	for then in 'if (t >= 45 && u() < 0.5) ms = 200' 'skip = t >= 45 && u() < 0.55' 'bad = bad || (t >= 45 && u() < 0.16)'; do
		run_of 50 120 "bad = t >= 40 && t < 45; $then" >s.csv
		chaos-analyze s.csv >a.json
		near 40 120
		jq -e '.censored and .recovery_time_sec == null and .recovery_lower_bound_s > 79' a.json
	done
	# where it was well again, all of the run tells it
	run_of 50 120 'bad = t >= 40 && t < 45' >s.csv
	chaos-analyze s.csv | jq -e '.recovery_time_sec == 5 and .sensitivity.false_alarm_bound == 0.01'
}

@test "a ramp down and up, and flapping" {
	# fewer and fewer from 40 on, none at 60, all again at 80: by half between 50 and 70
	run_of 500 120 'if (t >= 40 && t < 80) bad = u() < 1 - (t > 60 ? t - 60 : 60 - t) / 20' >s.csv
	judge 40..80
	near 40 80 errors
	lost "$(grep -c refused s.csv)"
	# three seconds down, three seconds up: too short to be well
	run_of 100 120 'bad = t >= 40 && t < 70 && int((t - 40) / 3) % 2 == 0' >s.csv
	judge 40..67
	near 40 67 errors
	lost 1500
	jq -e '.faults[0].relapses == 4 and .faults[0].recovery_time_s >= 26 and .faults[0].recovery_time_s <= 28' a.json
}

@test "the wall clock steps: what the rows show is what is told" {
	# forward by 30 s: no row lies between
	run_of 100 120 'wall = t + (t >= 60 ? 30 : 0)' >s.csv
	chaos-analyze s.csv >a.json
	near 60 90 silence
	# back by 30 s: twice as many rows lie there, which is not less
	run_of 100 120 'wall = t - (t >= 60 ? 30 : 0)' >s.csv
	chaos-analyze s.csv >a.json
	jq -e '.intervals == [] and .input.rows == 12000 and .input.seconds == 90' a.json
	# of a run that was declared to last 120 s the last 30 are missing then
	printf '{"schema":"chaos-load/1","start_t":%d,"duration_s":120,"sound":true}' $T0 >load.json
	chaos-analyze --load-summary load.json s.csv >a.json
	near 90 120 silence
	# to and fro by a fraction of a second, as NTP does it
	run_of 100 120 'wall = t + (t >= 30 && t < 80 ? 0.25 : 0)' >s.csv
	chaos-analyze s.csv | jq -e '.intervals == []'
}

@test "a database failover behind a closed loop: all that was sent succeeded, and it was dead for seven minutes" {
	# sixteen clients wait 10 s each for an answer that does not come, six times over, and then for as long as it takes
	awk -v t0=$T0 'BEGIN {
		srand(5)
		print "timestamp,latency_ms,error"
		for (t = 0; t < 20; t -= log(1 - rand()) / 90) printf "%.6f,%.3f,\n", t0 + t, 5 + 3 * rand()
		for (i = 0; i < 6; i++) for (c = 0; c < 4; c++) printf "%.6f,10000.000,timeout\n", t0 + 20.01 + 10 * i + c / 100
		for (t = 439; t < 470; t -= log(1 - rand()) / 90) printf "%.6f,%.3f,\n", t0 + t, 5 + 3 * rand()
	}' >s.csv
	for marked in "" "--fault-at 20"; do
		# shellcheck disable=SC2086
		chaos-analyze $marked s.csv >a.json
		valid a.json
		near 20 439 silence
		jq -e '.availability | .request > 0.99 and .time < 0.12 and .yield_of_normal < 0.15
			and .outage_equiv_s > 400 and .outage_equiv_s < 440' a.json
		jq -e '.sensitivity.closed_loop and .recovery_time_sec >= 418 and .recovery_time_sec <= 420' a.json
		# what was sent tells nothing of what could not be sent
		# shellcheck disable=SC2086
		run -3 chaos-analyze $marked s.csv --fail-on 'availability.request < 0.99'
		# that it was dead is no less true for it
		# shellcheck disable=SC2086
		run -1 chaos-analyze $marked s.csv --fail-on 'recovery_time_sec > 60'
	done
}

@test "the shortest outage that would have been seen is seen, wherever it lies; one of a tenth of it is not" {
	for rps in 2 5 20 100; do
		poisson $rps 300 >base.csv
		read -r shortest window < <(chaos-analyze --baseline base.csv base.csv |
			jq -r '"\(.sensitivity.shortest_outage_s) \(.params.window_s)"')
		seen=0
		for draw in 2 3 4 5 6 7; do
			at=$(awk -v s=$draw 'BEGIN { print 100 + s * 7.37 }')
			poisson $rps 300 "t >= $at && t < $at + $shortest" >s.csv
			chaos-analyze --window "$window" --baseline base.csv s.csv | jq -e --argjson at "$at" --argjson w "$window" 'any(.intervals[]; .start_s <= $at + $w and .end_s > $at)' ||
				fail "at $rps/s an outage of $shortest s at $at s was not seen"
			poisson $rps 300 "t >= $at && t < $at + $shortest / 10" >s.csv
			seen=$((seen + $(chaos-analyze --window "$window" --baseline base.csv s.csv | jq '.intervals | length')))
		done
		[ "$seen" -le 1 ]
	done
}

@test "what cannot be told for lack of requests is inconclusive, with the reason" {
	# no outage was seen; one of a second would not have been
	poisson 3 300 >s.csv
	run -0 chaos-analyze s.csv --fail-on 'recovery_time_sec > 20' --fail-on 'anomalous_s > 0'
	run -3 --separate-stderr chaos-analyze s.csv --fail-on 'recovery_time_sec > 1'
	assert_says "$stderr" chaos-analyze: "gate inconclusive: recovery_time_sec > 1" outage "not be detected"
	echo "$output" >a.json
	valid a.json
	jq -e '.verdict.result == "inconclusive" and .verdict.gates[0].doubt == "shortest_outage_s"' a.json
	poisson 100 300 >s.csv
	run -0 chaos-analyze s.csv --fail-on 'recovery_time_sec > 1'
}

@test "bare thresholds: how often chance alone is beyond them is told, and decides nothing" {
	poisson 5 300 >s.csv
	run -3 --separate-stderr chaos-analyze --detector threshold s.csv --fail-on 'anomalous_s > 0'
	assert_says "${stderr_lines[0]}" chaos-analyze: "gate inconclusive: anomalous_s > 0" "longer baseline" chance
	echo "$output" >a.json
	valid a.json
	jq -e '.sensitivity.false_alarm_bound > 0.99 and .sensitivity.may_be_chance and (.intervals | length) > 5
		and .verdict.gates[0].doubt == "false_alarm_bound"' a.json
	poisson 100 300 't >= 100 && t < 110' >s.csv
	run -1 --separate-stderr chaos-analyze --detector threshold s.csv --fail-on 'anomalous_s > 0'
	jq -e '.sensitivity.false_alarm_bound < 0.001 and (.sensitivity.may_be_chance | not)' <<<"$output"
}

@test "a normal that wanders by itself is told, and no pass" {
	awk -v t0=$T0 'function g() { return sqrt(-2 * log(1 - rand())) * cos(6.283185307 * rand()) }
		BEGIN {
			srand(4)
			print "timestamp,latency_ms,error"
			for (k = 0; k < 600; k++) {
				x = 0.95 * x + 0.312 * 0.3 * g()
				n = int(100 * (1 + x))
				for (i = 0; i < n; i++) printf "%.6f,5.000,\n", t0 + k + i / n
			}
		}' >s.csv
	run -3 --separate-stderr chaos-analyze s.csv --fail-on 'error_rate > 0.5'
	jq -e '.sensitivity.baseline_unstable and .verdict.reasons == ["baseline_unstable"]' <<<"$output"
	local shortest
	shortest=$(jq '.sensitivity.shortest_outage_s * 10 | round / 10' <<<"$output")
	assert_says "$stderr" chaos-analyze: inconclusive: baseline "15 %" "16 windows" outage "shorter than $shortest s"
	run -0 --separate-stderr chaos-analyze s.csv
	assert_says "$stderr" chaos-analyze: baseline "15 %" "16 windows" outage "shorter than $shortest s"
	echo "$output" >a.json
	local clause="outages shorter than $shortest s would not be seen, as the normal varies by more than 15 %"
	run -0 --separate-stderr chaos-analyze --text s.csv
	[[ $(xargs <<<"$output") == *": no anomaly; $clause."* ]]
	chaos-llm --no-model a.json >r.md
	sed 's/\\//g' r.md | grep -qF "$clause"
	chaos-plot throughput s.csv | tr -d '\n' | grep -q "shorter than $shortest s would not be"
	poisson 100 600 >s.csv
	run -0 chaos-analyze s.csv --fail-on 'error_rate > 0.5'
	jq -e '.sensitivity.baseline_unstable | not' <<<"$output"
	run -0 chaos-analyze --text s.csv
	refute_output --partial "would not be seen"
	refute_output --partial "request was due" # no load of ours: nothing tells when
}

@test "a log without what got no answer: exit 3 of a gate says why" {
	poisson 100 60 | awk -F, -v t0=$T0 'NR == 1 || $1 < t0 + 30 || $1 >= t0 + 40' >s.csv
	run -3 --separate-stderr chaos-analyze s.csv --fail-on 'error_rate > 0.01'
	jq -e '.verdict.reasons == ["error_rate > 0.01", "closed_loop"] and .verdict.gates[0].doubt == "closed_loop"' <<<"$output"
	assert_says "${stderr##*$'\n'}" chaos-analyze: inconclusive: "fewer requests" sent "fewer succeeded" "closed loop"
}

# rows GAP COUNT [CONDITION]: one request every GAP s, 12 ms each, failing where CONDITION holds (awk on t).
rows() {
	awk -v gap="$1" -v n="$2" -v t0=$T0 'BEGIN {
		print "timestamp,status_code,latency_ms"
		for (i = 0; i < n; i++) { t = i * gap; printf "%.6f,%d,12\n", t0 + t, ('"${3:-0}"') ? 503 : 200 }
	}'
}

@test "few requests: the windows are as long as these need, and say so; a rest between bursts says nothing" {
	for gap in 1.25 1.666667 2.5 10; do
		rows $gap 600 "t >= 300 * $gap && t < 348 * $gap" >s.csv
		chaos-analyze s.csv >a.json
		valid a.json
		jq -e --argjson gap $gap '.params.window_s as $w | ($w >= 10 * $gap) and (.anomaly_windows | length) == 1
			and (.censored | not) and (.recovery_time_sec - 48 * $gap | fabs) <= 2 * $w' a.json
	done
	rows 60 360 >s.csv
	chaos-analyze s.csv | jq -e '.params.window_s == 600 and .anomaly_windows == []'
	for every in 2 10 40; do
		rows $every 60 "t >= 30 * $every && t < 36 * $every" |
			awk -F, -v OFS=, 'NR == 1 { print; next } { for (i = 0; i < 20; i++) print sprintf("%.6f", $1 + i / 100), $2, $3 }' >s.csv
		chaos-analyze s.csv | jq -e --argjson e $every '.params.window_s == 1 and (.intervals | length) == 1
			and .recovery_time_sec == 6 * $e and .not_judged == []'
		# with a plan, too, and for a rule that holds for a time
		chaos-analyze --fail-on "error_rate > 0.5 for $((5 * every))s" s.csv >a.json || [ $? -eq 1 ]
		jq -e '.verdict.result == "fail"' a.json
	done
	printf '{"schema":"chaos-load/1","start_t":%d,"duration_s":600,"sound":true,"profile":[{"at_s":0,"rate_rps":0.7}]}' $T0 >load.json
	rows 1.428571 420 "t >= 300 && t < 360" >s.csv
	chaos-analyze --load-summary load.json s.csv >a.json
	jq -e '.intervals | length == 1 and .[0].start_s == 300 and .[0].end_s == 360' a.json
	# of two runs the longer windows are those of both
	rows 0.05 12000 >base.csv
	chaos-analyze --baseline base.csv --load-summary load.json s.csv | jq -e '.params.window_s == 30 and .throughput_drop_pct > 90'
}

@test "thirteen days of counts: the last hour of them counts" {
	awk -v t0=$T0 'BEGIN { print "timestamp,ok,err"
		for (i = 0; i < 13 * 144; i++) printf "%d,%d,%d\n", t0 + 600 * i, i < 13 * 144 - 6 ? 6000 : 0, i < 13 * 144 - 6 ? 0 : 6000 }' >s.csv
	run -1 --separate-stderr chaos-analyze --fail-on 'error_rate > 0.001' s.csv
	jq -e '.input.rows == 13 * 144 * 6000 and .input.rows_outside == 0 and .params.window_s == 2
		and (.intervals | length) == 1 and .intervals[0].end_s == 13 * 86400' <<<"$output"
}

@test "a baseline too short: an error rate needs none, what could not be judged is told, exit 3" {
	run_of 50 12 'bad = i % 3 == 0' >s.csv
	run -3 --separate-stderr chaos-analyze --fault-at 6 s.csv
	echo "$output" >a.json
	valid a.json
	assert_line_says "$stderr" throughput "not be judged:" baseline "1 s," 2 needed
	jq -e '(.intervals | length) == 1 and .intervals[0].end_s == 12 and (.not_judged | map(.what)) == ["throughput", "latency"]' a.json
	# half of all requests take 2 s, before and after: nobody can tell
	run_of 50 12 'if (i % 2) ms = 2000' >s.csv
	run -3 --separate-stderr chaos-analyze --fault-at 6 s.csv
	jq -e '.not_judged | map(.what) | index("latency") != null' <<<"$output"
	# with enough of a baseline all is judged
	run_of 50 20 1 >s.csv
	run -0 --separate-stderr chaos-analyze --fault-at 12..13 s.csv || [ "$status" -eq 3 ]
	jq -e '.not_judged == []' <<<"$output"
}

# cut UNIT: the due times of samples cut off to multiples of so many ms.
cut() {
	awk -F, -v OFS=, -v unit="$1" 'NR > 1 { $1 = sprintf("%.3f", int($1 * 1000 / unit + 1e-4) * unit / 1000) } 1'
}

@test "times of whole seconds or tenths tell what those with decimals do, to the last second" {
	samples 20 40 's >= 39' | sed 's/,80.000,/,5.000,/' >fine.csv
	chaos-analyze fine.csv | command jq -S '[.run_summary, .input, .anomaly_windows]' >want
	for unit in 1000 100 10; do
		cut $unit <fine.csv >cut.csv
		[ $unit -ne 1000 ] || chaos-analyze --window 100ms cut.csv 2>&1 >/dev/null | grep 'all times of the run are multiples of 1 s: windows of 0.1 s'
		run -1 chaos-analyze --fail-on 'error_rate > 0.5 for 1s' cut.csv
		chaos-analyze cut.csv | command jq -S '[.run_summary, .input, .anomaly_windows]' >got
		diff want got
		chaos-analyze --windows cut.csv | jq -s 'map(select(.type == "window" and .final)) | last | [.due, .err, .length_s]' -c >got
		echo '[20,20,1]' | diff - got
		run -0 chaos-plot throughput cut.csv
		assert_output --partial "anomalous from 39 s"
	done
	cut 1000 <fine.csv | (run -4 chaos-analyze --windows --stop-on 'error_rate > 0.5 for 1s')
}

@test "a log of whole seconds may end anywhere in the last: few requests in it are no drop" {
	samples 200 40 | awk -F, -v t=$((T0 + 39)) 'NR == 1 || $1 < t + 0.1' | cut 1000 >s.csv
	chaos-analyze s.csv >a.json
	jq -e '.anomaly_windows == [] and .input.duration_s == 39.1 and .run_summary.throughput_rps > 199' a.json
	# ... but failures are seen
	samples 200 40 's >= 39' | awk -F, -v t=$((T0 + 39)) 'NR == 1 || $1 < t + 0.1' | cut 1000 >s.csv
	run -1 chaos-analyze --fail-on 'error_rate > 0.5 for 1s' s.csv
}

#!/usr/bin/env bats
# chaos-analyze on a run that goes on: windows, intervals and rules as they come.

bats_require_minimum_version 1.5.0
load helper
load live_helper

# shellcheck disable=SC2154 # stderr and stderr_lines are set by run --separate-stderr
# shellcheck disable=SC2002 # cat makes a pipe of a file, which is read otherwise
setup() {
	scratch
}

teardown() {
	end_bg
}

# gen SEED RATE SECONDS KIND FROM TO: samples with Poisson arrivals, in the order of completion, of a run
# in which something known happens between two seconds.
gen() {
	awk -v seed="$1" -v rate="$2" -v n="$3" -v kind="$4" -v from="$5" -v to="$6" -v t0=$T0 'BEGIN { srand(seed)
		for (t = 0; t < n; t -= log(1 - rand()) / rate) {
			in_it = t >= from && t < to; ms = 20 * (0.8 + 0.4 * rand()); err = ""
			if (kind == "flapping") in_it = in_it && int((t - from) / 3) % 2 == 0
			half = (to - from) / 2; d = t - from - half; if (d < 0) d = -d
			if (in_it && kind == "outage") continue
			if (in_it && kind == "flapping" && rand() > 0.1) continue
			if (in_it && kind == "ramp" && rand() < 1 - d / half) continue
			if (in_it && kind == "hanging") { ms = 5000; err = "timeout" }
			if (in_it && kind == "refused") { ms = 0.3; err = "refused" }
			if (in_it && kind == "errors" && rand() < 0.2) err = "http_5xx"
			if (in_it && kind == "slow") ms *= 3
			printf "%.6f %.6f,%.3f,%s\n", t + ms / 1000, t0 + t, ms, err
		} }' | sort -n -k1,1 | cut -d" " -f2 | sed 1i'timestamp,latency_ms,error'
}

# told FILE: what the lines say in the end of the intervals, as [start, end, reasons].
told() {
	jq -sc '[map(select(.type == "interval_close")) | group_by(.id)[][-1] | select(.withdrawn | not)
		| [.start_s, .end_s, .reasons]] | sort' "$1"
}

found() { jq -c '[.intervals[] | [.start_s, .end_s, .reasons]]' "$1"; }

@test "what is told live in the end is what the analysis finds" {
	while read -r seed rate seconds kind from to start end; do
		gen "$seed" "$rate" "$seconds" "$kind" "$from" "$to" >k.csv
		chaos-analyze --window 1s k.csv >a.json
		cat k.csv | chaos-analyze --window 1s --windows >w.jsonl
		valid w.jsonl
		assert_equal "$kind $(told w.jsonl)" "$kind $(found a.json)"
		# and it is the truth, within a window, told while it went on
		jq -se --argjson s "$start" --argjson e "$end" 'def near(x): . - x | fabs <= 1;
			(map(select(.type == "interval_close")) | length == (if $e > 0 then 1 else 0 end))
			and (map(select(.type == "interval_close")) | all((.start_s | near($s)) and (.end_s | near($e))))
			and (map(select(.type == "interval_open")) | length <= 2 and all(.detected_s <= $s + 10))' w.jsonl
	done <<-'END'
		1 100 120 none 0 0 0 0
		2 100 120 outage 40 60 40 60
		3 100 120 outage 40 42 40 42
		4 100 120 refused 40 60 40 60
		5 100 120 errors 40 60 40 60
		6 100 120 slow 40 60 40 60
		7 100 120 flapping 40 70 40 67
		8 100 120 ramp 40 80 46 74
		9 100 120 hanging 40 60 40 60
		10 100 120 hanging 100 200 100 120
		11 5 300 outage 100 130 100 130
	END
}

@test "an outage of most of the run: what was normal before it stays normal" {
	gen 13 100 120 outage 30 110 | chaos-analyze --windows >w.jsonl
	assert_equal "$(told w.jsonl)" '[[30,110,["throughput","silence"]]]'
}

@test "each window is told as it ends and as final, then as at the end; rows that come later still are late" {
	gen 2 50 60 hanging 30 36 >k.csv
	{ cat k.csv; echo "$((T0 + 3)).5,2.5,"; } | chaos-analyze --windows >w.jsonl
	chaos-analyze --windows k.csv | jq -c 'select(.type == "window")' >want
	jq -c 'select(.type == "window" and .final)' w.jsonl | diff want -
	jq -se 'map(select(.type == "window" and (.final | not)).start_s) == [range(59)]
		and (to_entries | map(select(.value.type == "window"))
			| group_by(.value.start_s) | .[:59] | all(map(.value.final) == [false, true]))
		and (last | .type == "end" and .reason == "end_of_input" and .late == 1 and .end_s > 59.5)' w.jsonl
	# the rows of a hanging second are not there when it is told first
	jq -se 'map(select(.type == "window" and .start_s == 32)) | .[0].due == 0 and .[1].due == .[1].err
		and .[1].due > 20' w.jsonl
	# a stream that was recorded gives the same lines again
	{ cat k.csv; echo "$((T0 + 3)).5,2.5,"; } | chaos-analyze --windows | cmp - w.jsonl
}

@test "chaos-plot reads the live lines as those of the end" {
	gen 2 50 60 hanging 30 36 >k.csv
	cat k.csv | chaos-analyze --windows >live.jsonl
	chaos-analyze --windows k.csv >end.jsonl
	valid end.jsonl
	chaos-plot throughput --windows - <live.jsonl >live.gp
	chaos-plot throughput --windows - <end.jsonl | cmp - live.gp
	# the last requests hang: seconds that were told after what proves to be the end are none
	gen 2 50 60 hanging 50 60 >k.csv
	cat k.csv | chaos-analyze --windows >live.jsonl
	jq -se 'last.end_s <= 60 and any(.type == "window" and .start_s >= 60)' live.jsonl
	chaos-plot throughput --windows - <live.jsonl >live.gp
	chaos-analyze --windows k.csv | chaos-plot throughput --windows - | cmp - live.gp
}

@test "memory does not grow with the length of the stream" {
	for n in 14000 28000; do # of which 10800 windows are kept at most
		awk -v n=$n -v t0=$T0 'BEGIN { print "timestamp,latency_ms,error,slot"
			for (i = 0; i < n * 2; i++) printf "%.6f,%.3f,%s,%d\n", t0 + i / 2, 20 + i % 97, i / 2 % 3000 < 20 ? "refused" : "", i }' |
			peakrss chaos-analyze --window 1s --windows
	done >kb
	run cat kb
	[ "${lines[1]}" -le $((lines[0] * 11 / 10)) ]
	[ "${lines[1]}" -le 16384 ]
}

@test "a stop rule on samples that are there: where it became true, exit 4, the analysis of what came until then" {
	gen 4 50 60 refused 30 40 >k.csv
	run -4 --separate-stderr chaos-analyze --stop-on 'error_rate > 0.5 for 3s' k.csv
	jq -e '.input.duration_s >= 32 and .input.duration_s <= 34 and .anomaly_windows[0].start_sec == 30' <<<"$output"
	assert_regex "$stderr" "stop rule: error_rate > 0.5 for 3s, 3[23].* s after the start"
	run -0 --separate-stderr chaos-analyze --stop-on 'error_rate > 0.5 for 12s' k.csv
	jq -e '.input.duration_s > 59' <<<"$output"
	run -4 --separate-stderr chaos-analyze --windows --stop-on 'silence_s > 2' k.csv
	jq -se 'any(.type == "rule" and .rule == "silence_s > 2") and last.reason == "stop_rule"' <<<"$output"
	run -4 --separate-stderr chaos-analyze --baseline k.csv --stop-on 'p99_latency_ms < 1.1 * baseline.p99_latency_ms' k.csv
	run -0 --separate-stderr chaos-analyze --stop-on 'throughput_rps < 1 for 30s' k.csv
}

@test "a wrong stop rule, or what cannot be followed: exit 2, one line, nothing read" {
	printf 'x,latency_ms\n' >wrong.csv
	while IFS='|' read -ra says; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr bash -c "chaos-analyze ${says[0]} </dev/null"
		refute_output
		assert_says "$stderr" chaos-analyze: "${says[@]:1}"
	done <<-'END'
		--stop-on 'eror_rate > 0.5' nofile.csv|'eror_rate'|'error_rate'?
		--stop-on 'recovery_time_sec > 3' nofile.csv|'recovery_time_sec'|whole run
		--stop-on 'error_rate > 20 for 3s' nofile.csv|fraction|0.2|20 %
		--stop-on 'error_rate > baseline.error_rate' nofile.csv|'error_rate > baseline.error_rate'|baseline run
		--baseline x --stop-on 'silence_s > baseline.silence_s' nofile.csv|baseline|'silence_s'
		--follow|--follow|file
		--follow a.csv b.csv|one file
		--stop-on 'error_rate > 1' a.csv b.csv|one file
		--follow --run-id r1|run 'r1'
		--duration 5 nofile.csv|--duration|--follow
		--follow --duration 1 --audit x wrong.csv|--audit:|samples
		--audit x --stop-on 'error_rate > 1' wrong.csv|--audit:|samples
		--windows --by-node --follow --duration 1 wrong.csv|--by-node|--windows:|samples
		--follow --duration 1 --end 5 wrong.csv|--start|--end:|samples
		--follow --duration 1 wrong.csv|column 'timestamp'
	END
}

@test "a load in bursts: its rests are no silence, once two of them were seen; hung requests are no rest" {
	# 20 requests every 2 or 5 s; with from and to, none is answered in between until to.
	bursts() {
		echo timestamp,status_code,latency_ms
		awk -v by="$1" -v from="${2:-0}" -v to="${3:-0}" -v t0="$T0" 'BEGIN {
			for (k = 0; k < 100 / by; k++) for (i = 0; i < 20; i++) {
				t = k * by + i / 100; ms = t >= from && t < to ? (to - t) * 1000 : 12
				printf "%.3f %.2f,200,%.0f\n", t + ms / 1000, t0 + t, ms } }' | sort -n | cut -d" " -f2
	}
	silences() { chaos-analyze --windows -q | jq -sc 'map(select(.type == "rule" and .holds) | .since_s | floor)'; }
	assert_equal "$(bursts 2 | silences)" "[]"
	assert_equal "$(bursts 5 | silences)" "[5]"
	assert_equal "$(bursts 2 50 62 | silences)" "[48]"
	run -0 bash -c "$(declare -f bursts); T0=$T0; bursts 2 | chaos-analyze --windows -q --stop-on 'error_rate > 0.5'"
}

# told_silences OPTION...: the seconds in which a silence began that was told within 1.5 s.
told_silences() {
	chaos-analyze --windows -q "$@" |
		jq -sc 'map(select(.type == "rule" and .holds and .at_s - .since_s < 1.5) | .since_s | round)'
}

# spells HEADER SPELL...: 50 requests a second in each spell FROM-TO, those FROM-TO! hang until a timeout of 5 s.
spells() {
	echo "$1"
	shift
	printf '%s\n' "$@" | awk -F'[-!]' -v t0="$T0" '{
		ms = /!/ ? 5000 : 12; for (i = $1 * 50; i < $2 * 50; i++)
			printf "%.3f %.2f,%d,%s\n", i / 50 + ms / 1000, t0 + i / 50, ms, /!/ ? "timeout" : "" }' | sort -n | cut -d" " -f2
}

@test "rests that the plan has, that are over for long or may be outages dull neither silence nor stop rules" {
	local header=timestamp,latency_ms,error
	spells $header 0-20 80-100 160-180 180-190! >k.csv
	for at in 0:50 20:0 80:50 100:0 160:50; do
		printf '{"t":%d,"event":"load_rate","rate_rps":%d}\n' $((T0 + ${at%:*})) ${at#*:}
	done >k.jsonl
	assert_equal "$(cat k.csv | told_silences --events k.jsonl)" "[180]"
	run -4 --separate-stderr bash -c "cat k.csv | chaos-analyze --events k.jsonl --stop-on 'error_rate > 0.5'"
	assert_regex "$stderr" ' 181\.[0-9] s after the start'
	assert_equal "$(spells $header 0-5 10-15 20-80 80-90! | told_silences)" "[5,15,80]"
	assert_equal "$(spells timestamp,latency_ms,no_unanswered 0-10 20-30 40-50 60-70 | told_silences)" "[10,30,50]"
}

@test "rests that were too few at first are taken back once they are usual, unless they may be outages" {
	local at spells=()
	for ((at = 0; at < 80; at += 8)); do spells+=($at-$((at + 5))); done
	spells timestamp,latency_ms,error "${spells[@]}" 140-145 148-153 >b.csv
	cat b.csv | chaos-analyze --windows -q >w.jsonl
	valid w.jsonl
	jq -se 'map(select(.type == "interval_close" and .withdrawn)) | length > 0' w.jsonl
	assert_equal "$(told w.jsonl)" "[]"
	assert_equal "$(chaos-analyze -q b.csv | jq -c .intervals)" "[]"
	spells timestamp,latency_ms,no_unanswered "${spells[@]}" | chaos-analyze --windows -q >w.jsonl
	assert_equal "$(told w.jsonl | jq length)" 9
}

@test "rests that become usual take no slow-down back with them" {
	# 10 ms for 11 s, then 300 ms for good; the rests are usual only after it has begun
	awk -v t0=$T0 'BEGIN { print "timestamp,latency_ms,error"
		for (s = 0; s < 120; s++)
			if (s < 16 || (s - 20) % 13 < 9 && s >= 20)
				for (i = 0; i < 50; i++) printf "%.3f,%d,\n", t0 + s + i / 50, s < 11 ? 10 : 300 }' >slow.csv
	cat slow.csv | chaos-analyze --windows -q >w.jsonl
	told w.jsonl | jq -e 'any(.[0] == 11 and .[1] > 100 and (.[2] | contains(["latency"])))'
}

@test "counts by another tool, as they come" {
	{
		echo timestamp,ok,err
		for ((i = 0; i < 60; i++)); do
			echo "$((T0 + i)),$((i >= 30 && i < 36 ? 0 : 50 + i % 3)),0"
		done
	} >c.csv
	cat c.csv | chaos-analyze --windows >w.jsonl
	valid w.jsonl
	chaos-analyze --windows c.csv | jq -c 'select(.type == "window")' |
		diff - <(jq -c 'select(.type == "window" and .final)' w.jsonl)
	assert_equal "$(told w.jsonl)" "$(chaos-analyze c.csv | jq -c '[.intervals[] | [.start_s, .end_s, .reasons]]')"
	jq -se 'map(select(.type == "rule") | [.rule, .holds, .since_s]) == [["silence", true, 30], ["silence", false, 30]]' w.jsonl
	run -4 --separate-stderr bash -c 'cat c.csv | chaos-analyze --stop-on "throughput_rps < 1 for 3s"'
}

# counts_every LENGTH ROWS OK [OK_FROM_ROW_8]: rows of counts that say how long they are.
counts_every() {
	awk -v l="$1" -v n="$2" -v ok="$3" -v then="${4:-$3}" -v t0=$T0 'BEGIN { print "timestamp,ok,err,length_s"
		for (i = 0; i < n; i++) printf "%.3f,%d,%d,%s\n", t0 + i * l, i < 8 ? ok : then, i < 8 ? 0 : ok - then, l }'
}

@test "counts of more or less than a second: stop rules and silence take them over their time" {
	for length in 0.5 1 2 10; do
		counts_every "$length" 40 "$(awk -v l="$length" 'BEGIN { print 50 * l }')" >with.csv
		cut -d, -f1-3 with.csv >without.csv # it shows from their times
		for file in with.csv without.csv; do
			for rule in 'throughput_rps < 10' 'throughput_rps > 80' 'error_rate > 0' 'silence_s > 1'; do
				run -0 --separate-stderr chaos-analyze --warmup-ignore-sec 0 --stop-on "$rule" "$file"
			done
			cat "$file" | chaos-analyze --windows >w.jsonl
			jq -se 'all(.type != "rule" and .type != "interval_open")' w.jsonl
		done
	done
	# what holds in each of their seconds is seen, also in the last row
	counts_every 10 12 500 0 >c.csv
	run -4 --separate-stderr chaos-analyze --stop-on 'throughput_rps < 10' c.csv
	assert_regex "$stderr" '81.* s after the start'
	assert_regex "$stderr" 'counts of 10 s: .*stop rule.* each .*seconds'
	counts_every 10 9 500 0 >c.csv
	run -4 --separate-stderr chaos-analyze --stop-on 'error_rate > 0.9' c.csv
	counts_every 0.5 40 25 10 >c.csv
	run -4 --separate-stderr chaos-analyze --warmup-ignore-sec 0 --stop-on 'throughput_rps < 21' c.csv
	# what holds on the whole need not in any one second
	counts_every 10 12 500 100 >c.csv
	run -0 --separate-stderr chaos-analyze --stop-on 'throughput_rps < 20' c.csv
}

@test "a marker of lost rows with an absurd end does not blind the stop rules" {
	for to in 6900000000 $((T0 + 3000)) $((T0 + 9)); do
		{
			gen 4 50 60 refused 15 60 | sed 's/$/,,/; 1s/.*/timestamp,latency_ms,error,op,detail/' >k.csv
			head -n 400 k.csv
			echo "$((T0 + 8)).0,,local,output,count=5 from=$((T0 + 8)).0 to=$to.0"
			tail -n +401 k.csv
		} >wild.csv
		run -4 --separate-stderr chaos-analyze --stop-on 'error_rate > 0.5' wild.csv
		assert_regex "$stderr" 'stop rule: error_rate > 0.5, 15.* s after the start'
	done
	# what was not measured is neither an outage nor a silence
	{
		gen 4 50 60 outage 20 30 | sed 's/$/,,/; 1s/.*/timestamp,latency_ms,error,op,detail/' >k.csv
		awk -F, -v t=$((T0 + 30)) 'NR > 1 && $1 >= t && !n++ {
			printf "%d.0,,local,output,count=500 from=%d.0 to=%d.0\n", t - 10, t - 10, t } 1' k.csv
	} >lost.csv
	cat lost.csv | chaos-analyze --windows --stop-on 'throughput_rps < 10' --stop-on 'silence_s > 2' >w.jsonl
	jq -se 'all(.type != "rule")' w.jsonl
	run -4 --separate-stderr chaos-analyze --stop-on 'throughput_rps < 10' k.csv
}

# Bounds on CPU time that are many times what is needed, and a part of what was when it grew with the square.
@test "a plan of thousands of steps costs no more than the windows it is of" {
	awk -v t0=$T0 'BEGIN { print "timestamp,latency_ms,error"
		for (i = 0; i < 18000; i++) printf "%.3f,5.0,\n", t0 + i / 5 }' >k.csv
	awk -v t0=$T0 'BEGIN { for (i = 0; i < 11520; i++) printf "{\"t\":%.4f,\"event\":\"load_rate\",\"rate_rps\":%d}\n",
		t0 + i * 0.3125, 4 + i % 3 }' >k.jsonl
	# shellcheck disable=SC2016
	run -0 bash -c 'ulimit -t 20; cat k.csv | chaos-analyze --window 1s --windows --events k.jsonl >w.jsonl'
	jq -se 'map(select(.type == "window" and .final)) | length == 3600 and all(.due == 5)' w.jsonl
	jq -se 'last.reason == "end_of_input"' w.jsonl
}

@test "few requests: windows as long as they need, chosen from the plan or the first rows; healthy is healthy" {
	# requests each so many ms, and the length of the windows
	while read -r every_ms seconds length_s plan; do
		awk -v t0=$T0 -v e="$every_ms" -v n="$seconds" 'BEGIN { print "timestamp,latency_ms,error"
			for (t = 0; t < n * 1000; t += e) printf "%.3f,%d,\n", t0 + t / 1000, 20 + t % 7 }' >k.csv
		[ "$plan" = - ] || printf '{"t":%d,"event":"load_rate","rate_rps":%s}\n' $T0 "$plan" >k.jsonl
		# shellcheck disable=SC2046
		cat k.csv | chaos-analyze --windows $([ "$plan" = - ] || echo --events k.jsonl) >w.jsonl
		valid w.jsonl
		jq -se --argjson l "$length_s" --argjson n "$seconds" 'all(.type != "interval_open" and .type != "rule")
			and (map(select(.type == "window" and .final)) | all(.length_s == $l) and length == $n / $l)' w.jsonl
	done <<-'END'
		60000 36000 600 -
		1666 3000 30 -
		1250 3000 10 1
		100 60 1 -
	END
	# an outage of a service that is asked once a minute
	awk -v t0=$T0 'BEGIN { print "timestamp,latency_ms,error"
		for (i = 0; i < 600; i++) printf "%d,20,%s\n", t0 + i * 60, (i >= 300 && i < 400 ? "refused" : "") }' |
		chaos-analyze --windows >w.jsonl
	assert_equal "$(told w.jsonl)" '[[18000,24000,["throughput","errors","silence"]]]'
}

@test "a gap of a day costs two lines for what is kept at its ends, one for the rest, and is one interval" {
	awk -v t0=$T0 'BEGIN { print "timestamp,latency_ms,error"
		for (i = 0; i < 3000; i++) printf "%.3f,20,\n", t0 + i / 10 + (i >= 1500 ? 86400 : 0) }' >k.csv
	cat k.csv | chaos-analyze --windows >w.jsonl
	valid w.jsonl
	[ "$(wc -l <w.jsonl)" -lt 4000 ]
	jq -se 'map(select(.type == "window" and .final)) | map(select(.length_s > 80000)) as $gap
		| ($gap | length == 1 and .[0].due == 0) and (map(.length_s) | add) == 86700' w.jsonl
	# (its first row is an hour ahead of all others, and is confirmed by the second)
	assert_equal "$(told w.jsonl)" '[[150,86550,["throughput","silence"]]]'
	run -4 --separate-stderr chaos-analyze --stop-on 'silence_s > 7000' k.csv
	[[ $stderr == *"stop rule: silence_s > 7000, 71"* ]]
}

@test "two runs with weeks between them in one stream: the second is out of time, as in a file" {
	gen 1 50 20 none 0 0 >one.csv
	for days in 13 1000; do
		{ cat one.csv; tail -n +2 one.csv | awk -F, -v s=$((days * 86400)) '{ printf "%.6f,%s,%s\n", $1 + s, $2, $3 }'; } >two.csv
		# shellcheck disable=SC2016
		run -0 --separate-stderr bash -c 'ulimit -t 10; cat two.csv | chaos-analyze --windows >w.jsonl'
		assert_regex "$stderr" "$(($(wc -l <one.csv) - 1)) out of time"
		jq -se '(last | .reason == "end_of_input" and .end_s <= 21) and (map(select(.type == "window" and .final)) | length == 20)' w.jsonl
	done
}

@test "a reader that has seen enough ends it quietly" {
	gen 1 50 60 none 0 0 >k.csv
	run bash -c 'set -o pipefail; { cat k.csv; sleep 1; tail -n +2 k.csv; } 2>/dev/null | chaos-analyze --windows | head -n 1; echo "${PIPESTATUS[1]}"'
	assert_equal "${lines[1]}" 0
	[ "${#lines[@]}" -eq 2 ]
}

@test "one SIGINT to a pipe: the writer's end is waited for" {
	gen 1 50 20 none 0 0 >k.csv
	mkfifo pipe
	env --default-signal=INT chaos-analyze --windows <pipe >w.jsonl 3>&- &
	local pid=$!
	exec 9>pipe
	head -n 500 k.csv >&9
	wait_for 10 grep -q '"start_s":7.0' w.jsonl
	kill -INT "$pid"
	tail -n +501 k.csv >&9
	exec 9>&-
	wait "$pid"
	jq -se 'last | .reason == "end_of_input" and .end_s > 19.5' w.jsonl
}

@test "gates of a run with more live windows than are kept: inconclusive, not judged by the rest" {
	variant brief # a fifth of what is kept
	# only the first third fails
	awk 'BEGIN {
		print "timestamp,node,status_code,latency_ms,error"
		for (i = 0; i < 2200; i++)
			printf "%d.000,n,%s,5,%s\n", 1766500030 + i, i < 720 ? "" : 200, i < 720 ? "refused" : ""
	}' >k.csv
	gated() {
		cat k.csv | chaos-analyze --window 1s --warmup-ignore-sec 0 "$@" >w.jsonl
	}
	run -3 --separate-stderr gated --windows --fail-on 'error_rate > 0.1'
	[[ $stderr == *'keeps only the last 1480 of its 2200 windows'*'gate inconclusive: error_rate > 0.1'* ]]
	run -1 gated --windows --fail-on 'throughput_rps > 0.5 for 1m'
	run -1 gated --duration 36m --fail-on 'error_rate > 0.1'
	run -0 gated --windows
}

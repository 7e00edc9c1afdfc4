#!/usr/bin/env bats
# chaos-analyze on faults: which request belongs to which, and what nobody can tell apart.

bats_require_minimum_version 1.5.0
load helper
load analyze_helper

setup() {
	scratch
}

# rows RPS SECONDS ACTIONS: ACTIONS is awk on s, the due second, and i, the slot, that may set ms, op, e (a class) and node.
rows() {
	awk -v rps="$1" -v n="$(($1 * $2))" -v t0=$T0 'BEGIN {
		print "timestamp,node,status_code,latency_ms,error,op,slot"
		for (i = 0; i < n; i++) {
			s = i / rps; ms = 20; e = ""; op = "GET /"; node = "http://127.0.0.1:800" i % 2 + 1
			'"$3"'
			printf "%.6f,%s,%s,%.3f,%s,%s,%d\n", t0 + s, node, e == "" ? 200 : "", ms, e, op, i
		}
	}'
}

# fault UID FROM UNTIL
fault() {
	event "$2" fault_requested "$1"
	event "$2" fault_injected "$1"
	event "$2" node_down "$1"
	event "$2" fault_verified "$1"
	event "$3" revert_requested "$1"
	event "$3" reverted "$1"
}

judge() {
	chaos-analyze --events e.jsonl --warmup-ignore-sec 0 s.csv >a.json
	valid a.json
}

@test "what was in flight at the kill belongs to it, and failed when it failed" {
	# due 60 and 20 ms before the kill at 10.01 s, lost by it
	rows 50 30 'if (s == 9.96 || s == 10) { e = "reset"; ms = s == 10 ? 30 : 100 }
		if (s == 11) ms = 320' >s.csv
	fault f1 10.01 14.01 >e.jsonl
	judge
	jq -e '.faults[0] | (.affected | not) and .users == "unaffected" and .absorbed and .lost_requests == 2
		and .own.err == 2 and .own.due == 202 and .time_to_first_error_s == 0.02' a.json
	jq -e '.faults[0].slowest | length == 5 and (.[0] | .slot == 550 and .latency_ms == 320 and .due_s == 11
		and .over_normal_ms > 299 and .over_normal_ms < 301)' a.json
	chaos-llm <a.json >report.md
	grep -q '^The slowest request of kill of .* took 320 ms, 300 ms more than is normal: .* due at 11.000 s.$' report.md
}

# late SECONDS: the fault of e.jsonl is confirmed only then.
late() {
	jq -c --argjson t "$((T0 + $1))" 'if (.event | IN("fault_injected", "fault_verified")) then .t = $t else . end' e.jsonl >l.jsonl
	mv l.jsonl e.jsonl
}

@test "a fault acts from its request on: what is slow until it is confirmed is not the normal" {
	rows 20 30 'if (s >= 3 && s < 11) ms = 820' >s.csv
	fault f1 3.01 11 >e.jsonl
	late 6
	judge
	jq -e '.baseline.slow_ms < 100 and .intervals[0].fault == "f1"
		and (.faults[0] | .users == "slowed" and .own.slow > 150 and (.absorbed | not) and .time_to_detect_s >= 0)' a.json
	# what was over before it was confirmed was there all the same
	rows 50 30 'if (s >= 10 && s < 13) e = "refused"' >s.csv
	fault f1 10.01 20 >e.jsonl
	late 15
	judge
	jq -e '.faults[0] | .users == "failed" and (.absorbed | not) and .recovery_time_s == 0 and .time_to_detect_s == 0' a.json
	# requests that were in flight when it began
	rows 50 30 'ms = 700; if (s >= 1.4 && s < 10) ms = 3700' >s.csv
	fault f1 2 10 >e.jsonl
	chaos-analyze --events e.jsonl --warmup-ignore-sec 0 s.csv >a.json
	jq -e '.baseline.slow_ms < 1500 and .faults[0].users != "unaffected"' a.json
}

@test "a fault lasts from its request: the time without a success, and its phase, begin with it" {
	rows 50 30 'if (s >= 10.1 && s < 12.5) e = "refused"' >s.csv
	fault f1 10 20 | sed '/injected\|verified/s/"t":[0-9.]*/"t":'$((T0 + 12))'.8/' >e.jsonl
	judge
	jq -e '.faults[0] | .injected_s == 12.8 and .requested_s == 10 and .blackout_s > 2.3 and .blackout_s < 2.5
		and (.nodes | length == 2 and all(.blackout_s > 2.3))' a.json
	# of counts, windows alone tell
	awk -F, -v t0=$T0 'NR > 1 { due[s = int($1 - t0)]++; bad[s] += $5 != "" } END { print "timestamp,ok,err"
		for (s = 0; s < 30; s++) printf "%d,%d,%d\n", t0 + s, due[s] - bad[s], bad[s] }' s.csv >counts.csv
	chaos-analyze --events e.jsonl --warmup-ignore-sec 0 counts.csv | jq -e '.faults[0].blackout_s > 1'
	rows 50 30 '' >b.csv
	chaos-analyze --baseline b.csv --events e.jsonl --warmup-ignore-sec 0 s.csv >b.json || [ $? -eq 1 ]
	jq -e '.phases[1] | .phase == "fault" and .start_s == 10 and .end_s == 20' b.json
}

@test "where latency could not be judged nobody is said to be unaffected; few requests a second are enough in time" {
	rows 5 30 'if (s >= 3 && s < 10) ms = 820' >s.csv
	fault f1 3.01 10 >e.jsonl
	run -3 --separate-stderr chaos-analyze --events e.jsonl --warmup-ignore-sec 0 s.csv
	jq -e '.recovery_time_sec == null and (.faults[0] | .users == null and (.absorbed | not) and .recovery_time_s == null
		and all(.nodes[], .ops[]; .recovery_time_s == null))' <<<"$output"
	assert_line_says "$stderr" latency "not be judged"
	assert_line_says "$stderr" fault "'f1'" "not be judged:" "too few requests"
	run -3 chaos-analyze --events e.jsonl --warmup-ignore-sec 0 s.csv --text
	refute_output --partial absorbed
	# nor where it is left out
	rows 50 30 'if (s >= 13 && s < 20 && i % 3 == 0) ms = 300' >t.csv
	fault f2 13.01 20 >t.jsonl
	for words in '--detector threshold' '--error-rate-threshold 1'; do
		# shellcheck disable=SC2086 # words
		run -3 --separate-stderr chaos-analyze $words --events t.jsonl --warmup-ignore-sec 0 t.csv
		jq -e '.faults[0] | .users == null and (.absorbed | not) and .recovery_time_s == null' <<<"$output"
		assert_line_says "$stderr" "'f2'" "not be judged:" latency "not judged,"
	done
	# a baseline as short tells no more; a longer one does
	rows 5 6 '' >b.csv
	run -3 chaos-analyze --baseline b.csv --events e.jsonl --warmup-ignore-sec 0 s.csv
	rows 5 30 '' >b.csv
	chaos-analyze --baseline b.csv --events e.jsonl --warmup-ignore-sec 0 s.csv >a.json
	jq -e '.faults[0].users != "unaffected" and .faults[0].own.slow > 30' a.json
	# windows of 10 s, of which the fault touches two or three
	rows 1 200 'if (s >= 101 && s < 121) ms = 820' >s.csv
	fault f1 101 121 >e.jsonl
	judge
	jq -e '.params.window_s == 10 and .faults[0].users == "slowed"' a.json
}

@test "what began in the warm-up, or with nothing before it, is not said to have been borne" {
	rows 50 20 'if (s >= 4 && s < 5) e = "refused"; if (s == 5) e = "refused"' >s.csv
	fault f1 4 5.5 >e.jsonl
	run -3 --separate-stderr chaos-analyze --events e.jsonl s.csv
	jq -e '.faults[0] | .users == null and (.absorbed | not)' <<<"$output"
	assert_line_says "$stderr" fault "'f1'" "4.0 s" "warm-up of 5 s"
	fault f1 5 6 >e.jsonl
	run -3 --separate-stderr chaos-analyze --events e.jsonl s.csv
	jq -e '.not_judged[-1].reason == "nothing before the first fault tells what is normal"' <<<"$output"
}

@test "faults that last for most of what is judged leave no normal in it, whatever the warm-up adds to the run" {
	rows 50 4 'if (s >= 1.1 && s < 3 && i % 2) e = "refused"' >s.csv
	# 1.9 s of a run of 4 s, of which the first is not judged
	fault f1 1.1 3 >e.jsonl
	run -3 --separate-stderr chaos-analyze --events e.jsonl --warmup-ignore-sec 1 s.csv
	assert_line_says "$stderr" throughput "not be judged:" "no second" "before the first fault" baseline
	rows 50 4 'if (s >= 1.1 && s < 2.3) e = "refused"' >s.csv
	fault f1 1.1 2.3 >e.jsonl
	run -0 chaos-analyze --events e.jsonl --warmup-ignore-sec 1 s.csv
}

@test "a fault on new connections is not borne by a load that kept its own; behind a balancer it is" {
	rows 50 30 'node = "http://127.0.0.1:8001"; if (s == 10.5) { e = "refused"; ms = 1 }' >s.csv
	fault f1 10.01 14.01 | sed 's/"fault_injected",/&"effect":"silent",/; s/"fault_verified",/&"state":"up",/' >e.jsonl
	run -3 --separate-stderr chaos-analyze --events e.jsonl --warmup-ignore-sec 0 s.csv
	jq -e '.faults[0] | .users == null and (.absorbed | not) and .recovery_time_s == null' <<<"$output"
	jq -e '.not_judged[-1] | .what == "fault" and (.reason | endswith("keep_alive: false would show it"))' <<<"$output"
	assert_line_says "$stderr" load kept connections "before the fault"
	run -0 chaos-llm --no-model <<<"$output"
	[[ $output == *"the load kept connections"* && $output != *"had no effect that was seen"* ]]
	# of two nodes, that one's requests still tell
	rows 50 30 '' >two.csv
	run -3 chaos-analyze --events e.jsonl --warmup-ignore-sec 0 two.csv
	# another that answers at that address, answers that waited until the end, a balancer, or a node that is slow alone
	sed 's/"state":"up"/"state":"down"/' e.jsonl >down.jsonl
	chaos-analyze --events down.jsonl --warmup-ignore-sec 0 two.csv | jq -e '.faults[0].absorbed'
	rows 50 30 'node = "http://127.0.0.1:8001"; if (s >= 10 && s < 10.3) ms = (10.32 - s) * 1000' >s.csv
	fault f1 10.01 10.31 | sed 's/"fault_injected",/&"effect":"silent",/; s/"fault_verified",/&"state":"up",/' >pause.jsonl
	chaos-analyze --events pause.jsonl --warmup-ignore-sec 0 s.csv >a.json
	jq -e '.faults[0].absorbed' a.json
	rows 50 30 'node = "http://127.0.0.1:9000"' >s.csv
	judge
	jq -e '.faults[0].absorbed and .not_judged == []' a.json
	rows 50 30 'node = "http://127.0.0.1:8001"' >s.csv
	sed 's/silent/degraded/' e.jsonl >d.jsonl
	mv d.jsonl e.jsonl
	judge
	jq -e '.faults[0].absorbed' a.json
}

@test "healthy again while the undo ran is not healthy again while the fault lasted" {
	# silent from 10 s; healthy from a second on; the undo begins, and ends when the node is ready
	local until begins ends said
	while read -r until begins ends said; do
		rows 50 40 "if (s >= 10 && s < $until) { e = \"timeout\"; ms = 50 }" >s.csv
		fault f1 10 "$begins" | jq -c --argjson late "$ends - $begins" 'if .event == "reverted" then .t += $late else . end' >e.jsonl
		judge
		jq -e --argjson until "$until" '.faults[0] | .recovered_s == $until and .recovery_after_revert_s < -1' a.json
		chaos-llm --no-model <a.json >r.md
		sed -n 3p r.md | grep -q ", healthy again after .*, $said" || fail "$(sed -n 3p r.md)"
		grep -q "^| kill .* | $said |\$" r.md
	done <<-'END'
		14 14 16.5 during its undo
		14 14.02 16.5 during its undo
		13 14 16.5 while it lasted
		13 13.98 14.05 while it lasted
		12 14 16.5 while it lasted
	END
}

@test "failures too few for an anomaly are told as such, and are an effect" {
	rows 4 40 'if (s > 20 && s <= 20.5) { e = "refused"; ms = 1 }' >s.csv
	fault f1 20.01 20.51 >e.jsonl
	run -3 --separate-stderr chaos-analyze --events e.jsonl --warmup-ignore-sec 0 s.csv
	assert_line_says "$stderr" most failed "'f1'" "too few" anomaly
	echo "$output" >a.json
	jq -e '.faults[0] | .users == "unaffected" and (.absorbed | not)' a.json
	chaos-llm --no-model <a.json >r.md
	grep -q 'no anomaly, .*2 of 3 requests failed while it lasted' r.md
	grep -q 'fault .*2 of 3 requests failed, .*not enough' r.md
	run ! grep -q 'no effect that was seen' r.md
}

@test "what failed before the fault already is said first, and is no matter of a longer run" {
	rows 100 30 'if (i % 4 == 0) { e = "http_4xx"; op = "POST /links" } if (s >= 10 && s < 13) { e = "timeout"; ms = 50 }' >s.csv
	fault f1 9.999 12.999 >e.jsonl
	chaos-analyze --events e.jsonl --warmup-ignore-sec 0 s.csv >a.json || [ $? = 3 ]
	chaos-llm --no-model <a.json >r.md
	sed -n 3p r.md | grep -q '; 25.0 % of the requests failed already before the fault, most of them POST /links\.'
	grep -q 'Begin with what was wrong without a fault: 25.0 %' r.md
	run ! grep -q 'Run longer' r.md
	# placeholders as they were written
	sed 's|POST /links|GET /items/{rand%201%20100}|' s.csv >p.csv
	chaos-plot throughput --events e.jsonl p.csv | sed '1,/^plot/!d' | tr '\n' ' ' | grep -qF 'GET /items/{rand 1 100}'
	# without a baseline run, nothing failed in one
	chaos-analyze --warmup-ignore-sec 0 --baseline s.csv s.csv >a.json || [ $? = 3 ]
	jq '.baseline.source = "whole_run" | .sensitivity.baseline_unhealthy = true
		| .expectations = [{text: "recovered within 5s", result: "held", value: -1.1, bound: 5}]' a.json | chaos-llm --no-model >r.md
	sed -n 3p r.md | grep -q '; 25.0 % of the requests failed in the run itself, by which it is judged'
	grep -qF '| recovered within 5s | the whole run | before it was lifted | 5.0 s | held |' r.md
	# A value is told as its rule is written.
	local rule said
	while IFS='|' read -r rule said; do
		jq --arg rule "$rule" '.run_end = {code: 0} | .expectations = [{text: $rule, result: "missed", value: 0.34331, bound: 0.2}]' a.json | chaos-llm --no-model >r.md
		sed -n 3p r.md | tr -d '\\' | grep -qF "missed: $rule (was $said)" || fail "$rule: $(sed -n 3p r.md)"
	done <<-'END'
		error_rate < 20%|34.3 %
		error_rate < 0.2|0.3433
		p50_latency_ms < 20% * baseline.p50_latency_ms|0.3433
	END
}

@test "why no recovery was seen: too few healthy seconds were left, or the run was cut short" {
	rows 50 11 'if (s >= 4 && s < 7) { e = "refused"; ms = 1 }' >s.csv
	run -0 chaos-analyze --fault-at 4..7 --warmup-ignore-sec 0 --text s.csv
	output=${output//$'\n'/ }
	assert_line_says "$output" "healthy since 7 s" "run ended" "5 healthy seconds in a row"
	assert_line_says "$output" "since 7 s" "too short"
	[[ $output != *"fault fault"* && $output != *"after none"* ]]
	chaos-analyze --fault-at 4..7 --warmup-ignore-sec 0 s.csv >a.json
	valid a.json
	rows 50 11 'if (s >= 4) { e = "refused"; ms = 1 }' >s.csv
	fault f1 4 10.9 >e.jsonl
	event 10.95 run_end | sed 's/"fault":.*/"reason":"signal","signal":2,"exit":130}/' >>e.jsonl
	chaos-analyze --events e.jsonl --warmup-ignore-sec 0 s.csv >a.json
	chaos-llm --no-model <a.json >r.md
	sed -n 3p r.md | grep -q 'interrupted by SIGINT; .*, the run was cut short: recovery not seen'
	run ! grep -q 'Run longer' r.md
	# killed: run_start and no run_end; the last window is torn
	rows 4 26 'if (s >= 25.1) { e = "refused"; ms = 1 }' | head -n 103 >s.csv
	{ event 0 run_start | sed 's/"fault":.*/"run_id":"r"}/'; fault f1 25.1 26 | head -n 2; } >e.jsonl
	run -3 --separate-stderr chaos-analyze --events e.jsonl --warmup-ignore-sec 0 s.csv
	assert_line_says "$stderr" "cut off" "goes on:" events run_end
	[[ $stderr != *"no request"* ]]
	echo "$output" >a.json
	valid a.json
	jq -e '.run_end.reason == "cut_off" and .outcome == "inconclusive"' a.json
	chaos-llm --no-model <a.json >r.md
	sed -n 3p r.md | grep -q 'inconclusive: the run was cut off, or goes on'
}

@test "a Redis that the load never asks gives no advice for clients of Redis" {
	rows 50 30 'if (s >= 10 && s < 13) { e = "http_5xx"; ms = 1 }' >s.csv
	fault f1 10 13 | sed 's|http://127.0.0.1:8001|redis://127.0.0.1:6379|' >e.jsonl
	judge
	chaos-llm --no-model <a.json >r.md
	run ! grep -q Sentinel r.md
	sed 's|http://127.0.0.1:8001|redis://127.0.0.1:6379|' s.csv | chaos-analyze --events e.jsonl --warmup-ignore-sec 0 >a.json
	chaos-llm --no-model <a.json | grep -q Sentinel
}

@test "three faults in a row: each its own recovery and losses; the sums are the whole" {
	# the third comes before the second has been well for five seconds
	rows 60 40 'if ((s >= 10 && s < 13) || (s >= 19 && s < 23.5) || (s >= 27 && s < 29)) if (i % 3 == 0) { e = "refused"; ms = 1 }' >s.csv
	{ fault f1 9.999 12.999; fault f2 18.999 22.999; fault f3 26.999 28.999; } >e.jsonl
	judge
	jq -e '[.faults[] | .recovery_time_s] == [3.001, 5.001, 2.001] and [.faults[] | .lost_requests] == [60, 90, 40]
		and ([.faults[] | .lost_requests] | add) == .run_summary.err
		and [.faults[] | .after_revert.err] == [0, 10, 0] and .shared.due == 0
		and [.faults[].together_with] == [[], [], []]  and .recovery_time_sec == 5.001' a.json
}

@test "what nobody could do while the next fault lasted is not told of the one before it" {
	rows 60 40 'if (s >= 10 && s < 15 && i % 3 == 0) { e = "refused"; ms = 1 } if (s >= 15 && s < 19) e = "refused"' >s.csv
	{ fault f1 9.999 14.5; fault f2 15 19; } >e.jsonl
	judge
	jq -e '.faults | .[0].affected and .[0].blackout_s < 0.1 and .[1].blackout_s > 4 and .[1].blackout_s < 4.1' a.json
}

@test "two faults at once share what cannot be told apart, once in any sum" {
	rows 100 40 'if (s >= 10 && s < 20 && i % 2) { e = "refused"; ms = 1 }' >s.csv
	{ fault f1 9.999 15.999; fault f2 13.999 19.999; } >e.jsonl
	judge
	jq -e '.faults as [$a, $b] | $a.together_with == ["f2"] and $b.together_with == ["f1"]
		and .shared.err == 100 and $a.shared == .shared and $b.shared == .shared
		and ([.faults[] | .own.err + .after_revert.err] | add) + .shared.err == .run_summary.err
		and ([.faults[].lost_requests] | add) + .shared.err == .run_summary.err' a.json
	# of either, a gate sees all
	run -1 chaos-analyze --events e.jsonl --fail-on 'lost_requests > 250' s.csv
}

@test "300 of 1,000 failing are 300, whatever the rhythm of the arrivals" {
	awk -v t0=$T0 'BEGIN { srand(7); print "timestamp,latency_ms,error"
		for (t = 0; t < 60; t -= log(1 - rand()) / 50) {
			bad = t >= 20 && t < 40 && n++ % 10 < 3 && failed < 300
			failed += bad
			printf "%.6f,5,%s\n", t0 + t, bad ? "refused" : "" }
		print failed >"failed" }' >s.csv
	fault f1 20 40 >e.jsonl
	judge
	jq -e --slurpfile n failed '.faults[0] | .affected and .lost_requests == $n[0] and .own.err == $n[0]' a.json
}

@test "relapses while the fault lasts count to its losses" {
	rows 50 60 'if ((s >= 10 && s < 12) || (s >= 22 && s < 24)) { e = "timeout"; ms = 1000 }' >s.csv
	fault f1 10 30 >e.jsonl
	judge
	jq -e '.faults[0] | .lost_requests == 200 and .relapses == 1' a.json
	jq -e '[.intervals[].fault] == ["f1", "f1"]' a.json
}

@test "a write outage while reads go on is told by op" {
	# reads are good all the time, writes are gone for 1.6 s of a fault of 8 s
	rows 100 40 'op = i % 10 ? "GET" : "INCR"
		if (op == "INCR" && s >= 10.2 && s < 11.8) { e = "redis_readonly"; ms = 1 }' >s.csv
	fault f1 10 18 >e.jsonl
	judge
	jq -e '[.ops[] | [.op, .due, .err]] == [["GET", 3600, 0], ["INCR", 400, 16]]' a.json
	jq -e '.faults[0].ops as [$get, $incr] | $get.op == "GET" and ($get.affected | not) and $get.lost_requests == 0
		and $incr.affected and $incr.lost_requests == 16 and $incr.recovery_time_s == 2
		and $incr.blackout_s > 1.6 and $incr.blackout_s < 1.9' a.json
}

@test "an op and a node with few requests are healthy between two faults as their rows say" {
	fault f1 18 22 >e.jsonl
	fault f2 28.3 32.3 >>e.jsonl
	# told WHERE RECOVERED: rows fail also where WHERE, awk on s and i, is true of the op; it recovered from f1 at RECOVERED
	told() {
		rows 40 60 'op = i % 10 ? "GET /" : "POST /cart"; node = "http://127.0.0.1:800" (i % 10 ? 1 : 2)
			if (s >= 18 && s < 22 || s >= 28.3 && s < 32.3 || (i % 10 == 0 && ('"$1"'))) { e = "http_5xx"; ms = 400 }' >s.csv
		judge
		jq -e --argjson at "$2" '.faults[0] | [.ops[1], .nodes[1]] | all(.recovered_s == $at
			and (.error_recovery_time_s | if $at then . == $at - 18 else . == null end))' a.json
	}
	told 0 22
	jq -e '[.faults[].recovered_s] == [22, 33] and .faults[1].ops[1].recovered_s == 33' a.json
	told 's == 28' 22 # in flight when the next fault began
	told 's >= 22 && s < 23' 23
	told 's >= 22 && s < 24' 33 # four seconds are too few
	told 's >= 22 && i % 60 == 0' null # one in six, on and on
	jq -e '.faults[0].recovered_s == 22 and .faults[0].ops[1].censored' a.json
	# a few slow ones make no anomaly of the first fault, nor does it become one by those of the second
	rows 40 60 'op = i % 10 ? "GET /" : "POST /cart"
		if (i % 10 == 0 && (s >= 18 && s < 18.6 || s == 21 || s >= 28.3 && s < 32.3)) ms = 200' >s.csv
	judge
	jq -e '[.faults[].ops[1] | .affected, .latency_recovery_time_s] == [false, 0, true, 4.7]' a.json
}

@test "a fault that somebody else ended: exit 3, no recovery of the system's own" {
	rows 50 30 'if (s >= 10 && s < 14) { e = "refused"; ms = 1 }' >s.csv
	fault f1 10 14 | sed '/"reverted"/s/}$/,"by_other":true}/' >e.jsonl
	run -3 --separate-stderr chaos-analyze --events e.jsonl s.csv
	jq -e '.faults[0].by_other' <<<"$output"
	assert_line_says "$stderr" "'f1'" over before chaos-fault
	# where the target heals itself that is the expected end
	jq -e '.faults[0] | .effect == null and .ends == null and .healed_s == null' <<<"$output"
	sed '/"fault_injected"/s/}$/,"effect":"silent","ends":"target"}/; /"reverted"/s/}$/,"healed_s":3.5}/' e.jsonl >t.jsonl
	run -0 --separate-stderr chaos-analyze --events t.jsonl s.csv
	jq -e '.faults[0] | (.by_other | not) and .effect == "silent" and .ends == "target" and .healed_s == 3.5' <<<"$output"
}

@test "the timeout is that of the load: its summary, else its rows, else nobody knows it" {
	rows 50 30 'if (s >= 10 && s < 14) { e = "timeout"; ms = 3001 }' >s.csv
	run -0 --separate-stderr chaos-analyze s.csv
	jq -e '.params.timeout_s == 3.001 and .params.timeout_from == "rows" and .run_summary.p99_all_ms == 3001' <<<"$output"
	sed 's/,3001.000,timeout/,1.000,refused/' s.csv >r.csv
	run -0 --separate-stderr chaos-analyze r.csv
	jq -e '.params.timeout_s == null and .run_summary.p99_all_ms == null and .run_summary.p50_all_ms > 19' <<<"$output"
	jq -n '{schema: "chaos-load/1", timeout_s: 2}' >l.json
	run -0 --separate-stderr chaos-analyze --load-summary l.json r.csv
	jq -e '.params.timeout_from == "load_summary" and .run_summary.p99_all_ms == 2000' <<<"$output"
}

@test "gates on the recovery after the revert" {
	rows 50 40 'if (s >= 10 && s < 17) { e = "refused"; ms = 1 }' >s.csv
	fault f1 10 14 >e.jsonl
	run -1 chaos-analyze --events e.jsonl --fail-on 'recovery_after_revert_s > 2' s.csv
	run -0 chaos-analyze --events e.jsonl --fail-on 'recovery_after_revert_s > 3' s.csv
	# nothing was seen of it: as if it had been there at once
	rows 50 40 '' >s.csv
	run --separate-stderr chaos-analyze --events e.jsonl --fail-on 'recovery_after_revert_s > 0' s.csv
	jq -e '.verdict.result == "pass"' <<<"$output"
}

@test "the same line in the title and over the report; words for several, for somebody else's, for what stays below" {
	said() {
		chaos-llm --no-model <a.json >r.md
		chaos-plot throughput --terminal svg --analysis a.json --events e.jsonl s.csv >t.gp
		grep -qF "**$1.**" r.md || fail "$(sed -n 3p r.md)"
		# a long title stands on two lines
		grep -qF "$1" <(sed -n "s/^set label '\(.*\)' at screen .* left font .*/\1/p" t.gp | paste -sd ' ') || fail "$(grep -m2 label t.gp)"
	}
	rows 60 40 'if ((s >= 10 && s < 13) || (s >= 19 && s < 23)) if (i % 3 == 0) { e = "refused"; ms = 1 }' >s.csv
	{ fault f1 9.999 12.999; fault f2 18.999 22.999; } >e.jsonl
	judge
	said '2 faults from 10.0 s: up to 33.3 % errors in 2 anomalies, healthy again as soon as each was lifted'
	run ! grep -q 'budget' r.md
	rows 60 40 'if (s >= 10 && s < 20 && i % 2) { e = "refused"; ms = 1 }' >s.csv
	{ fault f1 9.999 15.999; fault f2 13.999 19.999; } >e.jsonl
	judge
	said '2 faults from 10.0 s: up to 50.0 % errors, healthy again as soon as the last was lifted'
	grep -q '^The recovery from kill of n1 cannot be told apart' r.md
	grep -q '^| kill of n1 .* another fault went on |$' r.md
	fault f1 9.999 15.999 | sed '/"reverted"/s/}$/,"by_other":true}/' >e.jsonl
	run -3 --separate-stderr chaos-analyze --events e.jsonl s.csv
	echo "$output" >a.json
	said 'killed n1 at 10.0 s, over before chaos-fault undid it, as seen at 16.0 s: up to 50.0 % errors'
	rows 60 40 'if (s >= 10 && s < 20 && i % 15 == 0) { e = "refused"; ms = 1 }' >s.csv
	fault f1 9.999 19.999 >e.jsonl
	judge
	said 'absorbed: n1 was down for 10.0 s, 40 of 601 requests failed (6.7 %, below the threshold of 10.0 %), slowest 20.0 ms'
	sed -i '/node_down/d; s/"killed"/"limited the CPU of"/' e.jsonl
	judge
	said 'absorbed: limited the CPU of n1 for 10.0 s, 40 of 601 requests failed (6.7 %, below the threshold of 10.0 %), slowest 20.0 ms'
	sed -i 's/"past":[^,]*,//' e.jsonl # an old log
	judge
	said 'absorbed: n1 had kill for 10.0 s, 40 of 601 requests failed (6.7 %, below the threshold of 10.0 %), slowest 20.0 ms'
}

@test "what mostly failed before the fault was not broken by it: exit 3, no effect told; a gate decides" {
	fault f1 10 14 >e.jsonl
	rows 20 40 'e = "reset"' >dead.csv
	run -3 --separate-stderr chaos-analyze dead.csv --events e.jsonl
	assert_says "$stderr" chaos-analyze: succeeded "before the first fault"
	printf '%s' "$output" >a.json
	valid a.json
	jq -e '.recovery_time_sec == null and .intervals[0].fault == null and .not_judged[0].fault == "f1"
		and (.faults[0] | .users == null and .own == null and (.affected or .absorbed | not))' a.json
	run -3 --separate-stderr chaos-analyze dead.csv --events e.jsonl --text
	assert_says "${lines[0]}" "killed n1 at 10 s:" succeeded "before the first fault" "not judged: fault."
	refute_output --partial 'no anomaly followed'
	run -1 --separate-stderr chaos-analyze dead.csv --events e.jsonl --fail-on 'error_rate > 0.01'
	run -3 --separate-stderr chaos-analyze dead.csv --events e.jsonl --fail-on 'recovery_time_sec > 5'
	chaos-analyze dead.csv --events e.jsonl --unsteady | jq -e '.faults[0].users != null'
	rows 20 40 0 >normal.csv
	run -3 --separate-stderr chaos-analyze dead.csv --events e.jsonl --baseline normal.csv
	fault f1 3 7 >e3.jsonl # in the warm-up
	run -3 --separate-stderr chaos-analyze dead.csv --events e3.jsonl
	assert_regex "$stderr" 'nothing succeeded before'
	rows 20 40 'if (i % 5 < 3) e = "reset"' >half.csv
	run -3 --separate-stderr chaos-analyze half.csv --events e.jsonl
	assert_regex "$stderr" 'half of the requests before the first fault failed'
	# requests in flight at the fault fail with it
	rows 20 40 'if (s >= 7 && s < 14) { ms = 9000; e = "timeout" }' >slow.csv
	run -3 --separate-stderr chaos-analyze slow.csv --events e.jsonl # too few successes for the latency
	jq -e '.faults[0].users == "failed"' <<<"$output"
}

@test "a fault that no user noticed is a success if it was verified, and else inconclusive" {
	rows 50 40 'if (s == 12) { e = "reset"; ms = 5 }; if (s == 13) ms = 1100' >s.csv
	fault f1 9.999 13.999 >e.jsonl
	run -0 --separate-stderr chaos-analyze --events e.jsonl s.csv
	assert_equal "$stderr" ""
	echo "$output" >a.json
	jq -e '.faults[0] | .users == "unaffected" and .absorbed and .recovery_time_s == 0' a.json
	run -0 chaos-analyze --events e.jsonl --text s.csv
	assert_line_says "$output" absorbed: "n1 was down" "4.0 s" "1 of 201 requests failed" "slowest 1.1 s."
	# nor is it one where writes were lost
	echo '{"schema": "chaos-audit/1", "acknowledged": 900, "lost": 12, "verdict": "lost"}' >audit.json
	run -0 chaos-analyze --events e.jsonl --audit audit.json --text s.csv
	[[ $(xargs <<<"$output") == "killed n1 at 10.0 s: no anomaly, "*", 12 of 900 acknowledged writes lost. "* ]]
	echo '{"schema": "chaos-audit/1", "acknowledged": 5000, "lost": 0, "unreplicated": 516, "verdict": "none"}' >audit.json
	run -0 chaos-analyze --events e.jsonl --audit audit.json --text s.csv
	[[ $(xargs <<<"$output") == "killed n1 at 10.0 s: no anomaly, "*", 0 of 5,000 acknowledged writes lost (516 unreplicated). "* ]]
	# in windows that are wider than they were read, too
	rows 5 40 >few.csv
	chaos-analyze --audit audit.json few.csv >a.json
	jq -e '.params.window_s == 2 and .audit.acknowledged == 5000' a.json
	{ fault f1 9.999 13.999; fault f2 24.999 26.999; } >two.jsonl
	run -0 chaos-analyze --events two.jsonl --text s.csv
	assert_line_says "$output" absorbed: "2 faults" "10.0 s" "1 of 302 requests failed" "slowest 1.1 s."
	grep -v fault_verified e.jsonl >unverified.jsonl
	run -3 --separate-stderr chaos-analyze --events unverified.jsonl s.csv
	assert_line_says "$stderr" "'f1'" "no visible effect" "not verified"
	jq -e '.faults[0] | .users == "unaffected" and (.absorbed | not)' <<<"$output"
	fault f1 1 3 >early.jsonl # in the warm-up
	run -3 --separate-stderr chaos-analyze --events early.jsonl s.csv
	[[ $stderr == *"'f1' at 1.0 s lies in the warm-up"* ]]
	# what was anomalous without it is told too
	rows 50 40 'if (s >= 25 && s < 30 && i % 2) { e = "refused"; ms = 1 }' >s.csv
	run -0 chaos-analyze --events e.jsonl --text s.csv
	assert_line_says "$output" absorbed: "n1 was down" "4.0 s" "none of 201 requests failed" "slowest 20.0 ms;"
	assert_line --partial 'anomalous from 25 s: up to 50.0 % errors'
}

@test "a run by its id is judged by its own config" {
	mkdir -p runs/r
	rows 50 20 'if (s >= 10 && s < 14 && i % 5 == 0) { e = "refused"; ms = 1 }' >runs/r/samples.csv
	printf 'anomaly_detection:\n  error_rate_threshold: %s\n' 0.3 >runs/r/config.yaml
	printf 'anomaly_detection:\n  error_rate_threshold: %s\n' 0.1 >config.yaml
	run -0 --separate-stderr chaos-analyze --run-id r
	jq -e '.params.error_rate_threshold == 0.3 and .anomaly_windows == []' <<<"$output"
	assert_says "$stderr" chaos-analyze: "run's own config.yaml" "(error_rate_threshold 0.3)" "(0.1)"
	run -0 --separate-stderr chaos-analyze --run-id r --config config.yaml
	jq -e '.params.error_rate_threshold == 0.1 and (.anomaly_windows | length) == 1' <<<"$output"
	assert_equal "$stderr" ''
}

@test "a revert told before its fault: the fault is judged as one that was over at once" {
	local t
	awk 'BEGIN {
		print "timestamp,node,status_code,latency_ms,error"
		for (i = 0; i < 6000; i++)
			printf "%.2f,n,%s,5,%s\n", 1766500030 + i / 100, i == 4005 ? "" : 200, i == 4005 ? "refused" : ""
	}' >k.csv
	for t in 1766500025 1766500030.5 1766500050; do
		printf '{"event":"%s","t":%s,"fault":"f1","action":"kill","node":"n"}\n' \
			fault_injected 1766500050 reverted "$t" >e.jsonl
		run -3 --separate-stderr chaos-analyze --events e.jsonl k.csv
		[[ $stderr == *"'f1' had no visible effect"* ]]
	done
}

@test "an outage shorter than a window is as long as its rows say, whole, by node and by op" {
	# Dark from 10.1 to 10.9 s, within one second; what was due meanwhile fails later. Node b is dark to 11.4 s.
	awk -v t0=$T0 'BEGIN {
		print "timestamp,node,latency_ms,error,op"
		for (i = 0; i < 3000; i++) {
			t = i / 100; n = i % 2 ? "http://b" : "http://a"
			dark = t >= 10.1 && t < (n == "http://b" ? 11.4 : 10.9)
			printf "%.3f,%s,%d,%s,GET\n", t0 + t, n, dark ? 2000 : 1, dark ? "timeout" : ""
		} }' >k.csv
	printf '{"t":%s,"event":"%s","fault":"f1","action":"kill","node":"a"}\n' $((T0 + 10)).1 fault_injected $((T0 + 12)).0 reverted >e.jsonl
	chaos-analyze --events e.jsonl k.csv >a.json
	jq -e '.faults[0] | .blackout_s > 0.79 and .blackout_s < 0.83
		and (.nodes | map(.blackout_s) | .[0] < 0.85 and .[1] > 1.28 and .[1] < 1.35)
		and (.ops[0].blackout_s == .blackout_s)' a.json || { jq -c '.faults[0]|[.blackout_s,(.nodes|map([.node,.blackout_s]))]' a.json; false; }
}

# expecting RULE SECONDS EVENTS: the events of a run of one phase of which RULE is expected.
expecting() {
	jq -nc --arg rule "$1" --argjson t $T0 '{t: $t, event: "run_start", format: "chaos-events/1", run_id: "x", seed: 1,
		expectations: [{text: $rule, phase: "p", index: 0}]}, {t: $t, event: "phase_start", phase: "p", index: 0}'
	printf '%s\n' "$3"
	jq -nc --argjson t $((T0 + $2)) '{t: $t, event: "run_end"}'
}

@test "a recovery that was expected of what was unhealthy before is inconclusive, not missed" {
	rows 50 40 'if (i % 3 == 0 || s >= 10 && s < 14) { e = "refused"; ms = 1 }' >s.csv
	expecting "recovered within 5s" 40 "$(fault f1 10 14)" >e.jsonl
	run -3 --separate-stderr chaos-analyze --events e.jsonl s.csv
	jq -e '.expectations[0] | .fault == "f1" and .result == "inconclusive" and .reason == "the baseline is unhealthy"' <<<"$output"
}

# expect_of RULE FILE [OPTION...]: sets $expected to the exit status, the result, and the value to a tenth.
expect_of() {
	expecting "$1" 40 "$(fault f1 20 21)" >e.jsonl
	run --separate-stderr chaos-analyze --events e.jsonl "${@:3}" "$2"
	expected=$(jq -r --arg status "$status" '.expectations[0] | "\($status) \(.result) \(.value | (. * 10 | round / 10)? // .)"' <<<"$output")
}

@test "what is expected of all requests counts a failure as the timeout itself, and is known where no failure matters" {
	rows 100 40 'if (i >= 1000 && i % 50 == 0) { e = "timeout"; ms = 5000 }' >s.csv
	expect_of 'p99_all_ms < 5000' s.csv
	assert_equal "$expected" "1 missed 5000"
	jq -e '.run_summary.p99_all_ms == 5000' <<<"$output"
	sed 's/timeout/reset/' s.csv >reset.csv # how long those would have taken nobody knows
	expect_of 'p99_all_ms < 5000' reset.csv
	assert_equal "$expected" "3 inconclusive null"
	jq -e '.run_summary.p99_all_ms == null' <<<"$output"
	expect_of 'p50_all_ms < 21' reset.csv
	assert_equal "$expected" "0 held 20.1"
}

@test "what is expected against a baseline is inconclusive without one, also for a time" {
	local span
	rows 100 40 '' >s.csv
	rows 100 41 '' >b.csv
	for span in '' ' for 5s'; do
		expect_of "throughput_rps > 2 * baseline.throughput_rps$span" s.csv
		assert_regex "$expected" '^3 inconclusive '
		jq -e '.expectations[0] | .bound == null and .reason == "there is no baseline run"' <<<"$output"
		expect_of "throughput_rps > 0.5 * baseline.throughput_rps$span" s.csv --baseline b.csv
		assert_equal "$expected" "0 held 100"
	done
}

@test "a Redis that takes no writes and answers reads: the line tells of both, and of neither where only one is sent" {
	# No write from 10 to 12.3 s; reads go on, or not.
	redis() { rows 100 40 "op = i % 4 ? \"GET hits\" : \"$1\"; if (i % 4 == 0 && s >= 10 && s < 12.3 || ${2:-0}) { e = \"redis_readonly\"; ms = 1 }"; }
	line() { chaos-analyze --text --events e.jsonl <(redis "$@") | sed '/^$/q' | paste -sd' '; }
	fault f1 10 14 >e.jsonl
	chaos-analyze --events e.jsonl <(redis 'INCR hits') >a.json
	valid a.json
	jq -e '.faults[0] | .write_blackout_s > 2.3 and .write_blackout_s < 2.4 and .read_blackout_s < 0.1 and .blackout_s < 0.1' a.json
	[[ $(line 'INCR hits') == "killed n1 at 10 s: up to 25.0 % errors, 2.4 s without writes, reads served throughout, healthy again"* ]]
	# a few of them fail, and never for long: that is not throughout
	[[ $(line 'INCR hits' 's >= 10 && s < 14 && i % 40 == 1') =~ ", 2.4 s without writes, 3."[0-9]" % of reads failed, healthy again" ]]
	[[ $(line AUDIT 's >= 10 && s < 11.5') == *" errors, 2.4 s without writes and 1.5 s without reads, healthy again"* ]]
	[[ $(line STRLEN 's >= 10 && s < 11.5') == *" errors, 1.5 s without a success, healthy again"* ]]
	[[ $(line 'POST /hits' 's >= 10 && s < 11.5') == *" errors, 1.5 s without a success, healthy again"* ]]
}

@test "a fault in an anomaly that lasted already is not called its cause, unless it got worse" {
	flaky='h = (i * 7919) % 100; if (s % 2 >= 1 && h < 33) { e = "http_5xx"; ms = 1 }'
	fault f1 30 40 >e.jsonl
	rows 50 60 "$flaky" >s.csv
	run -3 --separate-stderr chaos-analyze --events e.jsonl s.csv
	assert_line_says "$stderr" "'f1'" "not be judged:" "as many" failed before anomaly began
	jq -e '.faults[0] | (.affected | not) and (.absorbed | not) and .recovery_time_s == null' <<<"$output"
	for effect in 'if (s >= 30 && s < 40 && h < 80) { e = "http_5xx"; ms = 1 }' 'if (s >= 30 && s < 40) ms += 400'; do
		rows 50 60 "$flaky $effect" >s.csv
		run --separate-stderr chaos-analyze --events e.jsonl s.csv
		jq -e '.faults[0].affected' <<<"$output"
	done
}

@test "latency that rose before a fault without an end, and goes on rising, is not called its effect, unless it rose by far more" {
	spread='h = (i * 7919) % 100; ms = 15 + h / 10'
	for drift in '1 + s / 60' 'exp(s / 40)'; do
		rows 50 60 "$spread; ms *= $drift" >s.csv
		run -3 --separate-stderr chaos-analyze --fault-at 25 s.csv
		assert_line_says "$stderr" "'25'" "not be judged:" latency rose before
		jq -e '.faults[0] | (.affected | not) and .users == null and .recovery_time_s == null' <<<"$output"
		jq -e '.intervals | length == 1' <<<"$output"
		rows 50 60 "$spread; ms *= $drift; if (s >= 25) ms *= 8" >s.csv
		chaos-analyze --fault-at 25 s.csv | jq -e '.faults[0].users == "slowed"'
	done
	rows 50 60 "$spread; if (s >= 25) ms *= 2" >s.csv
	chaos-analyze --fault-at 25 s.csv | jq -e '.faults[0].users == "slowed"'
	# some of it failed, or it was over: that is no trend
	rows 50 60 "$spread; ms *= 1 + s / 60; if (s >= 25 && s < 35) e = \"http_5xx\"" >s.csv
	chaos-analyze --fault-at 25 s.csv | jq -e '.faults[0].users == "failed"'
	rows 50 60 "$spread; ms *= s < 40 ? exp(s / 20) : 1" >s.csv
	chaos-analyze --fault-at 25..40 s.csv | jq -e '.faults[0].users == "slowed"'
}

@test "users whose requests were all answered, late, were slowed, also where latency is not judged; why not is told" {
	fault f1 10 14 >e.jsonl
	rows 20 30 'if (s >= 10 && s < 14) ms = 1820' >s.csv
	chaos-analyze --detector threshold --events e.jsonl --warmup-ignore-sec 0 s.csv >a.json
	jq -e '.intervals[0].reasons == ["throughput"] and (.faults[0] | .users == "slowed" and .own.err == 0)' a.json
	# with a failure among them it is as before
	sed '0,/,1820.000,,/s//,1820.000,http_5xx,/' s.csv >one.csv
	chaos-analyze --detector threshold --events e.jsonl --warmup-ignore-sec 0 one.csv >a.json
	jq -e '.faults[0] | .users == "failed" and .own.err == 1' a.json
	# 200 successes with a latency before the fault are not too few
	rows 20 30 'if (s % 3 < 1 && i % 5 == 0) ms = 300; if (s >= 10 && s < 14) ms = 1820' >s.csv
	run -3 --separate-stderr chaos-analyze --events e.jsonl --warmup-ignore-sec 0 s.csv
	assert_says "$stderr" chaos-analyze: latency "not be judged" baseline anomalies
	jq -e '.faults[0].users == "slowed"' <<<"$output"
}

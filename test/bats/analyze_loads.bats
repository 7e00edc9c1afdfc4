#!/usr/bin/env bats
# chaos-analyze on runs with several loads: each is judged by itself, what all have in common stands above.

bats_require_minimum_version 1.5.0
load helper
load analyze_helper

setup() {
	scratch
	rows shop 50 40 0 's >= 10 && s < 14 && i % 2' >shop.csv
	rows counter 100 40 0 's >= 13 && s < 16' >counter.csv
	{ event 10 fault_requested f1; event 10 fault_injected f1; event 10 node_down f1; event 10.1 fault_verified f1
	  event 14 revert_requested f1; event 14 reverted f1; } >e.jsonl
}

teardown() { end_bg; }

# rows NAME RPS SECONDS BEGIN FAILS: FAILS is awk on s, the due second of the run, and i, the slot.
rows() {
	awk -v name="$1" -v rps="$2" -v n="$(($2 * $3))" -v t0=$T0 -v begin="$4" 'BEGIN {
		print "timestamp,node,status_code,latency_ms,error,op"
		for (i = 0; i < n; i++) {
			s = begin + i / rps; bad = '"$5"'
			printf "%.6f,http://%s:1,%s,20.000,%s,GET /\n", t0 + s, name, bad ? "" : 200, bad ? "reset" : ""
		}
	}'
}

loads() {
	chaos-analyze --load shop=shop.csv --load counter=counter.csv --events e.jsonl "$@"
}

# live ARG…: the windows of both as they go on; words are in err. Both have rows when it begins: which of them is first
# does not depend on who starts first.
live() {
	local shop counter
	exec {shop}< <(cat shop.csv) {counter}< <(cat counter.csv)
	wait_for 10 begun "$shop" "$counter"
	chaos-analyze --windows --load shop=/dev/fd/$shop --load counter=/dev/fd/$counter "$@" 2>err
}
begun() { read -rt 0 -u "$1" && read -rt 0 -u "$2"; }

@test "each load is analysed as if it were alone; above stand the union, and the load that was hit worst" {
	loads >a.json
	valid a.json
	for name in shop counter; do
		chaos-analyze --events e.jsonl $name.csv >$name.json
		jq -e --arg name $name --slurpfile alone $name.json '.loads[$name] | .not_judged == [] and
			. == ($alone[0] | del(.outcome, .expectations, .run_end))' a.json
	done
	jq -e '.anomaly_windows == [{start_sec: 10, end_sec: 15}] and [.intervals[].load] == ["shop", "counter"]
		and .recovery_time_sec == 6 and .input.rows == 6000 and .run_summary == null
		and [.faults[] | .fault, .load, .users] == ["f1", "counter", "failed"]
		and ([.nodes[].load] | sort) == ["counter", "shop"]' a.json
	# what was in flight at the stop is summed up, as the rows are that it is among
	for name in shop counter; do
		awk -F, -v OFS=, -v last=-3 '{ row[NR] = $0 } END { for (i = 1; i <= NR; i++) { $0 = row[i]; if (i > NR + last) $5 = "aborted"; print } }' \
			$name.csv >cut.csv
		mv cut.csv $name.csv
	done
	loads | jq -e '[.loads[].input.rows_aborted] == [3, 3] and .input.rows_aborted == 6 and .input.rows == 6000'
	# and so is what is wrong with rows: of the second load a row is there twice, as a failure too, and one is bad
	mv counter.csv whole.csv
	awk '{ print $0 "," (NR == 1 ? "slot" : NR - 2) }' whole.csv >counter.csv
	sed -n 2p counter.csv | awk -F, -v OFS=, '{ $3 = ""; $5 = "timeout" } 1' >twice
	cat twice >>counter.csv
	echo bad >>counter.csv
	run -3 --separate-stderr loads
	jq -e '.input | [.rows, .rows_bad, .rows_duplicate, .rows_contradict] == [6000, 1, 1, 1]' <<<"$output"
	mv whole.csv counter.csv
	loads --windows >w.jsonl
	valid_lines=$(jq -s '[.[0].type, .[-1].type, ([.[] | select(.type == "window")] | group_by(.load) | map(length))] | tostring' w.jsonl)
	assert_equal "$valid_lines" '"[\"windows\",\"end\",[40,40]]"'
}

@test "a run has one length of windows, and a picture shows each of its loads" {
	rows shop 5 240 0 0 >shop.csv # windows of 2 s
	rows counter 2 240 0 0 >counter.csv # of 5 s
	: >e.jsonl # a fault at 10 s would leave no time for so long a window
	loads | jq -e '[.loads[].params.window_s] == [10, 10]'
	run -0 loads --windows
	assert_equal "$(jq -sc 'map(select(.type == "window")) | [.[:3][] | .load, .start_s]' <<<"$output")" \
		'["shop",0,"counter",0,"shop",10]'
	echo "$output" | chaos-plot throughput --windows - >t.gp
	grep -qx '10 5 5 0' t.gp && grep -qx '10 2 2 0' t.gp || fail "$(head -50 t.gp)"
	grep -q "'shop: requests per second'" t.gp
	grep -q "'counter: requests per second'" t.gp
	gnuplot t.gp >t.png
	[ -s t.png ]
	# in letters, the sum
	echo "$output" | chaos-plot throughput --terminal dumb --windows - | gnuplot | grep -q 'requests per second'
}

@test "a picture of loads of which one ends within a second has no spike there" {
	mkdir -p runs/r
	rows shop 50 40 0 0 | sed '1512,$d' >runs/r/samples.counter.csv # up to 30.2 s; the first by name
	rows shop 50 40 0 0 >runs/r/samples.shop.csv
	chaos-plot nodes --run-id r | awk '/^\$|^EOD/ { on = $1 == "$rates" } on && $1 >= 29 && $1 < 32 { print $1, $2, $3 }' >rates
	assert_equal "$(cat rates)" $'29 100 100\n30 60 60\n31 50 50'
	# above them stands what the longer one lasted
	assert_equal "$(chaos-plot nodes --run-id r | grep -o '[0-9]* requests in [0-9.]* s' | uniq -c | xargs)" '2 3510 requests in 40 s'
	chaos-analyze --run-id r | jq -e '.input | .duration_s == 40 and .seconds == 40 and .rows == 3510'
	# in letters, of cells each of less than a second
	chaos-plot throughput --terminal dumb --run-id r | awk '/^\$|^EOD/ { on = $1 == "$cells" } on && $1 > 1 && $1 < 39 { print ($2 > 101 || $2 < 49) }' >beyond
	assert_equal "$(sort -u beyond)" 0
}

@test "a picture of the live lines of several loads has each window and anomaly once, up to the end of its load" {
	rows shop 50 40 0 's >= 10 && s < 14' | sed '1512,$d' >shop.csv # up to 30.2 s
	rows counter 100 40 0 's >= 20 && s < 23' >counter.csv
	run -0 live
	echo "$output" >live.jsonl
	jq -se '[.[] | select(.type == "end").end_s] | sort == [30.2, 40]' live.jsonl
	chaos-plot throughput --windows live.jsonl >live.gp
	grep -q "^set label '5510 requests in 40 s: 2 anomalies told'" live.gp
	for from in 10 20; do
		grep -q "^set object rect from $from.000000, graph 0" live.gp
	done
	awk '/^\$|^EOD/ { n += on = $1 == "$rates" } on && $1 >= 29 { print n, $1, $2 }' live.gp | sort -u >rates
	# each load from 29 on to its end
	assert_equal "$(cut -d ' ' -f 1 rates | uniq -c | awk '{ print $1 }' | sort -n | xargs)" '3 12'
	# in letters the sum, as of files
	chaos-plot throughput --terminal dumb --windows live.jsonl | sed -n '/^\$cells/,/^EOD/p' >live.cells
	chaos-analyze --windows --load shop=shop.csv --load counter=counter.csv | chaos-plot throughput --terminal dumb --windows - |
		sed -n '/^\$cells/,/^EOD/p' | cmp - live.cells
}

@test "the report and --text tell each load; the title names those that were hit" {
	loads --text >text
	grep -q '^killed n1 at 10 s: up to 100 % errors in 2 anomalies of shop, counter' <(tr '\n' ' ' <text)
	grep -x 'Summary: shop' text
	grep -x 'Summary: counter' text
	loads | chaos-llm --no-model >r.md
	assert_equal "$(grep '^## .*: ' r.md | sort | uniq -c | awk '{ n += $1 } END { print n }')" 10
	rows counter 100 40 0 0 >counter.csv
	loads --text >text
	grep -q 'up to 50.0 % errors of shop, healthy again as soon as it was lifted' <(tr '\n' ' ' <text)
}

@test "a fault that one load noticed is not absorbed; one that none noticed is" {
	rows counter 100 40 0 0 >counter.csv
	loads >a.json
	jq -e '.faults[0] | .load == "shop" and (.absorbed | not)' a.json
	jq -e '.loads.counter.faults[0] | .users == "unaffected" and .absorbed' a.json
	rows shop 50 40 0 'i == 600' >shop.csv
	run -0 --separate-stderr loads --text
	assert_equal "$stderr" ""
	assert_says "${lines[0]}" absorbed: "n1 was down" "4.0 s" "1 of 202 requests" shop failed "slowest 20.0"
	rows counter 100 5 0 0 >counter.csv # over before the fault, of whose node no row tells: it has nothing to say
	run -0 loads --text --warmup-ignore-sec 0
	assert_says "${lines[0]}" absorbed: "n1 was down" "4.0 s" "1 of 202 requests" shop failed "slowest 20.0"
}

@test "of two loads one cannot be judged: not absorbed, whatever the other bore" {
	rows shop 50 40 0 0 >shop.csv
	for begin in 0 9 10; do # too few requests a second; a warm-up of 5 s; nothing before the fault
		rows counter $((begin ? 100 : 3)) $((40 - begin)) $begin 0 >counter.csv
		run -3 --separate-stderr loads
		[[ $stderr == *"the fault 'f1' could not be judged"* ]]
		jq -e '(.faults[0] | .users == null and (.absorbed | not) and .load == "counter")
			and .loads.shop.faults[0].absorbed' <<<"$output"
	done
	run -3 loads --text
	refute_output --partial absorbed
	# what one noticed is known
	rows shop 50 40 0 's >= 10 && s < 14 && i % 2' >shop.csv
	run -0 loads
	jq -e '.faults[0] | .load == "shop" and .users == "failed"' <<<"$output"
}

@test "a fault is judged by the loads that go to its node, if any do" {
	sed -i 's|http://127.0.0.1:8001|http://counter:1|' e.jsonl
	rows shop 50 40 0 0 >shop.csv
	rows counter 100 40 0 0 >counter.csv
	run -0 --separate-stderr loads --text
	assert_line --index 0 --partial 'absorbed: n1 was down for 4.0 s'
	rows counter 100 9 0 0 >counter.csv # over before the fault
	run -3 --separate-stderr loads --warmup-ignore-sec 0
	assert_says "$stderr" chaos-analyze: "'f1'" "not be judged" load node due
	printf '%s' "$output" >a.json
	valid a.json
	jq -e '.recovery_time_sec == null and (.faults[0] | .users == null and (.absorbed | not))
		and (.not_judged | map([.what, .load, .fault])) == [["fault", "counter", "f1"]]' a.json
	run -3 --separate-stderr loads --text --warmup-ignore-sec 0
	refute_output --partial absorbed
	assert_line --index 0 --regexp '^killed n1 at 10 s: no request .*load .*node .*due'
	# what another load notices is known all the same
	rows shop 50 40 0 's >= 10 && s < 14 && i % 2' >shop.csv
	run -0 --separate-stderr loads --warmup-ignore-sec 0
	jq -e '.faults[0] | .load == "shop" and .users == "failed"' <<<"$output"
}

@test "figures of a load that was stopped before the run end with it" {
	rows shop 50 11 0 's >= 10' >shop.csv
	printf '{"schema":"chaos-load/1","start_t":%d,"duration_s":40,"timeout_s":2,"sound":true,"profile":[{"at_s":0,"rate_rps":50},{"at_s":11,"rate_rps":0}]}' \
		$T0 >load.json
	run -3 --separate-stderr chaos-analyze --events e.jsonl --load-summary load.json shop.csv
	assert_says "$stderr" chaos-analyze: "'f1'" lifted load ended recovery
	jq -e '.not_judged[-1] | .what == "recovery" and .fault == "f1"' <<<"$output"
	run -3 chaos-analyze --events e.jsonl --load-summary load.json shop.csv --text
	assert_line --index 0 --partial ', its load ended'
	# what another load saw of it counts
	mkdir -p runs/r
	cp load.json runs/r/load.shop.json
	cp shop.csv runs/r/samples.shop.csv
	cp e.jsonl runs/r/events.jsonl
	cp counter.csv runs/r/samples.counter.csv
	run -0 --separate-stderr chaos-analyze --run-id r
	jq -e '.recovery_time_sec == 6 and (.censored | not)' <<<"$output"
	run -3 --separate-stderr chaos-analyze --events e.jsonl --load-summary load.json shop.csv
	jq -e '.input.duration_s == 11 and (.faults[0] | .censored and .recovery_lower_bound_s == 1 and .blackout_s < 2)' <<<"$output"
}

@test "rules are for the load that they name, else for each" {
	rows counter 100 40 0 0 >counter.csv
	run -0 --separate-stderr loads --fail-on 'counter:error_rate > 0'
	jq -e '.verdict | .result == "pass" and .load == "counter"' <<<"$output"
	run -1 --separate-stderr loads --fail-on 'error_rate > 0' --fail-on 'counter: error_rate > 0.5'
	assert_says "$stderr" chaos-analyze: shop: "gate failed: error_rate > 0" "0.0571429"
	jq -e '[.verdict.load, .verdict.result, .loads.counter.verdict.result, (.loads.counter.verdict.gates | length)]
		== ["shop", "fail", "pass", 2]' <<<"$output"
	while IFS='|' read -ra says; do
		eval "run -2 --separate-stderr loads ${says[0]}"
		refute_output
		assert_says "$stderr" chaos-analyze: "${says[@]:1}"
	done <<-'END'
		--fail-on 'shpo:error_rate > 0'|rule 'shpo:error_rate > 0':|'shpo'|'shop'?
		--stop-on 'error_rate > 0' --load shop=x.csv|goes on|one file|'shop'|several
		--stop-on 'shpo:error_rate > 0'|rule 'shpo:error_rate > 0':|'shpo'|'shop'?
		--load nothing.csv|load 'nothing.csv':|NAME=FILE|A-Z a-z 0-9 . _ -
		--baseline base.csv|baseline 'base.csv':|several loads|NAME=FILE
		--baseline shpo=base.csv|--baseline:|'shpo'|'shop'?
		--baseline shop=shop.csv --verdict|'counter'|no baseline|same loads|--baseline counter=FILE
		--baseline shop=shop.csv --fail-on 'counter:throughput_rps < 0.9 * baseline.throughput_rps'|'counter'|no baseline
		--baseline counter=counter.csv --follow --stop-on 'throughput_rps < baseline.throughput_rps'|'shop'|no baseline
		--load shop=./shop.csv|'./shop.csv'|twice
		x.csv|--load|'x.csv'|exclude
	END
	run -4 chaos-analyze --load shop=shop.csv --stop-on 'shop: error_rate > 0.2' --follow --duration 40
	assert_output --partial 'error_rate > 0.2'
	run -2 chaos-analyze shop.csv shop.csv
	assert_output "chaos-analyze: the samples 'shop.csv' are given twice"
	run -2 chaos-analyze --fail-on 'shop:error_rate > 0' shop.csv
	assert_says "$output" chaos-analyze: "'shop:error_rate > 0'" "only load" name
}

@test "loads that go on are read side by side, in the order of time; a rule of one ends all" {
	rows counter 100 27 13 's >= 20 && s < 23' >counter.csv
	last() { jq -sc 'map(select(.type == "window" and .final) | [.load, .start_s, .due, .ok, .unmeasured]) | sort'; }
	run -0 live
	# as one that is over, what was before the first row of a load too
	assert_equal "$(last <<<"$output")" "$(chaos-analyze --windows --load shop=shop.csv --load counter=counter.csv | last)"
	jq -se '[.[] | select(.type == "interval_close" and .withdrawn == false) | [.load, .start_s, .end_s]] == [["shop", 10, 14], ["counter", 20, 23]]
		and ([.[] | select(.type == "windows") | [.load, .t0]] | sort) == [["counter", 1766500030], ["shop", 1766500030]]
		and ([.[] | select(.type == "end").load] | sort) == ["counter", "shop"]' <<<"$output"
	python3 "$ROOT/test/support/schemacheck.py" "$ROOT/schema/windows.schema.json" <(jq -sc '.[]' <<<"$output" | tail -n 1)
	# the one that is named; what the other was sent later is not read
	run -4 live --stop-on 'counter:error_rate > 0.9'
	assert_says "$(grep stop <err)" chaos-analyze: counter: "stop rule: error_rate > 0.9" "21.0 s"
	jq -se '[.[] | select(.type == "end") | .reason == "stop_rule" and .end_s > 20 and .end_s < 22] == [true, true]
		and all(.[] | select(.type == "rule" and .rule != "silence"); .load == "counter")' <<<"$output"
	run -0 live --stop-on 'shop:error_rate > 0.9'
	run -4 live --stop-on 'error_rate > 0.3'
	grep "^chaos-analyze: shop: stop rule: error_rate > 0.3, 10" err
	# without windows, the analysis of what was read
	run -4 --separate-stderr chaos-analyze --stop-on 'error_rate > 0.9' --load shop=shop.csv --load counter=counter.csv
	jq -e '[.loads[].input.duration_s | . > 20 and . < 22] == [true, true]' <<<"$output"
}

@test "a load that begins in the middle of a second: that second is not measured, in a file and live" {
	# of counter: the seconds not measured from 19 on, and all anomalies
	seen() { jq -sc '[.[] | select(.load == "counter")] | [
		([.[] | select(.type == "window" and .final and .unmeasured and .start_s >= 19).start_s]),
		([.[] | select(.type == "interval_close" and .withdrawn == false) | [.start_s, .end_s]] | unique)]'; }
	begins() { # AT FAILS SEEN
		rows counter 100 39 "$1" "$2" >counter.csv
		run -0 chaos-analyze --windows --load shop=shop.csv --load counter=counter.csv
		assert_equal "$(seen <<<"$output")" "$3"
		run -0 live
		assert_equal "$(seen <<<"$output")" "$3"
	}
	rows shop 50 60 0 0 >shop.csv
	begins 20.7 0 '[[19,20],[]]'
	chaos-analyze --load shop=shop.csv --load counter=counter.csv | jq -e '.anomaly_windows == []
		and .loads.counter.recovery_time_sec == 0 and .loads.counter.input.rows == 3900'
	begins 20.7 's >= 30 && s < 34' '[[19,20],[[30,34]]]'
	# no more than a gap is missing
	begins 20.005 's < 22' '[[19],[[20,22]]]'
	begins 20 's < 22' '[[19],[[20,22]]]'
}

@test "a run that goes on is followed load by load, from the start of the run to its end" {
	mkdir -p runs/r
	cp shop.csv runs/r/samples.shop.csv
	head -n 1 counter.csv >runs/r/samples.counter.csv
	event 0 phase_start >runs/r/events.jsonl
	bg chaos-analyze --run-id r --follow --windows
	wait_for 10 grep -q '"start_s":30.*"load":"shop"' "$BG_OUT"
	run ! grep -q '"due":[1-9].*"load":"counter"' "$BG_OUT"
	tail -n +2 counter.csv >>runs/r/samples.counter.csv
	wait_for 10 grep -q '"start_s":38.*"load":"counter"' "$BG_OUT"
	event 53 run_end >>runs/r/events.jsonl
	wait "$BG_PID"
	jq -se '[.[] | select(.type == "end") | [.load, .reason]] | sort == [["counter", "run_end"], ["shop", "run_end"]]' "$BG_OUT"
	jq -se '[.[] | select(.type == "windows").t0] | unique == [1766500030]' "$BG_OUT"
}

@test "the samples of one load with the events of several need its name: of all rates together nobody knows which are its" {
	rows shop 50 40 0 0 | awk -F, -v OFS=, -v t0=$T0 '$1 >= t0 + 25 && $1 < t0 + 30 { $3 = 500 } 1' >shop.csv
	rate() { printf '{"t":%d,"event":"load_rate"%s,"rate_rps":%d}\n' $((T0 + $1)) "$2" "$3"; }
	named() { printf ',"load":"%s"' "$1"; }
	{ rate 0 "$(named shop)" 50; rate 0 "$(named counter)" 100; rate 20 "$(named counter)" 0; rate 40 "$(named shop)" 0
	  event 40 run_end; } >e.jsonl
	while read -r how; do
		run -2 --separate-stderr bash -c "$how"
		refute_output
		assert_says "$stderr" chaos-analyze: several loads "'shop'" "'counter'" --load NAME=FILE
	done <<-'END'
		chaos-analyze --events e.jsonl shop.csv
		chaos-analyze --events e.jsonl <shop.csv
		cat shop.csv | chaos-analyze --events e.jsonl
		cat shop.csv | chaos-analyze --windows --events e.jsonl
		chaos-analyze --follow --events e.jsonl shop.csv
	END
	is() { jq -e '.anomaly_windows == [{start_sec: 25, end_sec: 29}] and .input.seconds_judged == 35 and .run_summary.planned_rps == 50'; }
	chaos-analyze --events e.jsonl --load shop=shop.csv | is
	# the summary tells the plan too, and events of one load alone are that of the samples
	printf '{"schema":"chaos-load/1","start_t":%d,"duration_s":40,"timeout_s":2,"sound":true,"profile":[{"at_s":0,"rate_rps":50}]}' $T0 >load.json
	chaos-analyze --events e.jsonl --load-summary load.json shop.csv | is
	grep shop e.jsonl >one.jsonl
	chaos-analyze --events one.jsonl shop.csv | is
}

@test "a run by its id has the loads of its folder, against those of its baseline" {
	mkdir -p runs/r runs/b runs/one
	cp e.jsonl runs/r/events.jsonl
	cp shop.csv runs/r/samples.shop.csv
	rows counter 100 20 20 0 >runs/r/samples.counter.csv # begins later, as its summary tells
	printf '{"schema":"chaos-load/1","start_t":%d,"duration_s":40,"timeout_s":2,"sound":true,"profile":[{"at_s":0,"rate_rps":0},{"at_s":20,"rate_rps":100}]}' \
		$T0 >runs/r/load.counter.json
	rows shop 50 40 0 0 >runs/b/samples.shop.csv
	rows counter 100 40 0 0 >runs/b/samples.counter.csv
	cp shop.csv runs/one/samples.csv
	run -0 --separate-stderr chaos-analyze --run-id r --baseline-id b
	jq -e '[.loads | to_entries[] | .key, .value.baseline_id, .value.params.timeout_s, (.value.anomaly_windows | length)]
		== ["counter", "b", 2, 0, "shop", "b", null, 1]' <<<"$output"
	chaos-analyze --run-id r --load shop | jq -e '(has("loads") | not) and .run_summary.err == 100'
	run -2 chaos-analyze --run-id r --load shpo
	assert_says "$output" chaos-analyze: --load: "'shpo'" "'shop'?"
	run -2 chaos-analyze --run-id r --baseline-id one
	assert_says "$output" chaos-analyze: "'one'" "'runs'" samples.counter.csv
	# a load that was killed left none: the events tell its plan, and not that of another
	rm runs/r/load.counter.json
	{ cat e.jsonl
	  printf '{"t":%d,"event":"load_rate","load":"shop","rate_rps":50}\n' $T0
	  printf '{"t":%d,"event":"load_rate","load":"counter","rate_rps":100}\n' $((T0 + 20))
	  printf '{"t":%d,"event":"load_rate","load":"shop","rate_rps":0}\n' $((T0 + 40)); } >runs/r/events.jsonl
	chaos-analyze --run-id r | jq -e '.loads.counter.run_summary.planned_rps == 100 and .loads.shop.run_summary.planned_rps == 50'
	cp e.jsonl runs/r/events.jsonl
	# without events either: the time before its first row is not known, and is no outage
	chaos-analyze --run-id r | jq -e '.loads.counter | .input.seconds_unmeasured == 20 and .anomaly_windows == []'
}

@test "samples of a name that no load can have are refused, not passed over" {
	local file
	for file in 'samples.a b.csv' 'samples.a:b.csv' samples.ä.csv; do
		mkdir -p runs/odd
		for name in samples.good.csv "$file"; do
			awk -v t0=$T0 'BEGIN { print "timestamp,latency_ms"; for (i = 0; i < 400; i++) printf "%.2f,5\n", t0 + i / 20 }' >"runs/odd/$name"
		done
		for program in 'chaos-analyze --run-id odd' 'chaos-plot throughput --run-id odd' 'chaos-report --run-id odd'; do
			# shellcheck disable=SC2086 # words
			run -2 --separate-stderr $program
			assert_line_says "$stderr" "'runs/odd/$file'" "no load:" "1 to 64" "A-Z a-z 0-9 . _ -" rename
			[ -z "$output" ]
		done
		rm -r runs/odd
	done
}

#!/usr/bin/env bats
# chaos-plot: the scripts it writes, run by the real gnuplot.

bats_require_minimum_version 1.5.0
load helper

setup() {
	scratch
	make_samples > samples.csv
}

make_samples() {
	awk -v dur="${1:-25}" -v rps="${2:-50}" -v k0="${3:-10}" -v k1="${4:-18.3}" -v dead="${5:-0}" \
		-f "$ROOT/test/golden/plot/samples.awk"
}

make_events() {
	awk -v n="${1:-1}" -v at="${2:-10}" -v length_s="${3:-8}" -v gap="${4:-2}" \
		-f "$ROOT/test/golden/plot/events.awk"
}

# draw OUT ARG…: script and picture; neither program may say a word.
draw() {
	local out=$1
	shift
	chaos-plot "$@" > script.gp 2> plot.err || fail "chaos-plot: $(cat plot.err)"
	gnuplot script.gp > "$out" 2> gnuplot.err || fail "gnuplot: $(cat gnuplot.err)"
	[ ! -s plot.err ] || fail "chaos-plot said: $(cat plot.err)"
	[ ! -s gnuplot.err ] || fail "gnuplot said: $(cat gnuplot.err)"
}

# The signature, and the size in the first chunk.
is_png() {
	[ "$(od -An -tx1 -N8 "$1" | tr -d ' \n')" = 89504e470d0a1a0a ] || fail "$1 is no png"
	[ "$(od -An -tx1 -j16 -N8 "$1" | tr -d ' \n')" = 000004b000000320 ] || fail "$1 is not 1200x800"
}

# At most 100 columns and 30 lines, of letters alone.
is_page() {
	tr -d '\f' < "$1" | awk '{ sub(/ +$/, "") } length($0) > 100 || /[^ -~]/ { bad = 1 }
		END { exit bad || NR < 10 || NR > 31 }' || fail "not a page of 100 by 30: $(cat "$1")"
}

@test "throughput: png, svg and letters, without a word on stderr" {
	make_events > events.jsonl
	draw t.png throughput --events events.jsonl samples.csv
	is_png t.png
	draw t.svg throughput --terminal svg --events events.jsonl samples.csv
	xmllint --noout t.svg
	grep -q 'kill service-node-2' t.svg
	draw t.txt throughput --terminal dumb --events events.jsonl samples.csv
	is_page t.txt
	grep -q 'kill service-node-2' t.txt
}

@test "throughput: the title says what happened, the anomaly is named" {
	make_events > events.jsonl
	draw t.svg throughput --terminal svg --events events.jsonl samples.csv
	grep -q 'killed service-node-2 at 10.0 s: up to 34.0 % errors, healthy again as soon as it was lifted' t.svg
	grep -q '10–1[89] s: up to 34.0 % errors' t.svg
	awk -F, 'NR == 1 || $5 == ""' samples.csv > good.csv
	draw g.svg throughput --terminal svg good.csv
	grep -q '1112 requests in 25 s: no anomaly' g.svg
	run ! grep -q '% errors' g.svg
}

@test "throughput: a title too long for one line stands on two, whole" {
	local name=the-second-of-the-three-nodes-behind-the-load-balancer
	make_events | sed "s/service-node-2/$name/g" > events.jsonl
	draw t.svg throughput --terminal svg --events events.jsonl samples.csv
	grep -o '>[^<>]*<' t.svg | tr -d '<>' >texts
	run ! grep -q 'killed .* at .*lifted' texts
	grep -A1 'killed the-.* at 10.0 s: up to' texts | paste -sd' ' | grep -q 'healthy again as soon as it was lifted'
}

# golden NAME: compares page.txt; CHAOS_GOLDEN=write renews it, to be looked at in git diff.
golden() {
	[ "${CHAOS_GOLDEN:-}" != write ] || cp page.txt "$ROOT/test/golden/plot/$1"
	diff -u "$ROOT/test/golden/plot/$1" page.txt
}

@test "letters are the golden pages" {
	make_events > events.jsonl
	draw page.txt throughput --terminal dumb --events events.jsonl samples.csv
	golden throughput.txt
	make_samples 25 50 99 99 > base.csv
	draw page.txt compare --terminal dumb --baseline base.csv samples.csv
	golden compare.txt
}

@test "throughput: no fault, twelve faults, twenty, none undone; long, short, only errors, no rows" {
	local terminal case
	make_samples 600 20 60 75 > long.csv
	make_samples 20 20 0 99 1 > dead.csv
	head -n 1 samples.csv > empty.csv
	head -n 2 samples.csv > one.csv
	make_events 12 60 15 22 > twelve.jsonl
	make_events 20 60 15 22 > twenty.jsonl
	make_events 1 10 8 | head -n 3 > held.jsonl
	for terminal in png svg dumb; do
		for case in long.csv dead.csv empty.csv one.csv samples.csv; do
			draw "$case.$terminal" throughput --terminal $terminal $case
		done
		for case in twelve twenty; do
			draw "$case.$terminal" throughput --terminal $terminal --events $case.jsonl long.csv
		done
		draw "held.$terminal" throughput --terminal $terminal --events held.jsonl samples.csv
	done
	for case in *.png; do is_png "$case"; done
	for case in *.svg; do xmllint --noout "$case"; done
	for case in *.dumb; do is_page "$case"; done
	grep -q 'no samples' empty.csv.svg
	grep -q 'no successes' dead.csv.svg
	awk 'BEGIN { print "timestamp,length_s,ok,err"; for (i = 0; i < 40; i++) print i + 0.5 ",1,20,0" }' >bare.csv
	draw bare.svg throughput --terminal svg bare.csv
	grep -q 'latencies: not in this log' bare.svg
	run ! grep -q 'no successes\|1970' bare.svg
	draw bare.dumb throughput --terminal dumb bare.csv
	grep -q 'latencies: not in this log' bare.dumb
	[ "$(grep -c '>kill \|>pause ' twelve.svg)" -eq 12 ]
	grep -q 'and 8 more' twenty.svg
	grep -q 'not undone' held.svg
}

@test "the script alone makes the picture again" {
	make_events > events.jsonl
	draw first.png throughput --events events.jsonl samples.csv
	rm samples.csv events.jsonl
	mkdir elsewhere
	(cd elsewhere && gnuplot < ../script.gp > ../second.png)
	cmp first.png second.png
}

@test "letters are as wide as the terminal" {
	needs_terminal
	local columns
	make_events > events.jsonl
	for columns in 40 80 150; do
		script -qec "stty cols $columns; chaos-plot throughput --terminal dumb --events events.jsonl samples.csv > t.gp
			chaos-plot compare --terminal dumb --baseline samples.csv samples.csv > c.gp" /dev/null
		for page in t c; do
			grep -q "^set terminal dumb size $columns,30 " $page.gp
			gnuplot $page.gp | tr -d '\f' | awk -v c=$columns '{ sub(/ +$/, ""); w = length($0) > w ? length($0) : w }
				END { exit w > c || w < c - 12 || NR > 31 }' || fail "not a page of $columns"
		done
	done
}

@test "nothing from outside is executed or expanded" {
	local name terminal
	local hostile=('a`touch HIT`b' "it's" 'x" . system("touch HIT") . "' "'; system('touch HIT'); '" \
		'@terminals %d {/Bold x}' '$(touch HIT) /x' 'new
line' '|touch HIT' 'back\' $'tab\tand\001bell\a' $'\xff\xfe no utf-8' '![x](y) <b>&amp;')
	for name in "${hostile[@]}"; do
		jq -cn --arg n "${name//$'\xff\xfe'/}" '{t: 1766500010, event: "fault_requested", fault: $n, action: $n, node: $n},
			{t: 1766500010.1, event: "fault_injected", fault: $n, action: "kill", node: $n}'
	done > events.jsonl
	mkdir in
	for name in "${hostile[@]//\//_}"; do
		cp samples.csv "in/$name"
		draw t.svg throughput --terminal svg --events events.jsonl "in/$name"
		xmllint --noout t.svg
		draw t.svg compare --terminal svg --baseline "in/$name" "in/$name"
		xmllint --noout t.svg
		(cd in && chaos-plot throughput -o "$name.svg" --terminal svg "./$name" | gnuplot)
		[ -s "in/$name.svg" ] || fail "no picture at in/$name.svg"
		[ ! -e HIT ] && [ ! -e in/HIT ] || fail "executed: $name"
	done
	for terminal in png dumb; do
		draw t throughput --terminal $terminal --events events.jsonl samples.csv
		draw t compare --terminal $terminal --baseline "in/${hostile[0]}" "in/${hostile[1]}"
	done
	[ ! -e HIT ]
	[ ! -e in/HIT ]
	draw t.svg throughput --terminal svg --events events.jsonl samples.csv
	grep -qF 'a`touch HIT`b' t.svg
	grep -qF '@terminals' t.svg
	# what few fonts have would cover a picture that cairo draws; its path is as it was
	make_events | sed 's/service-node-2/データ–खادم é/g' >events.jsonl
	draw é.png throughput -o データ.png --events events.jsonl samples.csv
	is_png データ.png
	grep -q "'kill ???–?ادم é, " script.gp
	draw t.svg throughput --terminal svg --events events.jsonl samples.csv
	texts t.svg | grep -q '^kill データ–खادم é'
}

@test "throughput: the warm-up is marked; what failed in it is not passed over" {
	make_samples 10 50 1 4 > early.csv
	draw w.svg throughput --terminal svg early.csv
	grep -q 'no anomaly' w.svg
	grep -q 'warm-up, not judged' w.svg
	draw n.svg throughput --terminal svg --warmup-ignore-sec 0 early.csv
	grep -q 'up to 34.0 % errors' n.svg
	run ! grep -q 'warm-up' n.svg
}

@test "requests are told of the whole run, also of a last part that is too short to be drawn" {
	make_samples 26 | sed '1262,$d' >part.csv # 25.2 s
	draw p.svg throughput --terminal svg --warmup-ignore-sec 0 part.csv
	[ "$(texts p.svg | grep -c '1260 requests in 25.2 s')" = 1 ] || fail "$(texts p.svg | grep requests)"
	awk '/^\$|^EOD/ { on = $1 == "$rates" } on { last = $1 } END { exit last != 25 }' script.gp
	chaos-analyze --windows part.csv | draw w.svg throughput --terminal svg --windows -
	[ "$(texts w.svg | grep -c '1260 requests in 25.2 s')" = 2 ]
}

@test "compare: fast because it failed is not better" {
	mkdir -p l1 l2
	make_samples 25 50 99 99 | awk -F, -v OFS=, 'NR > 1 { $4 += 300 } 1' > l1/samples.csv
	make_samples 25 50 6 25 > l2/samples.csv
	draw c.svg compare --terminal svg --baseline l1/samples.csv l2/samples.csv
	grep -q '^run l2/samples.csv, from' <(texts c.svg)
	grep -q '^baseline l1/samples.csv, from' <(texts c.svg)
	grep -q 'p99 latency' c.svg
	run ! grep -q '>better<' c.svg
}

@test "compare: two files and two runs of the same samples are told the same" {
	mkdir -p runs/base runs/new
	make_samples 25 50 99 99 > runs/base/samples.csv
	cp samples.csv runs/new
	draw out compare --terminal svg --run-id new --baseline-id base
	draw c.svg compare --terminal svg --baseline runs/base/samples.csv samples.csv
	said() { texts "$1" | grep -xE 'worse|better|not certain|×.*|.* %|.* points' | sed 1d; }
	assert_equal "$(said c.svg)" "$(said runs/new/compare.svg)"
}

@test "compare: a ratio far away is on its axis" {
	awk -F, -v OFS=, 'NR > 1 && $9 % 20 < 2 { $4 = $6 = $4 * 100 } 1' samples.csv >slow.csv
	draw c.svg compare --terminal svg --baseline samples.csv slow.csv
	awk '/^\$ratios <<EOD/ { on = 1; next } /^EOD/ { on = 0 } on { high = $1 > high ? $1 : high }
		/^set xrange \[-/ && high && !to { split($3, x, /[:\]]/); to = x[2] } END { exit !(high > 4 && to >= high) }' script.gp
}

@test "compare: the change is written on it" {
	make_samples 25 50 99 99 > base.csv
	draw c.png compare --baseline base.csv samples.csv
	is_png c.png
	draw c.svg compare --terminal svg --baseline base.csv samples.csv
	xmllint --noout c.svg
	grep -q 'samples.csv against base.csv' c.svg
	grep -q '>−14 %<' c.svg
	grep -q '>+13.8 points<' c.svg
	grep -q '>worse<' c.svg
	draw c.txt compare --terminal dumb --baseline base.csv samples.csv
	is_page c.txt
	head -n 1 samples.csv > empty.csv
	draw c.png compare --baseline empty.csv samples.csv
	draw c.svg compare --terminal svg --baseline base.csv empty.csv
	grep -q 'no comparison' c.svg
}

@test "a run folder: paths, events and analysis are found, the picture lands in it" {
	mkdir -p runs/base runs/run1
	cp samples.csv runs/run1
	make_samples 25 50 99 99 > runs/base/samples.csv
	make_events > runs/run1/events.jsonl
	jq -n '{schema: "chaos-analyze/1", anomaly_windows: [{start_sec: 3, end_sec: 4}],
		recovery_time_sec: 2.5}' > runs/run1/analysis.json
	chaos-plot throughput --run-id run1 > t.gp
	gnuplot t.gp
	is_png runs/run1/throughput.png
	grep -q '3–5 s' t.gp
	grep -q 'healthy again as soon as it was lifted' t.gp
	chaos-plot compare --baseline-id base --run-id run1 --terminal svg | gnuplot
	xmllint --noout runs/run1/compare.svg
	chaos-plot throughput --run-id run1 --terminal dumb | gnuplot > page
	grep -q 'healthy again as soon as it was lifted' page
	chaos-plot throughput --run-id run1 -o other.png | gnuplot
	is_png other.png
}

@test "window lines are drawn like samples" {
	{
		echo '{"type":"windows","format":"chaos-windows/1","t0":1766500000.25}'
		for s in 0 1 2 4; do
			printf '{"type":"window","start_s":%d,"length_s":1,"due":50,"ok":50,"err":0,' $s
			printf '"completed_ok":50,"p50_latency_ms":80,"p99_latency_ms":%d,"final":true}\n' $((100 + s))
		done
		printf '{"type":"window","start_s":4,"length_s":1,"due":70,"ok":7'
	} > w.jsonl
	draw w.png throughput --windows w.jsonl
	is_png w.png
	chaos-plot throughput --windows - < w.jsonl | cmp - script.gp
	grep -q '200 requests in 5 s' script.gp
}

@test "bad input: one line, the right exit code" {
	run -2 --separate-stderr chaos-plot
	assert_equal "${#stderr_lines[@]}" 1
	run -2 --separate-stderr chaos-plot througput samples.csv
	assert_says "$stderr" chaos-plot: command "'througput'" "'throughput'?"
	run -2 --separate-stderr chaos-plot throughput --evnts x samples.csv
	assert_says "$stderr" chaos-plot: option "'--evnts'" "'--events'?"
	run -2 --separate-stderr chaos-plot throughput --terminal sgv samples.csv
	assert_says "$stderr" chaos-plot: --terminal: "'sgv'" "'svg'?"
	run -2 --separate-stderr chaos-plot throughput --windows /dev/null
	assert_says "$stderr" chaos-plot: /dev/null:1:1: empty
	run -2 --separate-stderr chaos-plot throughput nothere.csv
	assert_says "$stderr" chaos-plot: open "'nothere.csv'" "No such file or directory"
	run -2 --separate-stderr chaos-plot compare samples.csv
	assert_equal "${#stderr_lines[@]}" 1
	mkdir -p runs/http-baseline
	run -2 --separate-stderr chaos-plot throughput --run-id http-baselin
	assert_says "$stderr" chaos-plot: "no run 'http-baselin'" "'runs'" "'http-baseline'?"
	rmdir runs/http-baseline
	run -2 --separate-stderr chaos-plot throughput --run-id nothere
	assert_equal "${#stderr_lines[@]}" 1
	run -2 --separate-stderr chaos-plot throughput --run-id ../x
	assert_equal "${#stderr_lines[@]}" 1
	echo '{"schema":"other/1"}' > other.json
	run -2 --separate-stderr chaos-plot throughput --analysis other.json samples.csv
	[[ $stderr == "chaos-plot: 'other.json' "*"'other/1'"*"'chaos-analyze/1'" ]]
	echo 'a,b' | run -2 --separate-stderr chaos-plot throughput
	printf 'time,lat\n1,2\n' > wrong.csv
	run -2 --separate-stderr chaos-plot throughput wrong.csv
	assert_equal "${#stderr_lines[@]}" 1
	assert_equal "$output" ""
}

@test "bad rows are told in one line, and the rest is drawn" {
	{ head -n 40 samples.csv; echo 'x,y,z'; printf '1766500001.1,http://n'; } > torn.csv
	run -0 --separate-stderr chaos-plot throughput torn.csv
	assert_equal "$stderr" "chaos-plot: 'torn.csv': 2 bad rows were skipped"
	echo "$output" | gnuplot > t.png
	is_png t.png
	# Lines that are no events too, with the run whose they are.
	echo 'x' > none.jsonl
	run -0 --separate-stderr chaos-plot throughput --events none.jsonl samples.csv
	assert_says "$stderr" chaos-plot: "'none.jsonl'" "1 lines" events skipped
	for name in a b; do mkdir -p "of/$name" && cp none.jsonl "of/$name/events.jsonl" && cp samples.csv "of/$name"; done
	run -0 --separate-stderr chaos-plot compare --runs-dir of --run-id a --baseline-id b
	mapfile -t lines < <(sort <<<"$stderr")
	assert_equal "${#lines[@]}" 2
	assert_says "${lines[0]}" chaos-plot: "'a/events.jsonl':" "1 lines" events skipped
	assert_says "${lines[1]}" chaos-plot: "'b/events.jsonl':" "1 lines" events skipped
}

@test "a reader that goes is no failure, a full disk is" {
	chaos-plot throughput samples.csv | head -c 10 > /dev/null
	[ "${PIPESTATUS[0]}" -eq 0 ]
	chaos-plot throughput samples.csv > /dev/null
	bash -c 'chaos-plot throughput samples.csv > /dev/full' 2> err && fail "a full disk was not noticed"
	[ "$(wc -l < err)" -eq 1 ]
	run bash -c 'chaos-plot throughput samples.csv > /dev/full'
	assert_failure 6
}

@test "a terminal on stdin gets a hint, not a wait" {
	needs_terminal
	run timeout 5 script -qec 'chaos-plot throughput' /dev/null
	assert_failure 2
	assert_output --partial 'stdin, which is a terminal'
}

@test "compare says what chaos-analyze says, also of a run with a planned pause" {
	mkdir -p runs/base runs/pause
	make_samples 25 50 99 99 > runs/base/samples.csv
	awk -F, 'NR == 1 { print; next } { if (!t0) t0 = $1 } $1 < t0 + 10 || $1 >= t0 + 20' \
		runs/base/samples.csv > runs/pause/samples.csv
	local t0
	t0=$(awk -F, 'NR > 1 { print $1 }' runs/base/samples.csv | sort -g | head -1)
	jq -n --argjson t0 "$t0" '{schema: "chaos-load/1", start_t: $t0, duration_s: 25, timeout_s: 5,
		profile: [{at_s: 0, rate_rps: 50}, {at_s: 10, rate_rps: 0}, {at_s: 20, rate_rps: 50}]}' \
		> runs/pause/load.json
	local said
	said=$(chaos-analyze --run-id pause --baseline-id base |
		jq -r '.run_summary.throughput_rps | . * 10 | round / 10')
	[ "$(echo "$said" | cut -d. -f1)" -ge 48 ]
	chaos-plot compare --run-id pause --baseline-id base --terminal svg > c.gp
	grep -q "$said" c.gp
	refute grep -q 'throughput −[2-9][0-9] %' c.gp
}

@test "events and analyses that somebody broke by hand: no number that is none in the script" {
	make_events >events.jsonl
	number='(^|[^a-z])-?(nan|inf)([^a-z]|$)'
	for change in '2,3s/"t":([0-9.]*)/"t":"\1"/' '4,$s/"t":([0-9.]*)/"t":"\1"/' 's/"t":[0-9.]*/"t":1e308/' \
		'2,$s/"t":([0-9.]*)/"t":null/' '3s/"t":[0-9.]*/"t":-5/'; do
		sed -E "$change" events.jsonl >broken.jsonl
		for terminal in svg dumb; do
			chaos-plot throughput --terminal $terminal --events broken.jsonl samples.csv >t.gp 2>err
			run ! grep -iE "$number" t.gp
			gnuplot t.gp >/dev/null 2>gnuplot.err
			[ ! -s gnuplot.err ]
		done
	done
	chaos-analyze --events events.jsonl samples.csv >a.json
	for change in '.faults[0] |= with_entries(if (.key | endswith("_s")) then .value = "x" else . end)' \
		'.faults[0].injected_s = null | .faults[0].requested_s = "soon"' '.intervals[0].start_s = "x"' \
		'.params.warmup_ignore_sec = "long"'; do
		jq "$change" a.json >b.json
		chaos-plot throughput --terminal svg --analysis b.json samples.csv >t.gp
		run ! grep -iE "$number" t.gp
	done
}

@test "throughput: without an analysis the planned rate counts as it does for chaos-analyze" {
	# half the rate from 10 s on, nothing from 20 to 25 s: as planned, and no anomaly
	awk 'BEGIN { print "timestamp,latency_ms"
		for (i = 0; i < 3000; i++) { t = i / 100
			if (t < 10 || (i % 2 && (t < 20 || t >= 25))) printf "%.6f,5.000\n", 1766500000 + t } }' >s.csv
	rate() { printf '{"t":%d,"event":"load_rate","rate_rps":%d}\n' $((1766500000 + $1)) "$2"; }
	{ rate 0 100; rate 10 50; rate 20 0; rate 25 50; rate 30 0; } >events.jsonl
	chaos-analyze --events events.jsonl s.csv | jq -e '.intervals == []'
	chaos-plot throughput --terminal svg --events events.jsonl s.csv >planned.gp
	grep -q 'no anomaly' planned.gp
	chaos-plot throughput --terminal svg s.csv >unplanned.gp
	run ! grep -q 'no anomaly' unplanned.gp
}

# texts FILE: what the labels of an svg say, one a line.
texts() {
	sed -n 's/.*<text>\(.*\)<\/text>.*/\1/p' "$1"
}

@test "throughput: a run shorter than its warm-up was not judged, with an analysis or without" {
	make_samples 4 50 99 99 >short.csv
	draw s.svg throughput --terminal svg short.csv
	texts s.svg | grep 'in 4 s: no second could be judged, the warm-up is 5 s'
	run -3 --separate-stderr chaos-analyze short.csv
	echo "$output" >a.json
	draw a.svg throughput --terminal svg --analysis a.json short.csv
	texts a.svg | grep 'in 4 s: no second could be judged, the warm-up is 5 s'
	texts a.svg | grep 'warm-up, not judged'
	make_events 1 1 2 >events.jsonl
	draw e.svg throughput --terminal svg --analysis a.json --events events.jsonl short.csv
	texts e.svg | grep -x 'killed service-node-2 at 1.0 s: no second could be judged, the warm-up is 5 s'
	run ! grep 'no anomaly' s.svg a.svg e.svg
	draw l.svg throughput --terminal svg --warmup-ignore-sec 1 short.csv
	run ! grep 'could be judged' l.svg
}

@test "throughput: a latency that never changes lies on no axis, and both percentiles are seen" {
	awk 'BEGIN { print "timestamp,latency_ms"
		for (i = 0; i < 1000; i++) printf "%.3f,20\n", 1766500000 + i / 50 }' >const.csv
	draw c.svg throughput --terminal svg const.csv
	low=$(sed -n 's/^set yrange \[\([0-9.]*\):[0-9.]*\]$/\1/p' script.gp | tail -1)
	awk -v low="$low" 'BEGIN { exit !(low > 0 && low < 15) }' || fail "the axis begins at $low"
	for tic in 10 20 50 100; do
		texts c.svg | grep -x "$tic" || fail "no tic at $tic"
	done
	wide() { sed -n "s/.* lw \([0-9.]*\) .*title '$1'.*/\1/p" script.gp; }
	[ "$(wide p99)" -ge $((2 * $(wide p50))) ] || fail "p50 covers p99"
	draw c.svg throughput --terminal svg samples.csv
	[ "$(wide p99)" -eq "$(wide p50)" ]
}

@test "throughput: anomalies that window lines tell of are drawn, the last line of each counts" {
	lines() {
		echo '{"type":"windows","format":"chaos-windows/1","t0":1766500000.25}'
		for s in $(seq 0 19); do
			printf '{"type":"window","start_s":%d,"length_s":1,"due":50,"ok":50,"err":%d,' "$s" \
				$((s >= 10 && s < 14 ? 17 : 0))
			echo '"completed_ok":50,"p50_latency_ms":80,"p99_latency_ms":100,"final":true}'
		done
	}
	at='"detected_s":11,"reasons":["errors"]'
	{
		lines
		echo '{"type":"interval_open","id":1,"start_s":11,'"$at"'}'
		echo '{"type":"interval_open","id":2,"start_s":3,'"$at"'}'
	} >open.jsonl
	draw o.svg throughput --terminal svg --windows open.jsonl
	texts o.svg | grep -x '1000 requests in 20 s: 2 anomalies told'
	texts o.svg | grep '11–20 s: up to 34.0 % errors'
	{
		cat open.jsonl
		echo '{"type":"interval_close","id":1,"start_s":10,"end_s":15,'"$at"',"recovered":true,"withdrawn":false}'
		echo '{"type":"interval_close","id":2,"start_s":3,"end_s":4,'"$at"',"recovered":true,"withdrawn":true}'
		echo '{"type":"interval_close","id":1,"start_s":10,"end_s":14,'"$at"',"recovered":true,"withdrawn":false}'
		echo '{"type":"interval_close","id":3,"start_s":"x","end_s":null}'
		echo '{"type":"end","end_s":20}'
	} >closed.jsonl
	draw c.svg throughput --terminal svg --windows closed.jsonl
	texts c.svg | grep -x '1000 requests in 20 s: 1 anomaly told'
	texts c.svg | grep -x '10–14 s: up to 34.0 % errors'
	chaos-analyze --windows samples.csv | chaos-plot throughput --terminal svg --windows - | gnuplot >a.svg
	draw s.svg throughput --terminal svg samples.csv
	assert_equal "$(texts a.svg | grep -c '% errors')" 1
	assert_equal "$(texts a.svg | grep '[0-9]–.*% errors')" "$(texts s.svg | grep '[0-9]–.*% errors')"
}

@test "a picture that could not be written is told before gnuplot is" {
	mkdir folder
	: >file
	run -2 --separate-stderr chaos-plot throughput -o no/such/x.png samples.csv
	assert_equal "$stderr" "chaos-plot: cannot write 'no/such/x.png': no such folder 'no/such'"
	assert_equal "$output" ""
	run -2 --separate-stderr chaos-plot compare -o folder --baseline samples.csv samples.csv
	assert_says "$stderr" chaos-plot: write "'folder'" "is a folder"
	run -2 --separate-stderr chaos-plot throughput -o file/x.png samples.csv
	assert_equal "$stderr" "chaos-plot: cannot write 'file/x.png': 'file' is no folder"
	[ ! -e no ]
	draw out throughput -o folder/x.png samples.csv
	is_png folder/x.png
	draw out throughput -o folder/x.png samples.csv
	draw out throughput -o /dev/null samples.csv
}

@test "compare: run ids of 64 characters are whole once, and cut or overlap nothing" {
	local base run
	base=$(printf 'baseline-%055d' 1) run=$(printf 'run-%060d' 2)
	mkdir -p "runs/$run" "runs/$base"
	cp samples.csv "runs/$run"
	make_samples 25 50 99 99 >"runs/$base/samples.csv"
	draw out compare --terminal svg --baseline-id "$base" --run-id "$run"
	texts "runs/$run/compare.svg" >said
	grep "^run $run, from" said
	grep "^baseline $base, from" said
	grep -x 'the run against its baseline, worse: throughput .*, errors .* points; p99 .*' said
	[ "$(grep -cx baseline said)" -eq 1 ]
	[ "$(grep -cx run said)" -eq 1 ]
	draw page compare --terminal dumb --baseline-id "$base" --run-id "$run"
	is_page page
	head -n 1 page | grep 'errors .* points'
}

@test "compare: worse is what the analysis' verdict says, in the words of the report" {
	mkdir -p runs/base runs/new
	make_samples 25 50 99 99 >runs/base/samples.csv
	cp samples.csv runs/new
	chaos-analyze --run-id new --baseline-id base >real.json
	senses() { # what the panels say below their change
		texts runs/new/compare.svg | grep -xE 'worse|better|not certain' | tr '\n' ' '
	}
	jq '.compare |= map(if .metric == "throughput_rps" then .verdict = "inconclusive" | .ratio = 0.8649
			elif .metric == "p50_latency_ms" then .verdict = "pass" | .ratio = 1.0351
			elif .metric == "p95_latency_ms" then .verdict = "fail" | .ratio = 1.02
			elif .metric == "error_rate" then .verdict = "pass" | .diff = 0.138
			else .verdict = "pass" end) | .run_summary.p50_latency_ms = 103.496
		| .baseline_summary.p50_latency_ms = 100' real.json >runs/new/analysis.json
	draw out compare --terminal svg --run-id new --baseline-id base
	assert_equal "$(senses)" "not certain worse "
	texts runs/new/compare.svg | grep -xE 'new against base, worse: p95 \+2 %; throughput .*, p99 .*, errors .* points'
	# in a phase alone, or by a metric that is not drawn
	jq '.compare |= map(.verdict = "pass") | .comparison += {verdict: "fail", reasons: ["kill: p99_latency_ms", "availability.time"]}' \
		runs/new/analysis.json >phase.json
	draw out compare --terminal svg --run-id new --baseline-id base --analysis phase.json
	texts runs/new/compare.svg | grep 'worse: p99 latency (phase kill) and others; throughput '
	chaos-llm --no-model phase.json | grep -F 'beyond the tolerance: p99 latency (phase kill), share of seconds without an anomaly.'
	# on one line of letters and in a picture: what is worse is whole, whatever else goes
	jq '.compare |= map(.verdict = "fail")' runs/new/analysis.json >all.json
	draw page compare --terminal dumb --run-id new --baseline-id base --analysis all.json
	draw out compare --terminal svg --run-id new --baseline-id base --analysis all.json
	for said in <(head -n 1 page) <(texts runs/new/compare.svg); do
		grep -E 'worse: throughput .*, p50 .*, p95 .*, p99 .*, errors .* points' "$said"
	done
	chaos-llm --no-model runs/new/analysis.json >report.md
	change=$(sed -n 's/^| p50 latency |.*| \([^|]*\) |$/\1/p' report.md)
	assert_equal "$change" '+4 %'
	texts runs/new/compare.svg | grep -xF -- "$change"
	# no analysis beside it: chaos-analyze is asked, and says the same of each
	rm runs/new/analysis.json
	draw out compare --terminal svg --run-id new --baseline-id base
	assert_equal "$(senses | tr -d ' ')" "$(jq -r '["throughput_rps", "p50_latency_ms", "p95_latency_ms",
		"p99_latency_ms", "error_rate"][] as $m | .compare[] | select(.metric == $m) |
		{fail: "worse", inconclusive: "notcertain", pass: ""}[.verdict]' real.json | tr -d '\n')"
	draw page compare --terminal dumb --run-id new --baseline-id base --analysis real.json
	is_page page
	grep 'points  worse' page
}

@test "compare: a throughput at another load is told for its load" {
	mkdir -p runs/base runs/half
	make_samples 25 50 99 99 >runs/base/samples.csv
	make_samples 25 30 99 99 >runs/half/samples.csv
	local run t0
	for run in base:50 half:30; do
		t0=$(awk -F, 'NR > 1 { print $1 }' "runs/${run%:*}/samples.csv" | sort -g | head -1)
		jq -n --argjson t0 "$t0" --argjson rps "${run#*:}" '{schema: "chaos-load/1", start_t: $t0,
			duration_s: 25, timeout_s: 5, profile: [{at_s: 0, rate_rps: $rps}]}' \
			>"runs/${run%:*}/load.json"
	done
	draw out compare --terminal svg --run-id half --baseline-id base
	texts runs/half/compare.svg | grep -x '[^ ]* % for its load'
	texts runs/half/compare.svg | grep -x 'not comparable: 30/s were offered to the run, 50/s to the baseline'
	run ! grep -E '>(worse|better)<' runs/half/compare.svg
}

@test "a run of more windows than the picture has columns shows its worst, and says so" {
	awk 'BEGIN {
		print "{\"type\":\"windows\",\"format\":\"chaos-windows/1\",\"t0\":1700000000}"
		for (i = 0; i < 5000; i++) {
			bad = i == 3003 || i == 3004
			printf "{\"type\":\"window\",\"start_s\":%d,\"length_s\":1,\"due\":50,\"ok\":%d,\"err\":%d,\"completed_ok\":%d,\"unmeasured\":false,\"p50_latency_ms\":5,\"p99_latency_ms\":%d,\"final\":true}\n",
				i, bad ? 0 : 50, bad ? 50 : 0, bad ? 0 : 50, i == 4001 ? 900 : 9
		}
	}' >windows.jsonl
	run -0 --separate-stderr chaos-plot throughput --windows windows.jsonl
	rates() { sed -n "/^\$$1 <<EOD/,/^EOD/p" <<<"$output" | sed '1d;$d'; }
	[ "$(rates rates | wc -l)" -le 1201 ]
	# Offered, the fewest successes and the most errors of the step with the outage, and only there.
	assert_equal "$(rates rates | awk '$3 < 50' )" "3000 50 0 50"
	assert_equal "$(rates latency | awk '$3 > 9')" "4000 5 900"
	assert_equal "$(grep -c 'each step is the worst of 5 windows' <<<"$output")" 1
	# It is as narrow as the line of successes, and drawn over it.
	assert_equal "$(rates narrow)" "3000 50 0 50"
	assert_equal "$(grep -A 1 "title 'successes'" <<<"$output" | grep -c 'narrow using 1:.* with vectors')" 1
}

# block NAME: the rows of a data block of script.gp.
block() {
	sed -n "/^\$$1 <<EOD/,/^EOD/p" script.gp | sed '1d;$d'
}

@test "errors are stacked by class, timeouts told where they were, latencies a map of equal columns" {
	awk -F, -v OFS=, 'NR > 1 && $5 != "" && ++n % 4 == 0 { $5 = "timeout"; $4 = 900 } 1' samples.csv >two.csv
	draw t.svg throughput --terminal svg two.csv
	texts t.svg | grep -x 'errors: refused'
	texts t.svg | grep -x 'errors: timeout'
	texts t.svg | grep -x 'timeouts'
	# all errors, and of these what is not of the first class: a quarter over the whole outage
	block rates | awk '$4 > 0 { all += $4; second += $5 } END { exit !(second > 0.2 * all && second < 0.3 * all) }'
	block timeouts | awk 'NR > 1 || $1 != 10 || $3 < 8 { bad = 1 } END { exit bad || !NR }'
	assert_equal "$(block heat | awk '{ print NF % 25 }' | sort -u)" 0
	grep -q '<image .*data:image/png' t.svg
	draw p.png throughput two.csv
	is_png p.png
	# a log of another tool has no class of ours, no due time, and here no fault
	awk -F, 'NR == 1 { print "timestamp,latency_ms,error"; next } { print $1 "," $4 "," ($5 == "" ? "" : "boom") }' samples.csv >other.csv
	chaos-plot throughput other.csv >o.gp
	grep -q "'errors: other'" o.gp
	grep -q "'by start, .*MAD outside of anomalies; latency from the start to" o.gp
	run ! grep -q 'ms late' o.gp
	# what a key of small letters is set to goes for its own panel alone
	assert_equal "$(grep '^set key at' o.gp | grep -vc ' width ')" 0
	# what tells no counts has no map, and is no error
	chaos-analyze --windows two.csv | jq -c 'del(.latencies, .errors)' >bare.jsonl
	draw b.svg throughput --terminal svg --windows bare.jsonl
	run ! grep -q '<image' b.svg
}

@test "nodes: a panel each, and the one that was down has the errors; latency: a curve for each time" {
	make_events >events.jsonl
	for n in 1 2 3; do
		printf '  web-%d: {url: "http://127.0.0.1:800%d"}\n' $n $n
	done | { echo 'nodes:'; cat; } >config.yaml
	draw n.svg nodes --terminal svg --events events.jsonl samples.csv
	for n in 1 2 3; do
		texts n.svg | grep -x "web-$n: requests per second"
	done
	assert_equal "$(texts n.svg | grep -c '^errors')" 3
	# the script has one block of rates a node: of the second alone with errors
	awk '/^\$rates/ { n++ } n && $4 > 0 && NF == 4 && $1 ~ /^[0-9]/ { errors[n] += $4 } END { exit !(n == 3 && errors[2] > 0 && errors[1] + errors[3] == 0) }' script.gp
	# what is normal is in steps as all else is: each of its edges is level or upright
	tr '\n' ' ' <n.svg | grep -o "rgb(214, 232, 245)' points = '[^']*" | sed "s/.*'//" >bands
	awk '{ for (i = 2; i <= NF; i++) { split($(i - 1), a, ","); split($i, b, ","); slanted += a[1] != b[1] && a[2] != b[2] } }
		NF > 20 { n++ } END { exit slanted || n != 3 }' bands || fail "$(cat bands)"
	draw l.svg latency --terminal svg --events events.jsonl samples.csv
	for words in 'before the fault' 'while it acted' 'afterwards' '99 %'; do
		texts l.svg | grep -qxF "$words" || fail "no $words"
	done
	[ "$(grep -c '^\$curve' script.gp)" -eq 3 ]
	draw l.svg loads --terminal svg samples.csv
	texts l.svg | grep -x 'latency of successes, ms (log scale)'
	# panels in half of the width: the fault stands over the lines that it has in each
	draw l.svg loads --terminal svg --events events.jsonl samples.csv
	assert_equal "$(texts l.svg | grep -c '^kill service-node-2')" 2
	draw t.svg throughput --no-title --terminal svg --events events.jsonl samples.csv
	run ! grep 'killed service-node-2' t.svg
	head -n 1 samples.csv >empty.csv
	for k in nodes latency loads; do
		draw e.svg $k --terminal svg empty.csv
		texts e.svg | grep -x 'no samples'
		draw e.txt $k --terminal dumb samples.csv
		is_page e.txt
	done
}

@test "compare: aligned on the fault if both had one; intervals around the ratio; other requests do not compare" {
	mkdir -p runs/base runs/new
	make_samples 25 50 5 13.3 >runs/base/samples.csv
	make_events 1 5 8 >runs/base/events.jsonl
	cp samples.csv runs/new
	make_events >runs/new/events.jsonl
	echo 'anomaly_detection: {warmup_ignore_sec: 4}' >runs/new/config.yaml
	echo 'anomaly_detection: {warmup_ignore_sec: 5}' >runs/base/config.yaml
	draw out compare --terminal svg --run-id new --baseline-id base
	texts runs/new/compare.svg | grep -x 'seconds from the first fault of each run'
	texts runs/new/compare.svg | grep -x 'their configurations differ'
	grep -q 'using (\$1-5\.012):3' script.gp
	grep -q 'using (\$1-10\.012):3' script.gp
	# log2 of ratio, low, high
	block ratios | awk '$2 > $1 || $3 < $1 { bad = 1 } END { exit bad || NR != 4 }'
	sed -i 's/POST \/work/GET \/other/' runs/base/samples.csv
	draw out compare --terminal svg --run-id new --baseline-id base
	texts runs/new/compare.svg | grep -x 'not comparable: their requests differ'
	run ! grep -E '>worse<' runs/new/compare.svg
	sed -i 's/http:/redis:/; s/GET \/other/POST \/work/' runs/base/samples.csv
	draw out compare --terminal svg --run-id new --baseline-id base
	texts runs/new/compare.svg | grep -x 'not comparable: they speak different protocols'
}

@test "trials: a dot for each run by its verdict, bounds of a search; a list that is none is refused" {
	trial() { # N VERDICT CONTROL VALUE RECOVERY CENSORED
		printf '{"type":"trial","n":%d,"run_id":"r.%d","control":%s,"value":%s,"full":true,"verdict":"%s","exit":0,"line":"x","metrics":{"recovery_s":%s,"p99_latency_ms":null},"censored":%s}\n' \
			"$1" "$1" "$3" "$4" "$2" "$5" "$6"
	}
	{
		echo '{"type":"trials","format":"chaos-trials/1","run_id":"r`x`","kind":"repeat"}'
		trial 1 held false null 2 '[]'; trial 2 missed false null 9 '[]'; trial 3 held true null 0 '[]'
		trial 4 inconclusive false null 30 '["recovery_s"]'
		printf '{"type":"trial","n":5,'
	} >trials.jsonl
	draw t.svg trials --terminal svg trials.jsonl
	texts t.svg | grep -x '1 of 3 runs held, 1 missed'
	texts t.svg | grep -x recovery_s
	run ! grep -q p99_latency t.svg
	assert_equal "$(block values | tr '\n' ';')" "1 2 0 0;2 9 1 0;3 0 3 0;4 30 2 1;"
	{
		echo '{"type":"trials","format":"chaos-trials/1","run_id":"s","kind":"search","parameter":"rps","from":1,"to":9}'
		trial 1 held false 100 2 '[]'; trial 2 missed false 200 9 '[]'
		echo '{"type":"end","trials":2,"lower_bound":100,"upper_bound":200}'
	} >search.jsonl
	draw s.svg trials --terminal svg search.jsonl
	texts s.svg | grep -x 'rps: held up to 100, missed from 200 on'
	assert_equal "$(grep -c '^set arrow' script.gp)" 2
	run ! grep '^set logscale' script.gp
	sed 's/"value":100/"value":20/; s/"recovery_s":2/&,"other":1/' search.jsonl >wide.jsonl
	draw w.svg trials --terminal svg wide.jsonl # a search halves on this scale
	assert_equal "$(grep -c '^set logscale x' script.gp)" 2
	texts w.svg | grep -x 50
	sed 's/"upper_bound":200/&,"certain":false/' search.jsonl | chaos-plot trials | grep "missed from 200 on, not confirmed'"
	mkdir -p runs/s
	cp search.jsonl runs/s/trials.jsonl
	draw out trials --run-id s
	is_png runs/s/trials.png
	chaos-analyze --windows samples.csv >w.jsonl
	run -2 --separate-stderr chaos-plot trials w.jsonl
	assert_says "$stderr" chaos-plot: "'w.jsonl'" "list of trials" "'trials'"
	run -2 --separate-stderr chaos-plot trials --terminal dumb search.jsonl
	assert_equal "$output" ""
}

@test "a run whose writes were audited and lost has a lane of them, one of a weak generator has grey" {
	mkdir -p runs/lost
	awk -F, -v OFS=, 'NR > 1 && $9 >= 700 && $9 < 800 { $3 = ""; $5 = "not_sent" } 1' samples.csv >runs/lost/samples.csv
	make_events >runs/lost/events.jsonl
	echo '{"schema":"chaos-audit/1","acknowledged":1900,"lost":1012,"lost_spans":[{"first_t":1766500011.25,"last_t":1766500012.25,"lost":1011},
		{"first_t":1766500015.25,"last_t":1766500015.25,"lost":1}]}' >runs/lost/audit.json
	echo '{"schema":"chaos-load/1","p99_pacing_ms":0.4,"peak_inflight":31,"start_t":1766500000.25,"duration_s":25}' >runs/lost/load.json
	draw out throughput --terminal svg --run-id lost
	# whole at its comma, or not there
	texts runs/lost/throughput.svg | grep -x '1,012 writes lost, of 1,900 acknowledged'
	# what does not fit into the title goes clause by clause, and lost writes never
	{ cat runs/lost/events.jsonl
		jq -nc '{t: 1766500025.25, event: "run_end", reason: "failed", exit: 3, message: ("the load ended too early, " * 5 + "at last")}'
	} >long.jsonl
	draw out throughput --terminal svg --run-id lost --events long.jsonl
	texts runs/lost/throughput.svg | head -n 2 | paste -sd' ' | grep 'too early.*, 1,012 of 1,900 acknowledged writes lost …$'
	run ! grep '[^ ]…' runs/lost/throughput.svg
	texts runs/lost/throughput.svg | grep -x 'generator: 99 % sent within 0.4.* ms of being due, at most 31 in flight'
	texts runs/lost/throughput.svg | grep -x 'errors: not_sent'
	[ "$(grep -c "^set object rect .* fc rgb c_lost " script.gp)" -eq 2 ]
	grep -q '^set object rect from 14.0*, .* to 16.0*, .* fc rgb c_fault_pale ' script.gp
	texts runs/lost/throughput.svg | grep -x 'the limit'
	# of each window what had no end yet, and how late the latest was sent
	chaos-analyze --run-id lost --windows | jq -r 'select(.type == "window") | "\(.start_s) \(.in_flight) \(.max_late_ms)"' >want
	sed -n '/^\$trust <<EOD/,/^EOD/p' script.gp | sed '1d; $d' | head -n "$(wc -l <want)" | diff - want
}

@test "pdf, other sizes, dark: the same picture, scaled or in other colours" {
	make_events >events.jsonl
	draw t.pdf throughput --terminal pdf --events events.jsonl samples.csv
	[ "$(head -c 5 t.pdf)" = %PDF- ]
	draw out throughput -o by.name.svg samples.csv
	xmllint --noout by.name.svg
	draw out throughput --terminal png -o named.svg samples.csv
	is_png named.svg
	draw small.png throughput --size 600x400 --events events.jsonl samples.csv
	[ "$(od -An -tx1 -j16 -N8 small.png | tr -d ' \n')" = 0000025800000190 ]
	draw l.svg throughput --terminal svg samples.csv
	draw d.svg throughput --terminal svg --dark samples.csv
	assert_equal "$(texts d.svg)" "$(texts l.svg)"
	grep -q '<rect.*#0d1117\|rgb( *13, *17, *23)' d.svg
	run ! grep -qi '#ffffff\|rgb(255, *255, *255)' <(grep '<rect' d.svg)
	for size in 12 1200x 1200x800x3 200x800 x; do
		run -2 --separate-stderr chaos-plot throughput --size "$size" samples.csv
		assert_equal "${#stderr_lines[@]}" 1
	done
}

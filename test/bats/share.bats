#!/usr/bin/env bats
# The filters under share/: other tools in place of ours.

bats_require_minimum_version 1.5.0
load helper

setup() {
	scratch
	awk -v dur=12 -v rps=40 -v k0=6 -v k1=8 -f "$ROOT/test/golden/plot/samples.awk" > samples.csv
	awk -v n=2 -v at=6 -v length_s=2 -v gap=3 -f "$ROOT/test/golden/plot/events.awk" > events.jsonl
}

per_second() { awk -f "$ROOT/share/awk/per-second.awk" "$@"; }

@test "per-second.awk: due, errors and successes agree with chaos-analyze" {
	per_second samples.csv > table
	[ "$(head -n 1 table)" = $'second\tdue\tok\terrors\terror_rate\tmean_ms\tmax_ms' ]
	[ "$(wc -l < table)" -eq 13 ]
	chaos-analyze --warmup-ignore-sec 0 samples.csv > a.json
	[ "$(awk 'NR > 1 { due += $2; err += $4 } END { print due, err }' table)" = \
		"$(jq -r '"\(.run_summary.due) \(.run_summary.err)"' a.json)" ]
	# the seconds beyond the threshold are the anomaly windows
	[ "$(awk -F'\t' 'NR > 1 && $5 > 0.1 { print $1 }' table | tr '\n' ' ')" = \
		"$(jq -r '[.anomaly_windows[] | range(.start_sec; .end_sec + 1)] | map("\(.) ") | add' a.json)" ]
}

@test "per-second.awk: what was in flight when the load was stopped is not counted, as in chaos-analyze" {
	awk -F, -v OFS=, 'NR > 1 && NR > 470 { $3 = ""; $5 = "aborted" } 1' samples.csv > stopped.csv
	per_second stopped.csv > table
	[ "$(wc -l < table)" -eq 13 ]
	chaos-analyze --warmup-ignore-sec 0 stopped.csv > a.json
	[ "$(jq .input.rows_aborted a.json)" -gt 5 ]
	[ "$(awk 'NR > 1 { due += $2; err += $4 } END { print due, err }' table)" = \
		"$(jq -r '"\(.run_summary.due) \(.run_summary.err)"' a.json)" ]
}

@test "per-second.awk: quotes, other columns, gaps, torn and lost rows" {
	cat > old.csv <<-'EOF'
		error,latency_ms,timestamp,node
		,10,100.5,a
		"said ""no"", twice",20,100.6,b
		,30,103.1,a
		timeout,x
	EOF
	printf ',1,99' >> old.csv
	run -3 --separate-stderr per_second old.csv # one of four rows is bad
	assert_says "$stderr" per-second.awk: skipped: "1 bad" "line 5"
	echo "$output" > table
	[ "$(cut -f1-4 table | tail -n +2 | tr '\t\n' ' ;')" = '0 2 1 1;1 0 0 0;2 1 1 0;' ]
	run -2 per_second <(echo 'a,b')
	assert_output --partial 'no timestamp'
	run -2 per_second <(printf '%s\n' 'timestamp,latency_ms' 1,2 err,ok,timestamp 0,90,1766500000)
	assert_output --partial 'line 3'
	run -2 per_second <(echo 'timestamp,latency_ms,error, error')
	assert_output --partial 'or one twice'
}

@test "per-second.awk: failures and bad rows are those of chaos-analyze, also of two files in one" {
	awk 'BEGIN {
		print "\357\273\277timestamp, node, status_code, latency_ms, error"
		split("200;000;0;-1;;-;99;1006;OK;ECONNREFUSED;503 Service Unavailable;200 OK;200.0;399;400;5", status, ";")
		split("2e2;+200;.2e3;20e1;1e308;3.99e2;248.4;4e2", odd, ";")
		for (i = 0; i < 640; i++)
			printf "%.1f, \"a\" , %s, %s, %s\n", 1766500000 + i / 10, i < 80 ? odd[i % 8 + 1] : status[i % 16 + 1],
				i % 16 == 1 ? "-" : i % 16 == 14 ? "NaN" : 12, i % 50 == 0 ? "timed out" : " "
		print "\357\273\277latency_ms,success,error_code,timestamp"
		for (i = 0; i < 320; i++)
			printf "5,%s,%s,%.0f\n", i % 7 ? "true" : "FALSE", i % 9 ? "" : 1212, 1766500100000 + 100 * i
		print "-,true,,1766500132000"
		print "5,true,,1.7665e+09"
		print "5,maybe,,1766500132000"
		print "1e308,true,,1766500132000"
		print "8.64001e8,true,,1766500132000"
		print "5,true,,1766500132,5" # a comma that was to be a point; an empty field is none
		print "5,true,,1766500131950,"
	}' > tools.csv
	per_second tools.csv > table 2> err
	assert_says "$(<err)" per-second.awk: skipped: "6 bad" "line 963"
	chaos-analyze --warmup-ignore-sec 0 tools.csv > a.json
	jq -e '.input.rows_bad == 6 and .run_summary.due == 961 and .run_summary.err > 500' a.json
	[ "$(awk 'NR > 1 { due += $2; err += $4 } END { print due, err }' table)" = \
		"$(jq -r '"\(.run_summary.due) \(.run_summary.err)"' a.json)" ]
}

@test "per-second.awk feeds gnuplot directly" {
	per_second samples.csv > table
	gnuplot -e 'set terminal dumb; plot "table" using 1:3 with lines title columnheader' > page
	grep -q 'ok' page
}

@test "anomalies.jq: one line an anomaly" {
	# 3: of the two faults of the example one had no visible effect.
	run -3 --separate-stderr chaos-analyze --events events.jsonl samples.csv
	echo "$output" > a.json
	command jq -r -f "$ROOT/share/jq/anomalies.jq" a.json > lines
	[ "$(wc -l < lines)" -eq "$(jq '.intervals | length' a.json)" ]
	assert_equal "$(cat lines)" \
		'6 s to 8 s (2 s): errors; at worst 35 % errors, 67.5 % of the normal successes; after f1'
}

@test "timeline.jq: in order of time, without torn lines, control characters tamed" {
	{
		echo '{"t":1766500001,"event":"warning","message":"late\u001b[31m\u202e line"}'
		sed 's/"event":"phase"/"event":"run_start"/' events.jsonl
		printf '{"t":17665'
	} > mixed.jsonl
	command jq -nRr -f "$ROOT/share/jq/timeline.jq" mixed.jsonl > lines
	[ "$(wc -l < lines)" -eq 10 ]
	assert_equal "$(sed -n 1p lines)" '    0.000 s  run start'
	assert_equal "$(sed -n 2p lines)" '    0.750 s  warning late [31m  line'
	assert_equal "$(sed -n 3p lines)" '    6.000 s  fault requested kill service-node-2 (f1)'
	[ "$(awk '{ if ($1 < last) bad = 1; last = $1 } END { print bad + 0 }' lines)" -eq 0 ]
}

# chaos-from: logs of other tools as samples. What is in test/golden/formats, expect.py there says.
load helper

GOLDEN=$ROOT/test/golden/formats

setup_file() {
	mkdir "$BATS_FILE_TMPDIR/documented"
	python3 "$GOLDEN/documented.py" "$BATS_FILE_TMPDIR/documented" <"$GOLDEN/load.samples.csv"
}

setup() {
	scratch
	ln -s "$BATS_FILE_TMPDIR/documented" documented
}

teardown() {
	end_bg
}

# from FORMAT…: with what it says in err.
from() { chaos-from "$@" 2>err; }

# judged: due, err, first and last second with more than 10 % failures, by bare thresholds.
judged() {
	chaos-analyze --warmup-ignore-sec 0 --detector threshold --throughput-drop-threshold 1 --latency-factor 1000 |
		jq -c '{due: .run_summary.due, err: .run_summary.err,
			first: (.anomaly_windows[0].start_sec), last: (.anomaly_windows[-1].end_sec)}'
}

@test "logs that the tools themselves wrote: the analysis is what a script of its own works out" {
	jq -r 'keys[] | select(. != "load.samples.csv")' "$GOLDEN/expected.json" >names
	while read -r name; do
		from --zone +0000 <"$GOLDEN/$name" | judged >got
		assert_equal "$name $(cat got)" "$name $(jq -c --arg n "$name" '.[$n]' "$GOLDEN/expected.json")"
		[ "$(grep -c 'taken for' err) $(grep -c 'cannot be told' err) $(wc -l <err)" = "1 1 2" ] || fail "$(cat err)"
	done <names
	[ "$(wc -l <names)" -eq 24 ]
	# The one run of load.*: onset and recovery agree to one window.
	jq -e '[to_entries[] | select(.key | startswith("load."))] | length == 5 and
		([.[].value.first] | max - min <= 1) and ([.[].value.last] | max - min <= 1)' "$GOLDEN/expected.json"
}

@test "logs in forms that are documented: other versions, options, delimiters; oha and Envoy" {
	want=$(judged <"$GOLDEN/load.samples.csv")
	for kind in k6-csv vegeta-json jmeter-csv jmeter-tabs jmeter-bare jmeter-xml gatling gatling-2 gatling-33 \
		oha envoy otel csv; do
		from --zone +0000 <documented/$kind >rows
		assert_equal "$kind $(judged <rows)" "$kind $want"
		grep -q "taken for ${kind%-[tb23]*}" err
		run ! grep 'not of this format' err
	done
	# Lines of Envoy 1.20 to 1.23 in Istio's default format, with details, a cluster behind the upstream, and no request.
	cat >log <<-'END'
		[2022-02-09T13:34:21.473Z] "GET / HTTP/1.1" 503 UF,URX upstream_reset_before_response_started{connection_failure} - "-" 0 91 24255 - "-" "curl/7.68.0" "5ab981ed" "customer:8080" "172.16.0.15:8080" outbound|8080||customer - 172.18.2.58:8080 192.0.2.6:34832 - default
		[2022-04-26T13:23:57.254Z] "GET /headers HTTP/1.1" 200 - via_upstream - "-" 0 2381 31 29 "-" "curl/7.81.0-DEV" "61841718" "www:80" "192.0.2.96:80" outbound|80||www 192.0.2.10:52250 192.0.2.94:80 192.0.2.10:54480 - default
		[2022-04-26T13:14:30.905Z] "- - -" 0 UH - - "-" 0 0 7 - "-" "-" "-" "-" "-" BlackHoleCluster - 192.0.2.94:443 192.0.2.10:54192 - -
	END
	from envoy <log | cut -d, -f 2-6 >rows
	assert_equal "$(tail -n +2 rows | tr '\n' ' ')" \
		'http://172.16.0.15:8080,503,24255,http_5xx,GET / http://192.0.2.96:80,200,31,,GET /headers ,,7,closed,- - '
	# Rows that two versions of oha wrote, as its own tests quote them (github.com/hatoo/oha, tests/tests.rs).
	while read -r columns row start ms; do
		printf '%s\n' "$columns" "$row" | from --start 1795784723 | tail -n 1 >got
		assert_equal "$(cat got)" "$start,,200,$ms,,,11,,,"
	done <<-'END'
		request-start,DNS,DNS+dialup,request-duration,bytes,status 0.002219628,0.000309806,0.001021632,0.002023073,11,200 1795784723.002220 2.023
		request-start,DNS,DNS+dialup,Response-delay,request-duration,bytes,status 0.002211678,0.000374078,0.001148565,0.002619327,0.002626127,11,200 1795784723.002212 2.626
	END
	# Fractional counts: the sum is that of the answer.
	from <"$GOLDEN/prometheus.json" >rows
	awk -F, 'NR > 1 { ok += $4; err += $5 } END { printf "%.6f %.6f\n", ok, err }' rows >sums
	assert_equal "$(cat sums)" "$(jq -r '[.data.result | sort_by(.metric.code)[] | [.values[][1] | tonumber] | add] | "\(.[0]) \(.[1])"' "$GOLDEN/prometheus.json" |
		awk '{ printf "%.6f %.6f\n", $1, $2 }')"
	from prometheus --as=increase <"$GOLDEN/prometheus.json" | cmp - rows # the step is 1 s
}

@test "what a log without failures cannot tell: no error rate of 0, and no gate on errors that passes" {
	for log in memtier.json.gz ab.tsv; do
		chaos-from <"$GOLDEN/$log" >rows 2>err
		grep -q 'cannot be told: .*failures' err
		run -3 --separate-stderr chaos-analyze --warmup-ignore-sec 0 --fail-on 'error_rate > 0.05' rows
		assert_says "$stderr" chaos-analyze: "gate inconclusive: error_rate > 0.05" failures "not in this log"
		jq -e '.run_summary.error_rate == null and .run_summary.err == null and .nodes[0].error_rate == null and
			.availability.request == null and .verdict.gates[0].doubt == "no_failures" and
			.not_judged[0].reason == "failures: not in this log"' <<<"$output"
		chaos-to junit <<<"$output" >junit
		[ "$(grep -c 'skipped message=.*failures: not in this log' junit)" -eq 2 ]
		for rule in 'error_rate > 0.05 for 2s' 'availability.request < 0.9' 'p99_all_ms > 1000'; do
			run -3 chaos-analyze --warmup-ignore-sec 0 --fail-on "$rule" rows
		done
		run -0 chaos-analyze --warmup-ignore-sec 0 --fail-on 'p99_latency_ms > 1000' rows # what it does tell
		chaos-analyze --warmup-ignore-sec 0 --windows rows | jq -se 'map(select(.type == "window")) |
			all(.err == null and .error_rate == null)'
		run -0 chaos-analyze --warmup-ignore-sec 0 --text rows
		assert_output --partial 'not judged: errors'
		assert_output --partial 'failures: not in this log'
		refute_output --partial '0 %'
		# Nor is it no worse than a baseline.
		run -3 --separate-stderr chaos-analyze --warmup-ignore-sec 0 --baseline rows --verdict rows
		[[ $stderr == *"error_rate, availability.request"*"; failures: not in this log" ]]
	done
}

# gates RULE…: what becomes of each on rows, in a line.
gates() {
	local rule
	for rule; do set -- "$@" --fail-on "$rule"; shift; done
	chaos-analyze --warmup-ignore-sec 0 "$@" rows 2>/dev/null >a.json || true
	jq -r '[.verdict.gates[] | "\(.result)\(if .doubt then " " + .doubt else "" end)"] | join(", ")' a.json
}

@test "requests without an answer, a closed loop, times of no known end: what is a lower bound passes no gate" {
	for log in hey.csv siege.out; do
		from <"$GOLDEN/$log" >rows
		assert_equal "$log $(gates 'error_rate > 0.05' 'error_rate > 0.5' 'err > 5' 'err > 500' 'availability.request < 0.99' \
			'p99_latency_ms > 1' 'p99_latency_ms > 90000' 'recovery_time_sec > 100')" \
			"$log fail, inconclusive no_unanswered, fail, inconclusive no_unanswered, inconclusive no_unanswered, fail, inconclusive closed_loop, pass"
		jq -e '.run_summary | .err >= 18 and .error_rate == null and .error_rate_lower_bound == (.err / .due * 1e6 | round / 1e6)' a.json
		jq -e '[.not_judged[].what] == ["errors", "requests not sent"]' a.json
		[ "$log" != hey.csv ] || chaos-plot throughput rows | tr '\n' ' ' | grep -q 'errors, .*not known.*5–8 s: at least 50.0 % errors'
		chaos-to junit <a.json | grep -q 'skipped message="inconclusive: error_rate &gt; 0.5, [^"]*without an answer[^"]*not in this log"'
		run -0 chaos-analyze --warmup-ignore-sec 0 --text rows
		assert_output --regexp 'without an answer.*not in this log'
		assert_output --regexp 'closed loop.*fewer.*outage'
		run -3 --separate-stderr chaos-analyze --warmup-ignore-sec 0 --baseline rows --verdict rows
		assert_line_says "$stderr" "without an answer" "not in this log"
		chaos-to jtl rows 2>&1 >/dev/null | grep -q 'without an answer .*missing'
	done
	python3 "$ROOT/test/support/schemacheck.py" "$ROOT/schema/analysis.schema.json" a.json
	for log in locust.csv fortio.json; do
		from <"$GOLDEN/$log" >rows
		assert_equal "$log $(gates 'error_rate > 0.05' 'error_rate > 0.9' 'p99_latency_ms > 90000' 'throughput_rps < 1')" \
			"$log fail, inconclusive closed_loop, inconclusive closed_loop, pass"
	done
	# Without an anomaly nobody waited.
	from <"$GOLDEN/ab.tsv" >rows
	assert_equal "$(gates 'p99_latency_ms > 1000')" pass
	# Counts by second without a duration.
	from combined <"$GOLDEN/load.combined.log" >rows
	assert_equal "$(gates 'error_rate > 0.5' 'recovery_time_sec > 1' 'recovery_time_sec > 100')" 'pass, fail, inconclusive no_end'
	jq -e '.not_judged[0].what == "latency"' a.json
	from combined --times end <"$GOLDEN/load.combined.log" >rows
	assert_equal "$(gates 'recovery_time_sec > 100')" pass
	# Times of the end, where the duration is known.
	printf 'time,took_ms,status\n1795784725.5,1500,200\n' | from csv --latency took_ms --times end | tail -n 1 >got
	assert_equal "$(cut -d, -f 1 got)" 1795784724.000000
	printf '1795784725500,1500,a,200,OK,t,text,true\n' | from jmeter-csv --times=end | tail -n 1 >got
	assert_equal "$(cut -d, -f 1 got)" 1795784724.000000
	# A format that does not read an option refuses it.
	run -2 chaos-from h2load --times end <documented/csv
	assert_says "$output" chaos-from: "'--times'" "combined, csv, jmeter-csv, jmeter-xml," "not for h2load"
	run -2 chaos-from --success=OK <"$GOLDEN/hey.csv"
	assert_says "$output" chaos-from: "'--success'" "for csv" "not for hey"
	for option in --time=a --latency=a --unit=s --status=a --op=a --as=rate --start=5; do
		run -2 chaos-from nginx $option </dev/null
		assert_output --regexp "^chaos-from: '${option%=*}' is for [a-z, ]*, not for nginx\$"
	done
	run -2 chaos-from csv --times begin </dev/null
	assert_says "$output" chaos-from: --times "'begin'" start end
}

@test "a stop rule on what the log does not tell is refused, or told; nothing draws or exports it as none" {
	from <"$GOLDEN/memtier.json.gz" >rows
	run -2 --separate-stderr chaos-analyze --windows --stop-on 'error_rate > 0.1' rows
	assert_line_says "$stderr" "'error_rate > 0.1'" "cannot be judged:" failures "not in this log"
	chaos-plot throughput <rows >gp
	grep -q "title 'errors: not known'" gp
	gnuplot -e 'set terminal png' gp >png 2>err
	run ! grep -q . err
	chaos-plot --terminal dumb throughput <rows | gnuplot >page 2>err
	grep -q 'errors: not known' page
	run ! grep -q . err
	from <"$GOLDEN/ab.tsv" >rows
	run -2 --separate-stderr chaos-to jtl rows
	assert_says "$stderr" chaos-to: rows failed each
	from <"$GOLDEN/hey.csv" >rows
	run -4 --separate-stderr bash -c "chaos-analyze --windows --warmup-ignore-sec 0 --stop-on 'error_rate > 0.1' <rows"
	assert_line_says "$stderr" "'error_rate > 0.1'" late never "without an answer" "not in this log"
}

@test "rows come out while rows come in, and end quietly with their reader" {
	mkfifo in
	bg_from() { chaos-from "$1" <in >out 2>err 3>&-; }
	for kind in k6-csv otel; do
		log=documented/$kind
		: >out
		bg_from $kind &
		exec 4>in
		head -n 3 $log >&4
		wait_for 5 grep -q '^1795784723' out
		kill -0 $!
		sed -n 4,6p $log >&4
		exec 4>&-
		wait $!
		grep -q '^1795784723.*POST /work' out
	done
	for _ in $(seq 300); do cat "$GOLDEN/load.nginx.log"; done >big
	from nginx <big | head -n 2 >out
	[ "$(wc -l <out)" -eq 2 ]
	run ! grep -vE 'cannot be told' err
	code=0
	from nginx <big >/dev/full || code=$?
	[ "$code" -eq 6 ]
}

@test "lines of another form are counted and told; a log that was cut off says so; the analysis has both" {
	head -n 100 "$GOLDEN/load.nginx.log" >log
	sed -i '10s/.*/garbage/; 20s/ rt=[^ ]*//; 30s/\[.*\]/[yesterday]/' log
	head -c -9 log >half
	from <half >rows
	assert_line_says "$(<err)" chaos-from: nginx: "3 lines" format "line 10"
	grep -q 'cut off' err
	chaos-analyze --warmup-ignore-sec 0 <rows 2>/dev/null | jq -e '[.run_summary.due, .input.rows_bad, .input.rows_torn] == [96, 3, 1]'
	# JSON that is cut off, XML that is cut off, and what is no log at all.
	run -2 chaos-from memtierr </dev/null
	assert_says "$output" chaos-from: "no format 'memtierr'" "'memtier'?"
	gzip -dc "$GOLDEN/memtier.json.gz" | head -c 900 >half
	run -2 --separate-stderr chaos-from <half
	assert_line_says "$stderr" memtier: "cut off" "no JSON:"
	# Gatling's binary log: 87 and 368 ms are what its own tests say; a text in UTF-16; a kind that there is not.
	log=$GOLDEN/gatling-3.12.1.log
	from <"$log" | tail -n +2 | cut -d, -f 3 | sort -n | sed -n '1p; $p' >got
	assert_equal "$(tr '\n' ' ' <got)" '87 368 '
	head -c 700 "$log" | from | chaos-analyze --warmup-ignore-sec 0 2>/dev/null >a.json || true
	jq -e '[.run_summary.due, .input.rows_bad, .input.rows_torn] == [21, 0, 1]' a.json
	grep -q 'cut off' err
	{ cat "$log"; printf '\1\0\0\0\0\0\0\0\143\0\0\0\2\254\40\1\0\0\0\1\0\0\0\11\0\0\0\0\143\0\0\0\2\351x\0\7'; } | from >rows
	assert_equal "$(tail -n 2 rows | cut -d, -f 3-)" $'8,closed,\xe2\x82\xac,,"\xc3\xa9x"\n?'
	assert_line_says "$(<err)" format "byte 2872:" "kind 7"
	# A request that ends before it starts.
	{ cat "$log"; printf '\1\0\0\0\0\0\0\0\143\0\0\0\0\0\0\0\11\0\0\0\1\1\0\0\0\144\0\0\0\0\7'; } | from >rows
	assert_equal "$(tail -n 2 rows)" $'?\n?'
	assert_line_says "$(<err)" "2 lines" format "byte 2836:" "ends before"
	head -n 50 documented/jmeter-xml >half
	from <half >rows
	grep -q 'cut off' err
	sed '5s/.$//' documented/otel | from >rows
	assert_line_says "$(<err)" otel: 1 format "line 5"
	head -c -9 documented/otel | from >rows
	assert_says "$(tail -n 1 err)" chaos-from: otel: "cut off" "last line" "left out"
	chaos-analyze --warmup-ignore-sec 0 <rows 2>/dev/null | jq -e '[.input.rows_bad, .input.rows_torn] == [0, 1]'
	run -2 --separate-stderr chaos-from jmeter-xml <"$GOLDEN/hey.csv"
	assert_line_says "$stderr" XML no JMeter
	run -2 --separate-stderr chaos-from gatling <"$GOLDEN/hey.csv"
	assert_line_says "$stderr" gatling: "no request"
	assert_line_says "$stderr" gatling: "hey (hey -o csv)"
	run -2 --separate-stderr chaos-from jmeter-csv <"$GOLDEN/k6-summary.json"
	assert_line_says "$stderr" jmeter-csv: "k6-summary:" summary
	run -2 --separate-stderr bash -c "sed 's/\"parentSpanId\":\"\"/\"parentSpanId\":\"a\"/' documented/otel | chaos-from"
	assert_line_says "$stderr" otel: "no request"
	run -2 chaos-from </dev/null
	assert_says "$output" chaos-from: nothing "standard input"
	run -2 chaos-from <"$SCRATCH"
	assert_says "$output" chaos-from: read "standard input" folder
	run -2 chaos-from "$SCRATCH" <"$SCRATCH"
	assert_says "$output" chaos-from: "'$SCRATCH'" folder "standard input"
}

@test "encodings: BOM, UTF-16, gzip, CR LF; times with zones; a CSV of any columns" {
	log=documented/jmeter-csv
	from <$log >want
	{ printf '\357\273\277'; sed 's/$/\r/' $log; } | from | cmp - want
	for code in UTF-16 UTF-16LE UTF-16BE; do iconv -f UTF-8 -t $code $log | from | cmp - want; done
	gzip -c $log | from | cmp - want
	cat >wide <<-'END'
		when|took|code
		2026-11-27 13:05:23.25 +01:00|0.5|200
		2026-11-27T12:05:24,5Z|0.25|503
		2026-11-27T07:05:25-0500|0,125|200
	END
	from csv --time when --latency took --unit s --status code <wide >rows
	assert_equal "$(cut -d, -f 1,3-5 rows | tail -n +2 | tr '\n' ' ')" \
		'1795781123.25,200,500.000000, 1795781124.5,503,250.000000,http_5xx 1795781125,200,125.000000, '
	run -2 --separate-stderr chaos-from csv --time when --latency took <wide
	assert_line_says "$stderr" unit "'took'" --unit "s, ms, us or ns"
	run -2 --separate-stderr chaos-from csv --time wen --latency took <wide
	assert_line_says "$stderr" "no column 'wen'" "line 1"
	# Blanks are none of a value; of two columns nobody can tell which is meant; a second file has its own order.
	printf '\xef\xbb\xbftimestamp, latency_ms, error\n1,5, \n2, 5, refused\n\xef\xbb\xbferror,timestamp,latency_ms\nreset,3,5\n,4,5\n' |
		from csv >rows
	assert_equal "$(cut -d, -f 1,3,4 rows | tail -n +2 | tr '\n' ' ')" '1,5, 2,5,refused 3,5,reset 4,5, '
	for twice in error,error Error,error; do
		printf 'timestamp,latency_ms,%s\n1,5,refused,\n' "$twice" >wide
		run -2 --separate-stderr chaos-from csv <wide
		assert_line_says "$stderr" "two columns 'error'" "line 1"
	done
}

@test "escapes of a log are read as its format has them" {
	cat >log <<-'END'
		{"metric":"http_req_duration","type":"Point","data":{"time":"2026-11-27T12:35:35.5Z","value":5.0,"tags":{"method":"GET","url":"http://h:1/a\\","status":"503","error":"C:\\new \"q\" \u003cb\u003e\n\u009b\u00e9\u20AC\ud83d\ude00\ud83d\t/"}}}
	END
	from k6-json <log | tail -n 1 | cut -d, -f 2,3,6- >rows
	assert_equal "$(cat rows)" 'http://h:1,503,GET /a\,,"C:\new ""q"" <b>  é€😀  /"'
	cat >log <<-'END'
		1.2.3.4 - - [27/Nov/2026:12:35:35 +0000] "GET /a\"b\\ HTTP/1.1" 404 615 "-" "c\"\\" 12345
	END
	from apache <log | tail -n 1 | cut -d, -f 3,4,6,7 >rows
	assert_equal "$(cat rows)" '404,12.345,GET /a%22b%5C,615'
	sed 's/lb="[^"]*"/lb="a\&#xa;\&amp;lt;"/' documented/jmeter-xml >log
	from jmeter-xml <log | tail -n 1 | cut -d, -f 6 >rows
	assert_equal "$(cat rows)" 'a &lt;'
}

@test "what a log says of its failures in other ways than a status, and what says nothing of them" {
	line='1.2.3.4:5 [27/Nov/2026:13:05:23.100] fe be/n1 0/0/0/6/600 200 139 - - STATE 1/1/0/0/0 0/0 "GET /a HTTP/1.1"'
	for state in ---- SD-- sD-- CD--; do echo "$line" | sed "s/STATE/$state/"; done | from haproxy | cut -d, -f 3,5 | tail -n +2 >got
	assert_equal "$(tr '\n' ' ' <got)" '200, ,closed ,timeout ,closed '
	sed 's/" 200 - /" 200 UC /' documented/envoy | from | chaos-analyze 2>/dev/null | jq -e '.run_summary.ok == 0'
	sed 's/"code":"[^"]*",//g' "$GOLDEN/prometheus.json" >log
	from <log >rows
	grep -q 'failures are missing' err
	chaos-analyze <rows | jq -e '.run_summary.error_rate == null'
	sed 's/"code"/"le"/g' "$GOLDEN/prometheus.json" >log
	run -2 --separate-stderr chaos-from <log
	[[ $stderr == *"buckets or quantiles"* ]]
	sed 's/"code":"2xx"/"__name__":"requests_total"/' "$GOLDEN/prometheus.json" >log
	run -2 --separate-stderr chaos-from <log
	assert_line_says "$stderr" requests_total "running total"
	printf 'time,took_ms\n1795784723,5\n' | from csv --latency took_ms >rows
	grep -q 'failures are missing' err
	[ "$(head -n 1 rows)" = timestamp,node,latency_ms,op,bytes,detail ]
}

# failing WHAT: 400 requests in 40 s, those of 6 s failed; what is printed of each, in awk on i, t_ms and bad.
failing() { awk "BEGIN { $1; for (i = 0; i < 400; i++) { t = 1766500 sprintf(\"%04d\", i); bad = i >= 200 && i < 260; $2 } $3 }"; }
# sixty: that 60 of the 400 failed.
sixty() { chaos-analyze --warmup-ignore-sec 0 2>/dev/null | jq -e '.run_summary | .due == 400 and .err == 60'; }
# untold: that failures are missing, and no gate on them passes.
untold() {
	grep -q 'failures are missing' err
	run -3 chaos-analyze --fail-on 'error_rate > 0.01' <rows
}

@test "a log that does not say what succeeded: by the status, else failures are missing, never success" {
	local refused='"Non HTTP response code: java.net.ConnectException"'
	failing 'print "timeStamp,elapsed,label,responseCode"' "print t \"00,12,get,\" (bad ? $refused : 200)" | from | sixty
	failing 'print "timeStamp,elapsed,label,responseCode,success"' 'print t "00,12,get,," (bad ? "FALSE" : "TRUE")' | from | sixty
	failing 'print "timeStamp,elapsed,label,responseCode,success"' 'print t "00,12,get,200," (bad ? "?" : "true")' | from >rows
	assert_line_says "$(<err)" "60 lines" format "line 202:" success "'?'"
	failing 'print "timeStamp,elapsed,label"' 'print t "00,12,get"' | from >rows
	untold
	failing 'print "<?xml version=\"1.0\"?><testResults>"' \
		"print \"<httpSample t=\\\"12\\\" ts=\\\"\" t \"00\\\" rc=\\\"\" (bad ? $refused : 200) \"\\\"/>\"" 'print "</testResults>"' |
		from jmeter-xml | sixty
	failing '' 'print "{\"latency\":0.012,\"timestamp\":" t "00000000,\"thread\":0}"' | from >rows
	untold
	failing '' 'print "{\"metric\":\"grpc_req_duration\",\"type\":\"Point\",\"data\":{\"time\":\"" t "00\",\"value\":12,\"tags\":{\"status\":\"" (bad ? 14 : 0) "\"}}}"' |
		from | sixty
}

@test "prometheus: what does not say that it succeeded has failed" {
	local word
	chaos-from prometheus <"$GOLDEN/prometheus.json" >as_ever 2>/dev/null
	for word in grpc_code=DeadlineExceeded grpc_code=4 status=000 status=600 status=rejected result=dropped other=x; do
		command jq -c --arg k "${word%%=*}" --arg v "${word#*=}" '.data.result |= map(if .metric.code == "2xx" then .
			else .metric |= (del(.code) | .[$k] = $v) end)' "$GOLDEN/prometheus.json" >log
		from <log >rows
		cmp as_ever rows
		[ "$word" != status=rejected ] || assert_line_says "$(<err)" series failures "$word"
	done
	command jq -c '.data.result |= map(if .metric.code == "2xx" then .metric |= (del(.code) | .grpc_code = "OK") else . end)' "$GOLDEN/prometheus.json" | from >rows
	cmp as_ever rows
}

@test "what has no axis of time is refused by its name, with what writes a log; unknown words get the nearest" {
	run -2 chaos-from <"$GOLDEN/wrk.txt"
	assert_says "$output" chaos-from: wrk: "no log"
	run -2 chaos-from wrk </dev/zero
	assert_output --partial "hey -o csv"
	run -2 chaos-from <<<'"test","rps","avg_latency_ms"'
	assert_output --partial "taken for redis-benchmark"
	run -2 chaos-from <<<'Percentage served,Time in ms'
	assert_output --partial "'ab -g FILE'"
	run -2 chaos-from k6-scv <"$GOLDEN/hey.csv"
	assert_says "$output" chaos-from: format "'k6-scv'" "'k6-csv'?"
	run -2 chaos-from jmeter <"$GOLDEN/hey.csv"
	assert_line_says "$output" "'jmeter-csv', 'jmeter-xml'?"
	run -2 chaos-from --nod x <"$GOLDEN/hey.csv"
	assert_line_says "$output" "'--node'?"
	run -2 chaos-from <<<'what is this'
	assert_output --partial "say its format"
	# An address is no version, and what is no binary log ends.
	sed 's/^127.0.0.1/3.14.1.9/' "$GOLDEN/load.nginx.log" >log
	from <log >rows
	grep -q 'taken for nginx' err
	run -2 timeout 10 chaos-from gatling-binary <log
	# A filter of one's own: one file.
	mkdir -p mine/from
	printf '# mine: our log\n# guess: ^MINE \nNR == 1 { header(0) }\n/^MINE/ { row($2, "", "", $3, "", "", "", "") }\n' >mine/from/mine.awk
	export CHAOS_PATH=$SCRATCH/mine
	chaos-from <<<'MINE 1795784723 12' 2>err | tail -n 1 >out
	assert_equal "$(cat out)" "1795784723,,12,,,,"
}

# classes [options]: class and detail of each row of the log.
classes() { from csv "$@" <log | tail -n +2 | awk -F, '{ print $(NF - 3) "/" $NF }' | tr '\n' ' '; }

@test "csv: what is no status has the class that it names; most of it is told and refused, or said to be success" {
	printf 'timestamp,latency_ms,status\n' >first
	{ cat first; printf '%s,5,%s\n' 1 200 2 200 3 200 4 200 5 0 6 999 7 ECONNREFUSED 8 ''; } >log
	assert_equal "$(classes)" '/ / / / closed/"0" protocol/"999" refused/"ECONNREFUSED" closed/ '
	run ! grep -v 'cannot be told' err
	{ cat first; printf '%s,5,%s\n' 1 ok 2 ok 3 error 4 200; } >log
	run -2 --separate-stderr chaos-from csv <log
	assert_line_says "$stderr" csv: status "3 of 4 rows" "'ok' (2):" "--status COLUMN" "--success ok"
	assert_equal "$(classes --success 'ok, 200')" '/ / protocol/"error" / '
	run ! grep -v 'cannot be told' err
	{ cat first; printf '%s,5,0\n' 1 2 3; } >log
	assert_equal "$(classes | xargs -n 1 | sort -u)" 'closed/0'
	assert_line_says "$(<err)" status "3 of 3 rows" failures "(closed)"
	assert_equal "$(classes --success 0)" '/ / / '
	# A decimal comma moves the columns.
	{ cat first; printf '1,5,200\n1.234,5,5,200\n2,5,200,\n'; } >log
	assert_equal "$(from csv <log | tail -n +2 | tr '\n' ' ')" '1,,200,5,,,, ? 2,,200,5,,,, '
	assert_line_says "$(<err)" 1 format "line 3:" "4 fields" "not 3" "decimal comma"
}

@test "a log of a tool whose header has a name twice is refused, as any CSV is" {
	local name head
	while read -r name head; do
		run -2 chaos-from "$name" <<<"$head"
		assert_line_says "$output" chaos-from: two "'${head##*,}'" "line 1"
	done <<-END
		jmeter-csv timeStamp,elapsed,label,responseCode,success,elapsed
		k6-csv metric_name,timestamp,metric_value,status,status
		hey response-time,DNS+dialup,DNS,status-code,offset,offset
		oha request-start,DNS,DNS+dialup,request-duration,status,request-duration
		locust Timestamp,User Count,Name,Total Request Count,Total Failure Count,Name
	END
}

# chaos-to: formats for other tools, each read back by something else; and the builds of examples/ci.
load helper

setup() {
	scratch
}

teardown() {
	[ ! -d examples/ci ] || chaos-fault --config examples/ci/config.yaml down >/dev/null 2>&1 3>&- || true
}

samples=$ROOT/test/golden/formats/load.samples.csv
analysed() { chaos-analyze --warmup-ignore-sec 0 "$@" "$samples" 2>err; }
valid() { xmllint --noout --schema "$ROOT/test/golden/formats/junit.xsd" "$@"; }

@test "JUnit, GitHub and GitLab: gates, thresholds and what was not judged, with hostile text" {
	run -1 analysed --fail-on 'recovery_time_sec > 2' --fail-on 'error_rate > 0.5'
	analysed --fail-on 'recovery_time_sec > 2' --fail-on 'error_rate > 0.5' >a.json || true
	chaos-to junit --name 'a<b>&"c' a.json >j.xml
	valid j.xml
	assert_equal "$(xmllint --xpath 'string(//testcase[failure]/@name)' j.xml)" 'recovery_time_sec <= 2'
	[[ $(xmllint --xpath 'string(//failure/@message)' j.xml) == *'recovery_time_sec > 2, it is 3'* ]]
	assert_equal "$(xmllint --xpath 'concat(//testsuite/@tests, " ", //testsuite/@failures, " ", count(//testcase), " ", count(//skipped))' j.xml)" '6 1 6 1'
	assert_equal "$(xmllint --xpath 'string(//testsuite/@name)' j.xml)" 'a<b>&"c'
	# What holds, the right way round: as the line of a run that passed, and as the names of its cases.
	analysed --fail-on 'recovery_time_sec > 10' --fail-on 'error_rate>=0.5' --fail-on 'availability.request < 0.1' --fail-on 'err == 0' \
		--fail-on 'error_rate > 0.9 for 5s' | chaos-to junit >j.xml
	assert_equal "$(xmllint --xpath 'string(//property[@name = "line"]/@value)' j.xml)" \
		'passed: recovery_time_sec <= 10, error_rate<0.5, availability.request >= 0.1, err != 0, never error_rate > 0.9 for 5s'
	# Whatever is in doubt is told in words, in each of its kinds.
	local doubt
	for doubt in $(sed -n 's/^\t\tx->doubt = \(.*\);/\1/p' "$ROOT/cmd/chaos-analyze/judge/verdict/gates.c" | grep -o '"[a-z_]*"' | tr -d '"'); do
		jq --arg doubt "$doubt" '.verdict.gates[0] += {result: "inconclusive", $doubt}' a.json | chaos-to junit >j.xml
		[[ $(xmllint --xpath 'string(//testcase/skipped/@message)' j.xml) == *'in doubt by '*' '* ]] || fail "$doubt: $(cat j.xml)"
	done
	# A verdict beside it, with words of others in it.
	cat >v.json <<-'END'
		{"schema":"chaos-verdict/1","verdict":"missed","exit":1,"line":"missed: recovered within 15s\n::error::x | <b>","expectations":[
		{"text":"recovered within 15s","phase":"loss","fault":"f1","load":"shop","result":"missed","value":22.4,"bound":15},
		{"text":"error_rate < 0.1","phase":null,"fault":null,"load":null,"result":"held","value":0.01,"bound":0.1},
		{"text":"p99_latency_ms < 9","phase":null,"fault":null,"load":null,"result":"inconclusive","value":null,"bound":9}],
		"faults":[],"lost_writes":null}
	END
	chaos-to junit v.json a.json >j.xml
	valid j.xml
	assert_equal "$(xmllint --xpath 'concat(//testsuite/@tests, " ", //testsuite/@failures, " ", count(//skipped))' j.xml)" '9 2 2'
	# Each failure has what is its own, and not the headline.
	assert_equal "$(xmllint --xpath '//failure/text()' j.xml)" 'phase loss, load shop, fault f1, value 22.4, bound 15'
	GITHUB_STEP_SUMMARY=$SCRATCH/summary.md chaos-to github --name 'r,1:x' a.json v.json >out
	run ! grep -v '^::\(error\|warning\|notice\) title=[^:,]*::' out
	grep -q '^::error title=r%2C1%3Ax%3A shop%3A recovered within 15s (loss%2C f1)::missed: recovered within 15s, it is 22.4$' out
	grep -q '^::notice .*%0A::error::x | <b>$' out
	grep -q 'shop: recovered within 15s (loss, f1) | \*\*failed\*\* |' summary.md
	grep -qF '::error::x \| &lt;b&gt;' summary.md
	chaos-to gitlab a.json v.json | grep -qx 'chaos_checks_failed 2'
	# Writes without the replicas that were asked for are told beside those that were lost.
	jq '.audit = {lost: 0, acknowledged: 5000, unreplicated: 516}' a.json >audited.json
	jq '.expectations = [{text: "lost_writes == 0", result: "held", value: 0}]' v.json >held.json
	command jq -L "$ROOT/share/to" -n 'include "cases"; [inputs] | cases[] | select(.text == "held: lost_writes == 0, it is 0; 516 unreplicated")' held.json audited.json | grep -q .
	# A doubt beside a gate that failed is no second failure, whichever it is.
	local doubts
	doubts=$(sed -n '/^static size_t doubts_of(/,/^}/p' "$ROOT/cmd/chaos-analyze/judge/verdict/gates.c" | grep -o '"[a-z_]*"' | tr -d '"')
	[[ $doubts == *nothing_judged*rows_bad* ]]
	for doubt in $doubts; do
		jq --arg doubt "$doubt" '.verdict.reasons += [$doubt]' a.json | chaos-to junit >j.xml
		assert_equal "$(xmllint --xpath "concat(//testsuite/@failures, ' ', //testcase[@name='$doubt']/skipped/@message)" j.xml)" "1 inconclusive: $doubt"
	done
	# Stopped: an error, and no failure beside it.
	sed -i 's/"missed","exit":1/"stopped","exit":4/' v.json
	chaos-to junit v.json | valid -
	chaos-to junit v.json | grep -q '<error '
	# A rule of a phase and of its fault: two names. What was not judged has not passed.
	jq '.expectations |= [.[0], (.[0] | .fault = null)]' v.json >two.json
	jq '.faults = [{fault: "f1", action: "kill", node: "a"}]' a.json >faults.json
	chaos-to junit two.json faults.json >j.xml
	assert_equal "$(xmllint --xpath 'concat(//testcase[1]/@name, " | ", //testcase[2]/@name)' j.xml)" \
		'shop: recovered within 15s (loss, kill a, f1) | shop: recovered within 15s (loss)'
	chaos-analyze --warmup-ignore-sec 99 "$samples" >none.json 2>err || [ $? -eq 3 ]
	chaos-to junit none.json >j.xml
	assert_equal "$(xmllint --xpath 'concat(count(//testcase), " ", count(//skipped))' j.xml)" '4 4'
	# Counts without latencies, as of an access log without a duration: latency has not passed.
	printf 'timestamp,node,length_s,ok,err\n%s,,8,96,0\n' 1795784723 1795784731 | chaos-analyze --warmup-ignore-sec 0 2>err |
		chaos-to junit >j.xml
	assert_equal "$(xmllint --xpath 'string(//testcase[@name = "latency"]/skipped/@message)' j.xml)" 'not judged: no latency is known'
	assert_equal "$(xmllint --xpath 'count(//skipped)' j.xml)" 1
	# Where nothing ever succeeded, nothing could drop.
	printf 'timestamp,node,length_s,ok,err\n%s,,8,0,96\n' 1795784723 1795784731 | chaos-analyze --warmup-ignore-sec 0 2>err |
		chaos-to junit >j.xml
	assert_equal "$(xmllint --xpath 'string(//testcase[@name = "throughput"]/skipped/@message)' j.xml)" 'not judged: nothing succeeded in the baseline'
	# A run that ended before its analysis: its verdict is all there is.
	mkdir -p runs/early
	jq '.verdict = "inconclusive" | .exit = 3 | .expectations = []' v.json >runs/early/verdict.json
	chaos-to junit --run-id early >j.xml
	valid j.xml
	assert_equal "$(xmllint --xpath 'concat(//testsuite/@tests, " ", //testsuite/@errors, " ", //error/@message)' j.xml)" \
		"1 1 $(jq -r .line v.json)"
	chaos-to github-summary --run-id early | grep -q '^| run: run | \*\*error\*\* |'
	chaos-to chaostoolkit a.json v.json | jq -e '.status == "aborted" and .deviated and .duration == 16 and (.steady_states.after.probes | length) == 6'
	chaos-to k6-summary a.json >k6.json
	jq -e '.metrics.http_reqs.count == 192 and .metrics.http_req_failed.passes == 18' k6.json
	# A log that lacks requests without an answer: nothing passes for the number of failures, nor its times for a date.
	{ chaos-from hey <"$ROOT/test/golden/formats/hey.csv" | tee least.csv | chaos-analyze --warmup-ignore-sec 0 >least.json; } 2>err
	run -0 --separate-stderr chaos-to k6-summary least.json
	jq -e '.metrics.http_req_failed == {fails: 174}' <<<"$output"
	assert_says "$stderr" chaos-to: k6-summary: failures "left out"
	run -0 --separate-stderr chaos-to openmetrics least.json
	run ! grep 'result="error"\|class=' <<<"$output"
	chaos-analyze --windows --warmup-ignore-sec 0 <least.csv >least.jsonl
	for kind in openmetrics influx; do
		run -0 --separate-stderr chaos-to $kind least.jsonl
		[[ $output != *_errors* && $output != *err=* && $output == *due* ]]
		assert_says "$stderr" chaos-to: "$kind:" failures "left out"
	done
	chaos-to junit least.json >j.xml
	valid j.xml
	assert_equal "$(xmllint --xpath 'count(//@timestamp)' j.xml)" 0
	# Nothing that a summary of k6 itself has not, nor of another type.
	jq -e --slurpfile own "$ROOT/test/golden/formats/k6-summary.json" 'def shape: [paths(scalars) as $p |
		[($p | if .[1] == "checks" then .[2] = "a check" else . end | join(" ")), (getpath($p) | type)]] | unique;
		shape - ($own[0] | shape) == []' k6.json
}

@test "OpenMetrics, InfluxDB, Grafana: of an analysis, windows and events; live into a file" {
	analysed >a.json
	chaos-to openmetrics --name x a.json >om
	assert_equal "$(tail -n 1 om)" '# EOF'
	run ! grep -vE '^# (TYPE|HELP|UNIT|EOF)|^[a-z_]+(\{([a-z]+="[^"]*",?)+\})? [0-9.e+-]+( [0-9.]+)?$' om
	grep -qx 'chaos_requests{result="ok"} 174' om
	! command -v promtool >/dev/null || promtool check metrics <om
	chaos-analyze --windows --warmup-ignore-sec 0 <"$samples" >w.jsonl
	chaos-to openmetrics w.jsonl | grep -c '^chaos_window_due 12 [0-9.]*$' >n
	assert_equal "$(cat n)" 16
	mkfifo live
	chaos-to openmetrics --textfile now.prom <live 3>&- &
	exec 4>live
	head -n 8 w.jsonl >&4
	wait_for 5 grep -qx 'chaos_window_errors [1-9]' now.prom
	kill -0 $!
	tail -n +9 w.jsonl >&4
	exec 4>&-
	wait $!
	grep -qx 'chaos_requests_total{result="error"} 18' now.prom
	# A link stays. What is no file is written to, also a descriptor that is open on one.
	ln -s now.prom link.prom
	chaos-to openmetrics --textfile link.prom w.jsonl
	[ -L link.prom ]
	{ chaos-to openmetrics --textfile /dev/fd/7 w.jsonl; } 7>through
	assert_equal "$(grep -c '^# EOF$' through)" "$(jq -s 'map(select(.type == "window" and .final != false)) | length' w.jsonl)"
	cat live >piped 3>&- &
	exec 4>live # when cat is there: what nobody has open keeps nothing
	chaos-to openmetrics --textfile live w.jsonl
	exec 4>&-
	wait $!
	[ -p live ]
	cmp piped through
	run -2 chaos-to openmetrics --textfile "$SCRATCH" w.jsonl
	assert_output "chaos-to: cannot write '$SCRATCH': it is a folder"
	run -2 chaos-to openmetrics --textfile none/now.prom w.jsonl
	assert_output "chaos-to: cannot write 'none/now.prom'"
	# Windows that are torn are an error here as they are without a file.
	{ cat w.jsonl; echo '{"type":'; } >torn.jsonl
	run -2 chaos-to openmetrics --textfile now.prom torn.jsonl
	run -6 chaos-to openmetrics --textfile /dev/full w.jsonl
	chaos-to influx w.jsonl >line
	run ! grep -vE '^chaos_window [a-z0-9_]+=[a-z0-9.]+(,[a-z0-9_]+=[a-z0-9.]+)* [0-9]{19}$' line
	assert_equal "$(wc -l <line)" 16
	echo '{"t":1766500030.001234,"event":"fault_injected","fault":"f1","action":"kill","node":"a\u001bb,c=d"}' |
		chaos-to influx >line
	assert_equal "$(cat line)" 'chaos_event,event=fault_injected,action=kill,node=a\ b\,c\=d fault="f1" 1766500030001234000'
	echo '{"schema":"chaos-verdict/1","verdict":"held","exit":0,"line":"held\u009b\r\n::error::x","expectations":[]}' | chaos-to github >line
	assert_equal "$(tail -n 1 line)" '::notice title=chaos::held  %0A::error::x'
	chaos-to grafana a.json | jq -e '.timeEnd - .time == 3000 and (.tags | index("anomaly"))'
	# What Grafana takes: whole ms, words, a text.
	chaos-to grafana a.json | jq -e 'keys == ["tags", "text", "time", "timeEnd"] and ([.time, .timeEnd] | all(. == floor)) and
		(.tags | all(type == "string")) and (.text | type) == "string"'
	run -2 --separate-stderr chaos-to hgrm a.json
	assert_says "$stderr" chaos-to: hgrm samples analysis
	run -2 chaos-to junit "$SCRATCH"
	assert_output "chaos-to: cannot read '$SCRATCH': it is a folder"
	run -2 chaos-to junit <"$SCRATCH"
	assert_says "$output" chaos-to: read "standard input" folder
	run -2 chaos-to jnuit a.json
	assert_says "$output" chaos-to: format "'jnuit'" "'junit'?"
	run -2 chaos-to junit <<<'{}'
	mkdir -p runs/nine
	run -2 chaos-to junit --run-id nine1
	assert_says "$output" chaos-to: run "'nine1'" "'runs'" "'nine'?"
}

@test "HdrHistogram and JMeter: what is written is read back, and says the same" {
	chaos-to hgrm "$samples" >p
	grep -q 'Total count    =          174' p
	local ms
	for ms in 7.77 1e300; do # rounding and overflow are no deviation
		awk -v ms="$ms" 'BEGIN { print "timestamp,status_code,latency_ms"; for (i = 0; i < 397; i++) print 1700000000 + i ",200," ms }' |
			chaos-to hgrm | grep -q 'StdDeviation   =        0.000]'
	done
	chaos-to hlog "$samples" >h
	python3 - h "$samples" <<-'END'
		import base64, csv, struct, sys, zlib
		total, at = 0, []
		for line in open(sys.argv[1]):
		    if line[0] in '#"': continue
		    raw = base64.b64decode(line.split(",")[3])
		    cookie, size = struct.unpack(">ii", raw[:8])
		    body = zlib.decompress(raw[8:8 + size])
		    head = struct.unpack(">iiiiqqd", body[:40])
		    assert cookie == 0x1c849314 and head[0] == 0x1c849313 and head[1] == len(body) - 40 and head[3] == 3 and head[6] == 1.0
		    i = place = 0; data = body[40:]
		    while i < len(data):
		        n = shift = 0
		        while True:
		            b = data[i]; i += 1; n |= (b & 127) << shift; shift += 7
		            if b < 128: break
		        n = (n >> 1) ^ -(n & 1)
		        if n < 0: place -= n; continue
		        bucket = max(place // 1024 - 1, 0)
		        at += [((place - bucket * 1024) << bucket)] * n; place += 1
		want = sorted(float(r["latency_ms"]) * 1000 for r in csv.DictReader(open(sys.argv[2])) if not r["error"])
		assert len(at) == len(want) and all(w * 0.999 - 1 <= a <= w + 1 for a, w in zip(sorted(at), want))
	END
	chaos-to jtl "$samples" | chaos-from 2>/dev/null | chaos-analyze --warmup-ignore-sec 0 2>/dev/null |
		jq -e '.run_summary | .due == 192 and .err == 18'
	# A failure is what all other readers take for one.
	printf '%s\n' $'\xef\xbb\xbftimestamp, status_code,latency_ms, error,success,error_code' '1, 200 ,5, ,true,0' '2,200 OK,5,,true,' \
		3,000,5,,true, 4,200,5,x,true, 5,200,5,,false, 6,200,5,,true,1211 7,,5,,true, 9,248.4,5,,true, \
		error,latency_ms,timestamp refused,5,8 >odd
	chaos-to jtl odd >log
	assert_equal "$(cut -d, -f 1,8 log | tail -n +2 | tr '\n' ' ')" \
		'1000,true 2000,true 3000,false 4000,false 5000,false 6000,false 7000,false 9000,false 8000,false '
	run -2 --separate-stderr chaos-to jtl <<<$'timestamp,latency_ms,error,error\n1,5,x,'
	assert_says "$stderr" chaos-to: two "'error'" "line 1"
	for kind in jtl hgrm hlog; do
		run -3 --separate-stderr chaos-to $kind <<<$'timestamp,latency_ms,error\n1,5,\n?'
		assert_says "$stderr" chaos-to: 1 rows read
		run -6 bash -c "chaos-to $kind '$samples' >/dev/full"
	done
	run -6 bash -c "chaos-analyze '$samples' 2>/dev/null | chaos-to k6-summary >/dev/full"
}

@test "examples/ci: the page's own commands; a bound that does not hold fails the build, with the reason in JUnit" {
	mkdir examples
	cp -r "$ROOT/examples/ci" examples/
	free_ports 2
	sed -i "s/8101/${PORTS[0]}/g; s/8102/${PORTS[1]}/g" examples/ci/config.yaml
	sed -i 's/duration_sec: 25/duration_sec: 7/; s/duration_sec: 20/duration_sec: 8/; s/for: 5s/for: 2s/' examples/ci/scenario.yaml
	sed -n '/^```sh$/,/^```$/p' examples/ci/README.md | grep -v '^```' | sed "s,\$PWD/build/bin,$ROOT/build/bin," >page
	grep -q 'warmup_ignore_sec' examples/ci/config.yaml || printf 'anomaly_detection: {warmup_ignore_sec: 1}\n' >>examples/ci/config.yaml
	head -n 2 page >first
	code=0
	bash -e first >out 2>err 3>&- || code=$?
	# On a busy machine the run may be inconclusive, and then the build fails for that reason.
	[ "$code" -eq 0 ] || jq -e '.verdict.result == "inconclusive"' chaos.json || fail "$(cat out err)"
	valid chaos.xml
	# The bound that cannot be held is one of the run, whose load is not to be in doubt, and whose answers are those of
	# a node that is away for two seconds beside one that is healthy, on whatever machine.
	jq '.sound = true | .reasons = []' runs/ci/load.json >load.json
	mv load.json runs/ci/load.json
	awk -F, -v OFS=, -v at="$(jq -r 'select(.event == "fault_injected").t' runs/ci/events.jsonl)" -v node=":${PORTS[1]}" '
		NR > 1 { away = index($2, node) && $1 >= at && $1 < at + 2
			$3 = away ? "" : 200; $5 = away ? "refused" : ""; $4 = $6 = away ? 1 : 20 + NR % 7; $10 = "" } 1' \
		runs/ci/samples.csv >samples.csv
	mv samples.csv runs/ci/
	bash -e <(tail -n +3 page) >out 2>err 3>&- || fail "$(cat out err chaos.xml)"
	grep -q 'failure message="gate failed: recovery_time_sec &gt; 1, it is [0-9.]*' out
	grep -q '^### ci: gate failed' out
	valid chaos.xml
	# A run that was stopped: its verdict is the reason.
	mkdir stopped
	cat >stopped/chaos-scenario <<-'END'
		#!/bin/sh
		rm -f runs/ci/analysis.json
		echo '{"schema":"chaos-verdict/1","verdict":"stopped","exit":4,"line":"stopped: too many errors","expectations":[],"faults":[]}' >runs/ci/verdict.json
		exit 4
	END
	chmod +x stopped/chaos-scenario
	run -2 env "PATH=$SCRATCH/stopped:$PATH" make -s -f examples/ci/chaos.mk
	assert_output --partial 'Error 4'
	grep -q '<error message="stopped: too many errors"' chaos.xml
	grep -q '^### .*: stopped: too many errors' chaos.md
	for f in github.yml gitlab-ci.yml Jenkinsfile; do grep -q 'make -f examples/ci/chaos.mk RECOVERY=10' "examples/ci/$f"; done
}

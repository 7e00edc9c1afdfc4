# The page: what it says is what the other programs say, and no text of others is more than text.
load helper

setup() {
	scratch
	mkdir runs
	cp -r "$ROOT/test/golden/analyze/runs/run1" "$ROOT/test/golden/analyze/runs/baseline1" runs
}

block() { sed -n '/id="analysis"/,/<\/script>/p' "$1" | sed '1d;$d'; }
# What loads something, or sends its reader elsewhere.
outward() { sed "s|href='data:image/png;base64,[A-Za-z0-9+/=]*'||g" "$1" | grep -Eo "<[^>]* (src|href|action)=[\"']?[^\"'#][^>]*|url\([^#)][^)]*|@import[^;]*|fetch\(|XMLHttpRequest|WebSocket"; }

@test "a run: the finding, the picture, the words, and the analysis as it is" {
	run -0 --separate-stderr chaos-report --run-id run1
	echo "$output" >page.html
	chaos-analyze --run-id run1 >analysis.json || [ $? -eq 3 ]
	assert_equal "$(block page.html | command jq -S .)" "$(command jq -S . analysis.json)"
	chaos-llm --no-model --events runs/run1/events.jsonl analysis.json >report.md
	local finding
	finding=$(sed -n 's/^\*\*\(.*\)\*\*.*/\1/p' report.md | head -n 1)
	[ -n "$finding" ]
	assert_equal "$(sed -n 's/^<p class="verdict"><strong>\(.*\)<\/strong>.*/\1/p' page.html)" "$finding"
	# Each heading and each row of a table of the report is there once, and the headings of more pictures.
	assert_equal "$(grep '^<h[123]>' page.html | sed 's/<[^>]*>//g')" \
		"$(grep '^##* ' report.md | sed 's/^#* //'; printf '%s\n' Latency 'Each node')"
	assert_equal "$(grep -o '<svg class="[a-z]*"' page.html | sed 's/.*="//; s/"//' | xargs)" 'throughput latency nodes'
	assert_equal "$(sed '/^<script/,$d' page.html | grep -c '^<tr>')" "$(grep '^|' report.md | grep -vc '^|[-:|]*|$')"
	grep -qF "aria-label=\"throughput: ${finding%.}" page.html
	# The values behind the picture are those of the windows.
	assert_equal "$(grep -o 'data-windows="[^"]*"' page.html | sed 's/.*="//; s/"$//' | jq -c '[length, (map(.[1]) | add)]')" \
		"$(jq -c '[.input.seconds, .input.rows]' analysis.json)"
	# A node's picture tells of that node.
	assert_equal "$(grep -o 'data-parts="[^"]*"' page.html | sed 's/.*="//; s/"$//; s/&quot;/"/g' | jq -c 'map([.[0], ([.[1][][0]] | add)])')" \
		"$(jq -c '.nodes | map([.node // .url, .due])' analysis.json)"
	run -1 outward page.html
	sed '/^<style>/,/^<\/style>/d; /^<script/,/^<\/script>/d; s/<meta[^>]*>//g; s/<!DOCTYPE html>//' page.html |
		xmllint --noout -
	[ -z "$(ls "$TMPDIR"/chaos-report.* 2>/dev/null)" ]
}

@test "a run beside its baseline, and several runs in a table" {
	chaos-report --run-id run1 --baseline-id baseline1 >page.html
	assert_equal "$(grep -o '<svg class="[a-z]*"' page.html | sed 's/.*="//; s/"//' | xargs)" 'throughput compare latency nodes'
	assert_equal "$(grep -o ' id="[^"]*"' page.html | sort | uniq -d)" ""
	block page.html | jq -e '.compare != [] and .baseline_id == "baseline1"'
	chaos-report baseline1 run1 >trend.html
	assert_equal "$(sed -n 's/^<tr><td>\([^<]*\)<.*/\1/p' trend.html | tr '\n' ' ')" "baseline1 run1 "
	block trend.html | jq -e 'map(.run_id) == ["baseline1", "run1"]'
	assert_equal "$(grep -o '<svg class="[a-z]*"' trend.html)" '<svg class="trials"'
	# a run that was repeated is the runs that it is of
	mkdir runs/all
	{ echo '{"type":"trials","format":"chaos-trials/1","kind":"repeat","run_id":"all"}'
		jq -nc '{type: "trial", n: (1, 2)} + {metrics: {error_rate: 0}, verdict: "held"} | . + {run_id: ["baseline1", "run1"][.n - 1], line: "line <\(.n)>"}'
	} >runs/all/trials.jsonl
	chaos-report --run-id all >all.html
	assert_equal "$(block all.html)" "$(block trend.html)"
	grep -q '<td>line &lt;2&gt;</td>' all.html
	grep -q 'aria-label="trials: Most errors in ' all.html
	# a search says first what it found, of the same two
	{ sed '1s/"repeat"/"search","parameter":"rps"/; s/"n":\(.\)/&,"value":\1/' runs/all/trials.jsonl
		echo '{"type":"end","trials":2,"lower_bound":1,"upper_bound":2}'
	} >all.jsonl
	mv all.jsonl runs/all/trials.jsonl
	chaos-report --run-id all >all.html
	assert_equal "$(sed -n 's/^<p class="verdict"><strong>\(.*\)<\/strong>.*/\1/p' all.html)" 'rps: held up to 1, missed from 2 on.'
	sed -i 's/"upper_bound":2/&,"certain":false/' runs/all/trials.jsonl
	chaos-report --run-id all | grep -qF '<strong>rps: held up to 1, missed from 2 on, not confirmed.</strong>'
	# nothing to recover from is no recovery of 0 s
	[ "$(command jq -nc --argjson trial '{}' --slurpfile verdict <(echo '{}') --argjson code 0 --slurpfile analysis \
		<(echo '{"faults":[],"anomaly_windows":[],"recovery_time_sec":0}') -f "$ROOT/share/jq/trial.jq" | jq .metrics.recovery_time_sec)" = null ]
	run -0 bash -o pipefail -c 'chaos-report --run-id run1 | head -n 1'
}

@test "text of others stays text, and samples alone will do" {
	mkdir -p runs/bad/logs
	awk 'BEGIN {
		print "timestamp,node,latency_ms,error,op,detail"
		for (i = 0; i < 600; i++) printf "%.3f,http://x/<script>alert(1)</script>,5,%s,</script><b>`**x|y,\"<img src=x onerror=alert(2)>\"\n",
			1700000000 + i / 20, (i > 300 && i < 400) ? "refused" : ""
	}' >runs/bad/samples.csv
	printf '<script src=//evil>\n```\n**&\n\033]0;a\302\233m\342\200\256\377\n' >'runs/bad/logs/<i>n.log'
	run -0 --separate-stderr chaos-report --run-id bad
	echo "$output" >page.html
	assert_equal "$(grep -c '<script' page.html)" 2
	assert_equal "$(grep -c '</script>' page.html)" 2
	run -1 grep -E '<(b|i|img)[ >]' page.html
	run -1 outward page.html
	grep -q '&lt;script&gt;alert(1)' page.html
	grep -q '&lt;script src=//evil&gt;' page.html
	block page.html | jq -e '.ops[0].op | startswith("</script>")'
	printf '{"t":%d,"event":"fault_injected","fault":"f1","action":"k\\u001b[1m","node":"n\\u009b\\u202e"}\n' 1700000015 >runs/bad/events.jsonl
	chaos-report bad bad >trend.html
	grep -q '<td>k \[1m of n *</td>' trend.html
	for page in page trend; do
		[ "$(tr -d '\n\t' <$page.html | grep -cP '(*UTF)[\x00-\x1f\x7f-\x9f\x{202a}-\x{202e}]')" = 0 ]
	done
}

@test "a run that ended before its first row: the verdict's line, the events and the log" {
	mkdir -p runs/early/logs
	: >runs/early/samples.csv
	echo 'no module <x>' >runs/early/logs/web.log
	echo '{"schema":"chaos-verdict/1","verdict":"failed","exit":6,"line":"failed: web <b>`*x*`","expectations":[]}' >runs/early/verdict.json
	printf '{"t":%s,"event":"%s","node":"web","message":"%s"}\n' 100 run_start '' 102.5 error 'it exited</pre>' >runs/early/events.jsonl
	run -0 --separate-stderr chaos-report --run-id early
	assert_equal "$stderr" ""
	echo "$output" >page.html
	grep -qF '<p class="verdict"><strong>failed: web &lt;b&gt;`*x*`.</strong></p>' page.html
	grep -qx '    2.500 s  error web it exited&lt;/pre&gt;' page.html
	grep -q 'no module &lt;x&gt;' page.html
	block page.html | jq -e '.schema == "chaos-verdict/1"'
	# beside others there is nothing to compare
	run -2 chaos-report run1 early
}

@test "what is typed wrong: one line, exit 2" {
	local words
	for words in "" "--run-id" "--run-di=run1" "--run-id ../run1" "--run-id nope" "--run-id run1 --baseline-id nope" \
		"run1 baseline1 --baseline-id run1"; do
		# shellcheck disable=SC2086 # words
		run -2 --separate-stderr chaos-report $words
		[ -z "$output" ]
		assert_equal "$(wc -l <<<"$stderr")" 1
	done
	run -2 --separate-stderr chaos-report --run-di=run1
	assert_line_says "$stderr" chaos-report: "'--run-id'?"
	run -2 --separate-stderr chaos-report --run-id run2
	assert_line_says "$stderr" "no run 'run2'" "'runs'" "'run1'?"
}

@test "several loads: what is told of a window is their sum" {
	mkdir -p runs/two
	for load in a:50 b:20; do
		awk -v n="${load#*:}" 'BEGIN { print "timestamp,latency_ms,error"
			for (i = 0; i < 20 * n; i++) printf "%.3f,5,\n", 1700000000 + i / n }' >"runs/two/samples.${load%:*}.csv"
	done
	chaos-report --run-id two >page.html
	assert_equal "$(grep -o 'data-windows="[^"]*"' page.html | sed 's/.*="//; s/"$//' | jq -c '[length, (map(.[1]) | unique)]')" '[20,[70]]'
	# and the picture of the loads tells each
	assert_equal "$(grep -o '<svg class="loads".*' page.html | grep -o 'data-parts="[^"]*"' | sed 's/.*="//; s/"$//; s/&quot;/"/g' |
		jq -c 'map([.[0], (.[1] | length), .[1][3]])')" '[["a",20,[50,0]],["b",20,[20,0]]]'
}

@test "rows that do not tell failures: the page's data are JSON, and say that it is not known" {
	mkdir -p runs/times
	awk 'BEGIN { print "timestamp,node,latency_ms"
		for (i = 0; i < 400; i++) printf "%.1f,n%d,12\n", 1700000000 + i / 10, i % 2 }' >runs/times/samples.csv
	run -0 --separate-stderr chaos-report --run-id times
	assert_equal "$stderr" ""
	echo "$output" >page.html
	assert_equal "$(grep -o 'data-windows="[^"]*"' page.html | sed 's/.*="//; s/"$//' | jq -c 'map(.[1:4]) | unique')" '[[10,10,null]]'
	assert_equal "$(grep -o 'data-parts="[^"]*"' page.html | sed 's/.*="//; s/"$//; s/&quot;/"/g' | jq -c 'map([.[0], (.[1] | unique)])')" \
		'[["n0",[[5,null]]],["n1",[[5,null]]]]'
}

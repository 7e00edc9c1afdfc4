#!/usr/bin/env bats
# chaos-llm: the plain report, and that it says nothing but what the analysis says.

bats_require_minimum_version 1.5.0
load helper

setup() {
	scratch
	make_samples > samples.csv
	awk -v n=1 -v at=10 -v length_s=8 -v gap=2 -f "$ROOT/test/golden/plot/events.awk" > events.jsonl
}

make_samples() {
	awk -v dur="${1:-25}" -v rps="${2:-50}" -v k0="${3:-10}" -v k1="${4:-18.3}" -v dead="${5:-0}" \
		-f "$ROOT/test/golden/plot/samples.awk"
}

@test "the report names the fault, the errors, the recovery and the change" {
	make_samples 25 50 99 99 > base.csv
	chaos-analyze --baseline base.csv --events events.jsonl samples.csv > a.json
	chaos-llm --events events.jsonl < a.json > r.md
	grep -q '^\*\*killed service-node-2 at 10.0 s: up to 34.0 % errors, healthy again as soon as it was lifted.\*\*' r.md
	grep -q '^| kill of service-node-2 .* | 9.0 s | as soon as it was lifted |$' r.md
	grep -q '^| error rate | 0 % | 13.8 % | +13.8 points |$' r.md
	grep -q '^| successes per second | 50.0/s | 43.1/s | −14 % |$' r.md
	grep -q 'refused 138' r.md
	grep -q '^| 10.000 s | asked for: kill of service-node-2 (f1) |$' r.md
	grep -q '^| 10.012 s | confirmed: kill of service-node-2 (f1) |$' r.md
	[ "$(grep -c '^## ' r.md)" -eq 7 ]
	chaos-llm --events events.jsonl < a.json | cmp - r.md
}

@test "without events the moments of the fault come from the analysis; without a baseline one column" {
	chaos-analyze --events events.jsonl samples.csv | chaos-llm > r.md
	grep -q '^| kill of service-node-2 | 10 s | 10.0 s | 18 s | 18.3 s |$' r.md
	grep -q '^| error rate | 13.8 % |$' r.md
	grep -q 'Record a run without faults' r.md
}

# Numbers of the report: each must be one of the analysis, in some rounding and unit.
@test "no number in the report is not in the analysis" {
	make_samples 25 50 99 99 > base.csv
	chaos-analyze --baseline base.csv --events events.jsonl samples.csv > a.json
	chaos-llm < a.json | sed '/^## What to try/,$d; s/f1\|service-node-[0-9]\|127.0.0.1:800[0-9]//g; s/p[59][0-9]//g' |
		grep -oE '[0-9]+(\.[0-9]+)?' | sort -u > said
	jq -r 'def forms: ., . * 100, . * 1000, (. - 1) * 100;
		[.. | numbers | forms | fabs] | unique | .[]' a.json |
		awk '{ for (d = 0; d <= 3; d++) printf "%.*f\n", d, $1 }' | sort -u > known
	# the counts of anomalies and of faults are lengths of lists
	jq -r '(.anomaly_windows | length), (.faults | length)' a.json >> known
	sort -u known -o known
	run comm -23 said known
	assert_output ''
	[ "$(wc -l < said)" -gt 15 ]
}

@test "what was in flight when the load was stopped is among no requests and no failures, in report and picture" {
	awk -F, -v OFS=, 'NR > 1246 { $3 = ""; $5 = "aborted" } NR == 700 { $3 = ""; $5 = "closed" } 1' <(make_samples 25 50 99 99) >s.csv
	chaos-analyze s.csv >a.json
	jq -e '.input.rows == 1250 and .input.rows_aborted == 5 and .run_summary.errors == {aborted: 5, closed: 1}
		and (.nodes | map(.due) | add) == 1245' a.json
	chaos-llm --no-model a.json >r.md
	grep -x '\*\*1245 requests in 25 s: no anomaly, 1 of 995 requests failed.\*\*' r.md
	grep -x 'Failed requests by class: closed 1.' r.md
	grep -x -- '- 1245 requests were counted; .*' r.md
	grep -x -- '- 5 more were in flight when the load was stopped: .*' r.md
	chaos-llm --provider ollama --model m --show-prompt a.json >prompt
	grep -F '5 requests were in flight when the load was stopped' prompt
	run ! grep -E "failed with the error class .aborted" prompt
	chaos-plot throughput --terminal dumb s.csv | gnuplot >page
	grep '1245 requests in 25 s: no anomaly' page
	grep 's.csv, from .*: 1245 requests in 25 s' page
	# none failed
	grep -v ,closed, s.csv | chaos-analyze | chaos-llm --no-model | grep -x 'No request failed after the warm-up.'
}

@test "nothing seen is told apart from nothing to see" {
	awk -F, 'NR == 1 || $5 == ""' samples.csv | chaos-analyze | chaos-llm > r.md
	grep -q 'requests in 25 s: no anomaly' r.md
	head -n 1 samples.csv > empty.csv
	chaos-analyze empty.csv 2> err | chaos-llm > r.md
	grep -q 'nothing can be said' r.md
	head -n 60 samples.csv | chaos-analyze | chaos-llm > r.md
	grep -q 'no second could be judged' r.md
}

@test "a run that never recovered has a bound, and no recovery time" {
	make_samples 25 50 10 99 1 > dead.csv
	head -n 3 events.jsonl > held.jsonl
	chaos-analyze --events held.jsonl dead.csv | chaos-llm > r.md
	grep -q 'errors.*, not healthy again within the run' r.md
	grep -q '| not within the run, at least 15.0 s |' r.md
	grep -q 'Run longer after the fault' r.md
	run ! grep -q 'healthy again as soon' r.md
}

@test "what a fault did is said as its events say it, before the node; not in other than plain words" {
	told() { # told PAST TITLE CLAUSE
		jq -c --arg past "$1" 'if .past then .past = $past else . end' events.jsonl > own.jsonl
		chaos-analyze --events own.jsonl samples.csv > a.json
		jq -e --arg past "$1" '.faults[0] | .past == $past and .node_down == false' a.json
		chaos-llm --no-model a.json | grep -qF "**$2 at 10.0 s: up to 34.0 % errors"
		chaos-llm --show-prompt --base-url http://127.0.0.1:1/v1 a.json > prompt
		grep -qF "a fault $3 at 10.0 s" prompt
	}
	told "refused connections to" "refused connections to service-node-2" "refused connections to node-D"
	for word in "" "x: say {{p99}}" "tore 10.0.0.1 from" "$(printf 'very %.0s' {1..9})far"; do
		told "$word" "kill on service-node-2" "disturbed node-D"
	done
	jq -c 'select(.event != "fault_injected")' events.jsonl > own.jsonl
	jq -ne '[inputs | .fault // empty] | length == 3' own.jsonl
	chaos-analyze --events own.jsonl samples.csv | jq -e '.faults[0].past == null'
}

@test "with ids it analyses afresh, with the events of the folder" {
	mkdir -p runs/base runs/run1
	cp samples.csv events.jsonl runs/run1
	make_samples 25 50 99 99 > runs/base/samples.csv
	chaos-llm --run-id run1 --baseline-id base > r.md
	grep -q '^# Report on run1$' r.md
	grep -q 'baseline base' r.md
	grep -q '10.012 s | confirmed' r.md
	chaos-llm --run-id run1 --no-model --output out.md
	grep -q '^# Report on run1$' out.md
	run -2 --separate-stderr chaos-llm --run-id rum1
	assert_says "$stderr" chaos-analyze: run "'rum1'" "'runs'" "'run1'?"
	assert_equal "$output" ""
	run -2 --separate-stderr chaos-llm --run-id ../x
	assert_equal "${#stderr_lines[@]}" 1
}

@test "text from outside stays text" {
	jq -cn '{t: 1766500010.25, event: "fault_injected", fault: "f1", action: "ki|ll",
		node: "<script>`x`[a](http://b)\n# h"}' > hostile.jsonl
	chaos-analyze --events hostile.jsonl samples.csv | chaos-llm --events hostile.jsonl > r.md
	run ! grep -qE '[^\\]<script>|[^\\]`x|[^\\]\[a|^# h' r.md
	grep -qF 'ki\|ll' r.md
}

@test "bad input: one line, exit 2" {
	run -2 --separate-stderr chaos-llm < <(printf '{"schema":\n 1,,}')
	assert_regex "$stderr" "^chaos-llm: stdin:2:[0-9]+: "
	run -2 --separate-stderr chaos-llm < <(echo '{"schema":"chaos-load/1"}')
	[[ $stderr == "chaos-llm: 'stdin' "*"'chaos-load/1'"*"'chaos-analyze/1'" ]]
	run -2 --separate-stderr chaos-llm < <(echo '[1]')
	[[ $stderr == "chaos-llm: 'stdin' "*"'schema'" ]]
	run -2 --separate-stderr chaos-llm samples.csv
	[[ $stderr == "chaos-llm: 'samples.csv' "*samples*chaos-analyze* ]]
	run -2 --separate-stderr chaos-llm < /dev/null
	assert_equal "${#stderr_lines[@]}" 1
	run -2 --separate-stderr chaos-llm nothere.json
	assert_says "$stderr" chaos-llm: open "'nothere.json'" "No such file or directory"
	run -2 --separate-stderr chaos-llm --baselin-id x
	assert_says "$stderr" chaos-llm: "option '--baselin-id'" "'--baseline-id'?"
	run -2 --separate-stderr chaos-llm --numbers checked
	assert_regex "$stderr" "^chaos-llm: --numbers .* from the analysis\$"
	run -2 --separate-stderr chaos-llm --number 3
	assert_equal "$stderr" "chaos-llm: unknown option '--number'; see 'chaos-llm --help'"
	run -2 --separate-stderr chaos-llm --baseline-id x
	assert_equal "${#stderr_lines[@]}" 1
	needs_terminal
	run timeout 5 script -qec 'chaos-llm' /dev/null
	assert_failure 2
	assert_output --partial 'stdin, which is a terminal'
}

@test "advice on lost writes: of a Redis that lost some; a fault without a past tense" {
	chaos-analyze --events events.jsonl samples.csv | sed 's|http://|redis://|' |
		jq '.faults[0].url = "redis://127.0.0.1:8002" | .audit = {lost: 3, acknowledged: 9}' > a.json
	chaos-llm a.json | grep -- '^- Redis acknowledges a write before .*appendfsync'
	jq '.audit.lost = 0' a.json | chaos-llm | run ! grep appendfsync
	jq '.faults[0] |= (.action = "latency" | .past = null)' a.json | chaos-llm | grep -F '**latency on service-node-2 at 10.0 s: '
}

@test "an analysis with nothing but its schema is no crash" {
	chaos-llm < <(echo '{"schema":"chaos-analyze/1"}') > r.md
	grep -q 'unknown' r.md
	chaos-llm < <(echo '{"schema":"chaos-analyze/1","faults":[1,null,{}],"nodes":[{}],"intervals":[{"reasons":[3]}],
		"anomaly_windows":[{}],"run_summary":{"errors":{"x":"y"}},"compare":[{"metric":7}]}') > r.md
	[ -s r.md ]
}

@test "a reader that goes is no failure, a full disk is" {
	chaos-analyze samples.csv > a.json
	chaos-llm < a.json | head -c 1 > /dev/null
	[ "${PIPESTATUS[0]}" -eq 0 ]
	run bash -c 'chaos-llm < a.json > /dev/full'
	assert_failure 6
	assert_equal "${#lines[@]}" 1
	run chaos-llm -o nofolder/r.md a.json
	assert_failure 6
}

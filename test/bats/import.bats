#!/usr/bin/env bats
# chaos-import, and what --lint says of both formats.
bats_require_minimum_version 1.5.0

setup() {
	load helper
	scratch
	free_ports 1
	cat > web.json <<-END
	{"title": "a node is away", "configuration": {"url": {"type": "env", "key": "URL"}, "node": "web", "pause": 2,
	  "token": {"type": "env", "key": "TOKEN", "default": "none"}},
	 "steady-state-hypothesis": {"title": "up", "probes": [
	  {"type": "probe", "name": "answers", "tolerance": 200, "provider": {"type": "http", "url": "\${url}", "timeout": 3}},
	  {"type": "probe", "name": "listed", "tolerance": [200, 204], "provider": {"type": "http", "url": "\${url}", "timeout": 3, "headers": {"X": "\${token}"}}},
	  {"type": "probe", "name": "there", "tolerance": true, "provider": {"type": "python", "module": "os.path", "func": "exists", "arguments": {"path": "web.json"}}}]},
	 "method": [
	  {"type": "action", "name": "off", "provider": {"type": "process", "path": "docker", "arguments": ["pause", "\${node}"]}, "pauses": {"before": 1, "after": "\${pause}"}},
	  {"type": "probe", "name": "seen", "provider": {"type": "http", "url": "\${url}"}},
	  {"type": "action", "name": "next", "background": true, "provider": {"type": "process", "path": "docker", "arguments": "stop -t 3 db"}, "pauses": {"after": 9}}],
	 "rollbacks": [{"type": "action", "name": "on", "provider": {"type": "process", "path": "docker", "arguments": "unpause web"}}]}
	END
	export URL=http://127.0.0.1:${PORTS[0]}/health
}

teardown() {
	end_bg
}

# experiment [TOLERANCE PROVIDER]...: one whose hypothesis has these probes.
experiment() {
	while [ $# -gt 0 ]; do
		jq -nc --argjson tolerance "$1" --argjson provider "$2" '{type: "probe", name: "p", $tolerance, $provider}'
		shift 2
	done | command jq -s '{title: "t", "steady-state-hypothesis": {title: "h", probes: .}, method: []}' >e.json
}

@test "an experiment becomes a scenario and a config that mean the same" {
	run -0 --separate-stderr chaos-import --config c.yaml --node web="$URL" --node db=http://127.0.0.1:9 web.json
	echo "$output" >s.yaml
	assert_line '  - {http: "${env URL}", status: 200, timeout: "3s", mode: Edge}'
	assert_line '  - {file: web.json, mode: Edge}'
	assert_line '      - {type: pause_node, target: web, at: "1s"}'
	assert_line '      - {type: stop_node, target: db, at: "3s"}'
	assert_line '    duration: 4s' # the last action is at 3 s
	grep -qF '"X: ${env TOKEN:-none}"' s.yaml
	grep -q "^  web: {url: \"$URL\", container: web, ready: tcp}" c.yaml
	assert_line_says "$stderr" web.json:11:16: note: "'on'" undoes "left out"
	assert_line_says "$stderr" note: "4 s," "not 3 s:" end
	assert_line_says "$stderr" web.json:10:3: note: "'next':" undone end
	python3 "$ROOT/test/support/schemacheck.py" "$ROOT/schema/scenario.schema.json" s.yaml
	run -2 chaos-import --config c.yaml web.json
	assert_says "$output" chaos-import: "'c.yaml'" exists --force
	jq '."steady-state-hypothesis".probes = 5' web.json >odd.json
	run -2 chaos-import odd.json
	assert_output --regexp "^chaos-import: odd.json:[0-9]+:[0-9]+: 'probes' is no array$"
	run -2 chaos-import - <.
	assert_says "$output" chaos-import: read "standard input" folder
	# YAML, from a pipe, without a URL for a node
	python3 -c 'import json,sys,yaml; yaml.safe_dump(json.load(open("web.json")), sys.stdout)' >web.yaml
	run -1 --separate-stderr chaos-import --node web="$URL" - <web.yaml
	[ -z "$output" ]
	assert_line_says "$stderr" chaos-import: "standard input:28:3:" "'next':" "'db'" "--node db=URL"
	chaos-import --node web="$URL" --node db=http://127.0.0.1:9 - <web.yaml 2>/dev/null | diff s.yaml -
}

@test "names with control characters stay in their line, and a secret's default is as refused as the secret" {
	jq '.method[0].name = "off\n\u001b]0;x\u0007\u202e" | .method[0].provider = {type: "python", module: "a", func: "b"}
		| .secrets.s.key = {type: "env", key: "KEY", default: "hunter2"}
		| ."steady-state-hypothesis".probes[0].provider.headers = {K: "${key}"}' web.json >odd.json
	run -1 --separate-stderr chaos-import --partial --config c.yaml --node db=http://h/ odd.json
	[[ $stderr == *"'off ]0;x ': Python"* && $stderr == *"the secret 'key' stands"* ]]
	run ! grep -P '[\x00-\x08\x0b-\x1f\x{202e}]|hunter2' <<<"$output$stderr"
	# nor is the value of a variable written down that may be one
	jq 'del(.secrets, .method[1:])
		| .configuration |= {where: {type: "env", key: "WHERE"}, key: {type: "env", key: "API_TOKEN"}}
		| .method[0] |= (del(.pauses) | .provider = {type: "process", path: "docker", arguments: ["pause", "${key}"]})
		| ."steady-state-hypothesis".probes = [{type: "probe", name: "p", tolerance: 200,
			provider: {type: "http", url: "${where}", headers: {K: "${key}"}}}]' web.json >odd.json
	for where in http://h/?k=hunter2 http://u:hunter2@h/; do
		WHERE=$where API_TOKEN=hunter2 run -1 --separate-stderr chaos-import --partial --config c.yaml --force odd.json
		assert_line --partial '"${env WHERE}"'
		assert_line --partial '"K: ${env API_TOKEN}"'
		assert_line_says "$stderr" "secret 'key'" probe
		run ! grep hunter2 c.yaml - <<<"$output$stderr"
	done
}

@test "tolerances are met by what meets them there, and by nothing else" {
	local say='{"type": "process", "path": "printf", "arguments": ["a 7\n"]}' json='{"type": "process", "path": "echo", "arguments": ["{\"a\": [{\"b\": 1}, {\"b\": 2}]}"]}'
	local two='{"type": "process", "path": "sh", "arguments": ["-c", "echo 12; exit 2"]}' path='{"type": "jsonpath", "target": "stdout", "path": ' all=() words word n=0 word64
	local yes=(2 "$two" '[2, 3]' "$two" '{"type": "range", "target": "status", "range": [1, 2]}' "$two"
		'{"type": "range", "target": "stdout", "range": [12, 12.5]}' "$two" '{"type": "regex", "target": "stdout", "pattern": "^1(?P<x>2)$"}' "$two"
		'{"type": "regex", "target": "stdout", "pattern": "[^b] \\d$"}' "$say" "$path\"\$.a[*].b\", \"expect\": [1, 2]}" "$json"
		"$path\"\$.a[1].b\", \"expect\": 2}" "$json" "$path\"\$..b\", \"count\": 2}" "$json" "$path\"\$.a\"}" "$json")
	local no=(0 "$two" '[1, 3]' "$two" '{"type": "range", "target": "stdout", "range": [13, 20]}' "$two" '{"type": "regex", "target": "stdout", "pattern": "^2"}' "$two"
		"$path\"\$.a[*].b\", \"expect\": [1]}" "$json" "$path\"\$.x\"}" "$json" "$path\"\$.a[2]\"}" "$json" "$path\"\$..b\", \"count\": 1}" "$json")
	experiment "${yes[@]}" "${no[@]}"
	chaos-import --load http://h/ e.json 2>/dev/null >s.yaml
	chaos-scenario --places --scenario s.yaml | jq -nr 'reduce inputs as [$p, $l, $c, $v] ({}; setpath($p; $v)) | .steady_state[] | .process | map(@base64) | join(" ")' >probes
	while read -r word64; do
		words=()
		for word in $word64; do words+=("$(base64 -d <<<"$word")"); done
		"${words[@]}" >/dev/null 2>&1 && word=0 || word=1
		[ "$word" = $((n >= ${#yes[@]} / 2)) ] || fail "probe $n: ${words[*]}"
		n=$((n + 1))
	done <probes
	assert_equal "$n" 18
	for bad in true '"a 7"' 1.5 '{"type": "regex", "pattern": "a"}' '{"type": "probe"}' '{"type": "odd"}' '{"type": "jsonpath", "target": "stdout", "path": "$[?(@.a)]"}'; do
		all+=("$bad" "$say")
	done
	experiment "${all[@]}"
	run -1 --separate-stderr chaos-import --load http://h/ e.json
	refute_output
	assert_line_says "$stderr" e.json:6:7: "'p':" process "never true" tolerance
	assert_equal "$(grep -c ": 'p': " <<<"$stderr")" 7
}

@test "--lint of an experiment: undo, bounds and tolerances" {
	cat > e.json <<-'END'
	{"title": "t", "method": [
	  {"type": "action", "name": "slow", "provider": {"type": "python", "module": "m", "func": "create_toxic", "arguments": {"name": "a"}}, "tolerance": true},
	  {"type": "action", "name": "gone", "timeout": 5, "provider": {"type": "process", "path": "zap", "arguments": ["it"]}}],
	 "rollbacks": [{"type": "action", "name": "fast", "provider": {"type": "python", "module": "m", "func": "delete_toxic", "arguments": {"name": "b"}}},
	  {"type": "action", "name": "odd", "provider": {"type": "http", "url": "http://h/", "timeout": 1}}]}
	END
	run -1 chaos-import --lint e.json
	assert_output - <<-'END'
	e.json:1:1: no steady-state hypothesis has a probe: nothing is measured
	e.json:2:150: 'slow': the tolerance is never checked: Chaos Toolkit looks at those of the hypothesis alone
	e.json:3:3: 'gone': no rollback undoes it
	e.json:3:3: 'gone': without a timeout of its provider it may last for ever
	e.json:3:49: 'gone': this timeout is never read: it belongs into the provider
	e.json:4:15: rollbacks are skipped when the experiment is interrupted or fails, without runtime.rollbacks.strategy: always
	e.json:4:16: 'fast' does not match 'slow': name is 'b', and 'a' in the action
	e.json:5:3: 'odd' undoes no action of the method
	END
	jq '.runtime.rollbacks.strategy = "always" | del(.method[1:], .rollbacks[1:], .method[0].tolerance) | .rollbacks[0].provider.arguments.name = "a"
		| ."steady-state-hypothesis" = {title: "h", probes: [{type: "probe", name: "p", tolerance: 200, provider: {type: "http", url: "http://h/", timeout: 1}}]}' e.json >ok.json
	chaos-import --lint ok.json
}

@test "--lint of a scenario: what is not lifted, cannot fail, cannot stop or is not measured" {
	echo 'http_nodes: [http://127.0.0.1:1, http://127.0.0.1:2, http://127.0.0.1:3]' >c.yaml
	cat > s.yaml <<-'END'
	steady_state:
	  - error_rate < 0.01
	  - {file: /etc/passwd, mode: Edge}
	stop_conditions: [error_rate > 1, "error_rate > 0.8 for 2s", "p99_latency_ms > 5000", "p99_latency_ms > 2000"]
	phases:
	  - {name: quiet, duration: 6s, actions: [{type: kill_node, target: service-node-2}], expect: err < 9}
	  - name: loss
	    duration: 10s
	    actions:
	      - {type: start_load, rps: 50, at: 1s}
	      - {type: pause_node, target: service-node-1, at: 2s, for: 3s, expect: recovered within 30s}
	    expect: [error_rate <= 1, "throughput_rps > 10", "p99_all_ms <= 5000", "load:p95_latency_ms < 900"]
	END
	run -1 chaos-scenario --lint --scenario s.yaml --config c.yaml
	assert_output - <<-'END'
	s.yaml:2:5: nothing measures it: no load is on before the first fault at 0 s
	s.yaml:3:5: nothing measures it: the first fault comes at 0 s, and a probe is asked twice a second
	s.yaml:4:19: it cannot stop anything: error_rate > 1
	s.yaml:4:62: it cannot stop anything: p99_latency_ms > 5000
	s.yaml:6:43: 'kill_node' has no 'for', and nothing lifts it before the run ends: its recovery is not seen
	s.yaml:6:95: no load is on in this phase, so it cannot be judged
	s.yaml:11:77: it cannot be missed: the run ends 5 s after the fault is lifted
	s.yaml:12:14: it cannot fail: error_rate <= 1
	s.yaml:12:54: it cannot fail: p99_all_ms <= 5000
	END
	[ ! -e runs ]
	[ ! -e state ]
	sed -i 's/loss/los/; s/rps: 50/rsp: 50/' s.yaml
	run -2 chaos-scenario --lint --scenario s.yaml --config c.yaml
	assert_line_says "$output" s.yaml:10:28: "key 'rsp'" "'rps'?"
	cat > ok.yaml <<-'END'
	phases:
	  - {duration: 6s, actions: [{type: start_load, rps: 50}]}
	  - {duration: 9s, actions: [{type: kill_node, target: service-node-2, for: 1s}], expect: recovered within 3s}
	END
	chaos-scenario --lint --scenario ok.yaml --config c.yaml
	sed -i 's/within 3s/within 4s/' ok.yaml
	run -1 chaos-scenario --lint --scenario ok.yaml --config c.yaml
	assert_line_says "$output" ok.yaml:3:91: recovery "five good seconds" "8 s" fault
	run -1 chaos-scenario --lint --scenario "$ROOT/scenarios/failure.yaml" --config c.yaml
	assert_line_says "$output" nothing expected "'expect'" "'steady_state'"
}

@test "a signal leaves no folder behind" {
	local signal
	mkfifo experiment
	mkdir away
	for signal in HUP TERM PIPE; do
		TMPDIR=$PWD/away bg sh -c 'exec chaos-import - <experiment'
		exec 7>experiment
		wait_for 5 eval '[ -n "$(ls away)" ]'
		kill "-$signal" "$BG_PID"
		exec 7>&-
		wait "$BG_PID" || true
		[ -z "$(ls away)" ] || fail "SIG$signal left $(ls away)"
	done
}

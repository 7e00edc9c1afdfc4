#!/usr/bin/env bats
# chaos-scenario: loads as configured, several at once, and systems that do not work to begin with.
bats_require_minimum_version 1.5.0

setup() {
	load helper
	load scenario_helper
	scratch
	cluster
	cat >> config.yaml <<-END
	load: {timeout: 20s}
	loads:
	  web:
	    target: [service-node-1, service-node-2]
	    requests:
	      - {method: POST, path: /work, weight: 3, headers: {X-A: 1}, body: '{"n":{slot}}'}
	      - {path: /health}
	  counter:
	    target: redis-node-1
	    commands: [{run: INCR hits}, {run: GET hits}]
	    profile: 500ms@20, 500ms@20..40, 10s@30
	END
	cat > s.yaml <<-END
	phases:
	  - duration: 1s
	    actions:
	      - {type: start_load, load: web, rps: 50}
	      - {type: start_load, load: counter, at: 500ms}
	  - duration: 2s
	    actions:
	      - {type: kill_node, target: redis-node-1, for: 500ms, all_down: true}
	      - {type: stop_load, load: web, at: 1s}
	END
}

teardown() { end_cluster; }

@test "an HTTP and a Redis load at once, each with its own course; a node of either is broken" {
	before=$(world)
	# It is down for long enough that some requests find it so, though the load may stand still meanwhile.
	sed -i 's/for: 500ms/for: 1500ms/' s.yaml
	# What chance gives a request is the same each time.
	run chaos-scenario --scenario s.yaml --run-id r --progress none --seed 1
	[ "$status" -ne 2 ]
	assert_equal "$(world)" "$before"
	[ ! -e runs/r/samples.csv ]
	[ ! -e runs/r/load.json ]
	# 50 a second until it is stopped; 20 a second, a ramp to 40, then 30
	jq -e '.due == 100 and .timeout_s == 20 and (.errors | length) == 0' runs/r/load.web.json
	jq -e '.due == 70 and .errors.refused > 0' runs/r/load.counter.json
	run awk -F, 'NR > 1 { n[$7]++ } END { print (n["POST /work"] > 2 * n["GET /health"]), (n["GET /health"] > 0) }' runs/r/samples.web.csv
	assert_output "1 1"
	run awk -F, 'NR > 1 && $2 !~ /^redis:/' runs/r/samples.counter.csv
	assert_output ""
	# one clock: slot 0 of both is the start of the run
	assert_equal "$(jq .start_t runs/r/load.web.json)" "$(jq .start_t runs/r/load.counter.json)"
	jq -es '[.[] | select(.event == "load_rate") | .load] | unique == ["counter", "web"]' runs/r/events.jsonl
	jq -es 'map(select(.event == "fault_injected").node) == ["redis-node-1"]' runs/r/events.jsonl
	jq -e '.loads.web.faults // .loads.web | length > 0' runs/r/analysis.json
	jq -e '.loads | keys == ["counter", "web"]' runs/r/analysis.json
	# what nobody names is not brought up
	run ! grep -q 'service-node-3\|redis-node-2' runs/r/events.jsonl
}

@test "--check: what is wrong in a load is said where it stands" {
	run -0 chaos-scenario --check --scenario s.yaml
	assert_line --regexp '^ +1s +counter 20\.\.40 in 500ms/s on redis-node-1$'
	cp config.yaml good.yaml
	cp s.yaml s.good
	sed 's/commands: .*/kye: hits/' good.yaml >config.yaml
	refuses_plan config.yaml:13:5: key "'kye'" "'key'?"
	sed 's/timeout: 20s/timeout: soon/' good.yaml >config.yaml
	refuses_plan config.yaml:4:17: "'soon'" "time span" "20s, 150ms, 1m30s"
	sed 's/commands: .*/max_inflight: no/' good.yaml >config.yaml
	refuses_plan config.yaml:13:19: "'no'" whole "1 to 10000000"
	sed 's/commands: .*/max_inflight: 0/' good.yaml >config.yaml
	refuses_plan config.yaml:13:19: "'0'" whole "1 to 10000000"
	sed 's/target: \[/targets: [/' good.yaml >config.yaml
	refuses_plan config.yaml:7:5: key "'targets'" "'target'?"
	sed 's/commands: .*/load-name: x/' good.yaml >config.yaml
	refuses_plan config.yaml:13:5: "'load-name'" scenario load
	sed 's/commands: .*/start-at: 1/' good.yaml >config.yaml
	refuses_plan config.yaml:13:5: "'start-at'" scenario load
	sed 's/commands: .*/rps=5: x/' good.yaml >config.yaml
	refuses_plan config.yaml:13:5: key "'rps=5'" "chaos-config(5)"
	sed 's/path: .health/pth: x/' good.yaml >config.yaml
	refuses_plan config.yaml:10:10: key "'pth'" "'path'?"
	sed 's/redis-node-1$/redis-node-9/' good.yaml >config.yaml
	refuses_plan config.yaml:12:13: node "'redis-node-9'" "'redis-node-1'?"
	sed 's/500ms@20,/500ms@x,/' good.yaml >config.yaml
	run -2 chaos-scenario --check --scenario s.yaml
	assert_output --partial "chaos-scenario: config.yaml:14:14: "
	sed 's/path: .health/path: \/health, method: get/' good.yaml >config.yaml
	refuses_plan config.yaml:10:9: "'method':" "'get'" "'GET'?"
	printf 'GET /a\nFOO\n' >mix.txt # in a file of its own: where that is named, and its line there
	{ sed 's/^load:.*/load: {requests: mix.txt}/' good.yaml; echo '  idle: {target: service-node-1}'; } >config.yaml
	refuses_plan config.yaml:4:8: mix.txt:2: "'FOO'" URL
	sed 's/^load:.*/load: {profile: 4s@5}/' good.yaml >config.yaml # the run would end with it
	refuses_plan config.yaml:4:8: "'profile'" "'loads'"
	# What is empty is no number, not any that happened to stand in memory.
	sed 's/path: .health/path: \/health, weight: /' good.yaml >config.yaml
	refuses_plan config.yaml:10:25: "'weight'" value
	sed 's/timeout: 20s/timeout: [~]/' good.yaml >config.yaml
	refuses_plan config.yaml:4:17: "'timeout'" text
	{ cat good.yaml; echo '  idle: {target: service-node-1, conections: 5}'; } >config.yaml # no action starts it
	refuses_plan config.yaml:15:34: key "'conections'" "'connections'?"
	sed 's/^load:.*/load: {header: "X-B: 2", requests: none.jsonl}/' good.yaml >config.yaml # not for Redis, nor beside requests
	run -0 chaos-scenario --check --scenario s.yaml
	cp good.yaml config.yaml
	sed 's/load: web, rps/load: wbe, rps/' s.good >s.yaml
	refuses_plan s.yaml:4:34: load "'wbe'" "'web'?"
	sed '/start_load, load: web/d' s.good >s.yaml
	refuses_plan s.yaml:8:33: stop_load: "no action" starts "'web'"
	sed 's/rps: 50/rps: 0/; /stop_load/d' s.good >s.yaml
	refuses_plan s.yaml:4:34: start_load: "no action" rate 0 "'web'"
	sed 's/load: web, rps: 50/load: web/' s.good >s.yaml
	refuses_plan s.yaml:4:9: start_load "'rps'" "no 'profile'"
	sed 's/load: web, rps/rps/' s.good >s.yaml
	refuses_plan s.yaml:4:9: start_load "'load: web'"
	sed 's/load: web, rps/load: web, target: service-node-1, rps/' s.good >s.yaml
	refuses_plan s.yaml:4:47: "'web'" "'target'" own
	sed 's/  web:/  load:/' good.yaml >config.yaml
	sed 's/load: web, rps/load: load, rps/; s/load: counter/target: service-node-1, rps: 9/; /stop_load/d' s.good >s.yaml
	refuses_plan s.yaml:5:9: "without a name" "'load'" configured
}

@test "what other programs find wrong is known by its keys, whatever their messages say" {
	mkdir bin # chaos-scenario beside programs whose messages have other words
	cp "$(command -v chaos-scenario)" bin
	for name in chaos-fault chaos-load; do
		cat >bin/$name <<-END
			#!/usr/bin/env bash
			"$(command -v $name)" "\$@" 2>/dev/null | jq -c 'if .event == "error" then .message = "no" else . end'
			exit "\${PIPESTATUS[0]}"
		END
		chmod +x bin/$name
	done
	PATH=$SCRATCH/bin:$PATH
	run -0 chaos-scenario --check --scenario s.yaml
	cp s.yaml s.good
	sed 's/kill_node/kil_node/' s.good >s.yaml
	refuses_plan s.yaml:8:16: action "'kil_node'" "'kill_node'?"
	sed 's/kill_node/frobnicate/' s.good >s.yaml
	refuses_plan s.yaml:8:16: action "'frobnicate'" "chaos-scenario(5)"
	sed 's/redis-node-1, for: 500ms, all_down: true/[service-node-1, service-node-2], for: 500ms/' s.good >s.yaml
	refuses_plan s.yaml:8:9: "kill 'service-node-1'" "no http node up" "'all_down: true'"
	cp s.good s.yaml
	cp config.yaml good.yaml
	sed 's/path: .health/path: \/health, method: get/' good.yaml >config.yaml
	refuses_plan config.yaml:10:9: "'method':" "'get'" "'GET'?"
	sed 's/    profile: .*/    replay: none.csv/' good.yaml >config.yaml
	refuses_plan config.yaml:14:5: no
	printf '#!/bin/sh\nexit 6\n' >bin/chaos-load # it says nothing at all
	cp good.yaml config.yaml
	refuses_plan config.yaml:6:3: chaos-load "exit code 6"
}

@test "one load that is configured needs no name; a scenario may have its own, and take back a default" {
	sed -i '/^loads:/,$d; s/^load:.*/load: {audit: true}/' config.yaml
	cat > s.yaml <<-END
	loads: {only: {target: redis-node-1, key: k, audit: false}}
	phases:
	  - {duration: 1s, actions: [{type: start_load, rps: 30}]}
	END
	run chaos-scenario --scenario s.yaml --run-id r --progress none
	jq -e '.due == 30 and .ok == 30 and .audit == null' runs/r/load.json
	[ -s runs/r/samples.csv ] && [ ! -e runs/r/audit.json ]
}

@test "a load that replays a log begins and stops with its actions" {
	awk 'BEGIN { print "timestamp"; for (i = 0; i < 50; i++) printf "%.2f\n", 1700000000 + i / 25 }' >log.csv
	sed -i 's/    profile: .*/    replay: log.csv\n    speed: 2/' config.yaml
	cat > s.yaml <<-END
	phases:
	  - duration: 1500ms
	    actions:
	      - {type: start_load, load: web, rps: 20}
	      - {type: start_load, load: counter, at: 500ms}
	      - {type: stop_load, load: counter, at: 1s}
	END
	run -0 chaos-scenario --check --scenario s.yaml
	assert_line --regexp '^ +500ms +counter by its log on redis-node-1$'
	run chaos-scenario --scenario s.yaml --run-id r --progress none
	# twice as fast, 50 a second, from then on, and half of it
	jq -e '.due == 25 and .ok == 25 and .arrivals == "replay" and .ended == "stop"' runs/r/load.counter.json
	jq -e '.due == 30' runs/r/load.web.json
	run jq -s '.[0].start_t + 0.5 == .[1]' runs/r/load.counter.json <(awk -F, 'NR == 2 { print $1 }' runs/r/samples.counter.csv)
	assert_output true
	cp s.yaml good.yaml
	sed 's/load: counter, at: 500ms/load: counter, rps: 5, at: 500ms/' good.yaml >s.yaml
	refuse=(chaos-scenario --check --scenario s.yaml)
	run -2 "${refuse[@]}"
	assert_says "$output" chaos-scenario: s.yaml:5:9: "'counter'" replays log "'rps'"
	sed 's/type: stop_load/type: continue_load/' good.yaml >s.yaml
	run -2 "${refuse[@]}"
	assert_says "$output" chaos-scenario: s.yaml:6:9: continue_load: "'counter'" replays log stops
	sed -i 's/replay: log.csv/replay: none.csv/' config.yaml
	run -2 "${refuse[@]}" --scenario good.yaml
	assert_says "$output" chaos-scenario: config.yaml:14:5: replay: open "'none.csv'" "No such file or directory"
}

@test "a name is that node, whatever the load goes to" {
	sed -i '/^load:/,$d' config.yaml
	sed -i 's/, load: web//; /counter/d; /stop_load/d' s.yaml
	run -0 --separate-stderr chaos-scenario --check --scenario s.yaml
	assert_line --regexp 'load 50/s on service-node-1, service-node-2, service-node-3$'
	assert_line --regexp 'kill redis-node-1 all-down for 500ms$'
	assert_equal "$stderr" ""
	run -0 --separate-stderr chaos-scenario --check --scenario s.yaml --mode http
	assert_line --regexp 'kill service-node-1 all-down for 500ms$'
	assert_says "$stderr" chaos-scenario: http "'redis-node-1'" "'service-node-1'" number
}

@test "a load that mostly fails ends the run before anything is broken: exit 3" {
	cat > app.py <<-'END'
	import http.server, sys
	class App(http.server.BaseHTTPRequestHandler):
	    def do_GET(self):
	        self.send_response(200); self.send_header("Content-Length", "0"); self.end_headers()
	    def log_message(self, *a): pass
	http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), App).serve_forever()
	END
	cat > config.yaml <<-END
	nodes:
	  app: {url: 'http://127.0.0.1:${PORTS[0]}', process: [python3, $PWD/app.py, "${PORTS[0]}"], ready: GET /}
	END
	cat > s.yaml <<-END
	phases:
	  - {duration: 2500ms, actions: [{type: start_load, rps: 50}]} # in which something is answered
	  - {duration: 20s, actions: [{type: kill_node, target: app, for: 1s}]}
	END
	run -3 chaos-scenario --scenario s.yaml --run-id r --progress none
	assert_line --regexp "^chaos-scenario: not steady: ([0-9]+) of the first \1 requests of 'load' failed, .*501 to POST /work; nothing was broken; no load .*POST /work .*demo.* 'loads' .*chaos-config\(5\)$"
	run ! grep -q fault_requested runs/r/events.jsonl
	sed -i 's/duration: 20s/duration: 3s/' s.yaml
	run chaos-scenario --scenario s.yaml --run-id on --progress none --unsteady
	grep -q fault_injected runs/on/events.jsonl
	# with a load of its own it is steady
	printf 'loads: {app: {method: GET}}\n' >>config.yaml
	# a run of which nothing came is no reason to look for another name
	run chaos-scenario --scenario s.yaml --run-id r --progress none
	assert_line --regexp "^chaos-scenario: .*run 'r' .*replaced: nothing"
	refute_output --partial "not steady"
	grep -q fault_injected runs/r/events.jsonl
	run -2 chaos-scenario --check --scenario s.yaml --run-id r
	assert_says "$output" chaos-scenario: "'r'" exists "'runs'" --force
	run -2 chaos-scenario --check --scenario s.yaml --run-id on
	# a status that is no failure is not what failed
	sed -i '/^loads:/d' config.yaml
	printf 'loads: {app: {requests: [{path: "/?{rand 1 9}", contains: hello}]}}\n' >>config.yaml
	run -3 chaos-scenario --scenario s.yaml --run-id wrong --progress none
	assert_line --regexp "requests of 'app' failed, .*http_content \(200\) to GET /[?]\{rand 1 9\}; nothing was broken"
}

@test "a run whose nodes did not come up takes no name; what is no such run is left alone" {
	cat > config.yaml <<-END
	nodes:
	  app: {url: 'http://127.0.0.1:${PORTS[0]}', process: [sh, -c, 'echo no such option >&2; exit 1'], ready: GET /}
	END
	printf 'phases: [{duration: 1s, actions: [{type: start_load, rps: 5}]}]\n' >s.yaml
	run -6 chaos-scenario --scenario s.yaml --run-id r --progress none
	assert_line --regexp "^chaos-scenario: .* no such option; its log is '$XDG_STATE_HOME/chaos/nodes/app-[0-9a-f]+/log'$"
	cp -r runs/r runs/analysed
	touch runs/analysed/analysis.json
	cp -r runs/r runs/rows
	printf 'timestamp\n1\n' >runs/rows/samples.csv
	cp -r runs/r runs/foreign
	rm runs/foreign/manifest.json
	for id in analysed rows foreign; do
		run -2 chaos-scenario --check --scenario s.yaml --run-id "$id"
		assert_output "chaos-scenario: the run '$id' exists in 'runs'; --force replaces it"
	done
	run -6 chaos-scenario --scenario s.yaml --run-id r --progress none
	assert_line --regexp "^chaos-scenario: .*run 'r' .*replaced: nothing"
	assert_equal "$(ls -A runs)" $'analysed\nforeign\nlatest\nr\nrows'
	[ -s runs/r/verdict.json ]
}

@test "a target that accepts and never answers is not steady: exit 3, nothing is broken" {
	bg answers count hang:100000
	wait_for 5 test -s "$BG_OUT"
	cat > s.yaml <<-END
	loads: {silent: {target: 'http://127.0.0.1:$(<"$BG_OUT")', timeout: 20s}}
	phases:
	  - {duration: 3s, actions: [{type: start_load, load: silent, rps: 20}]}
	  - {duration: 9s, actions: [{type: kill_node, target: service-node-1, for: 1s, all_down: true}]}
	END
	run -3 chaos-scenario --scenario s.yaml --run-id r --progress none
	assert_line --regexp "^chaos-scenario: not steady: no request of 'silent' .*answered; nothing was broken$"
	run ! grep -q fault_requested runs/r/events.jsonl
}

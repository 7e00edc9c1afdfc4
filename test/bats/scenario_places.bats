#!/usr/bin/env bats
# chaos-scenario: a load that comes from several places, by chaos-spread.
bats_require_minimum_version 1.5.0

setup() {
	load helper
	load scenario_helper
	scratch
	cluster
	mkdir tmp
	export TMPDIR=$SCRATCH/tmp
	printf '{"n":{slot}}' >body.json
	cat >>config.yaml <<-END
	load: {timeout: 2s, pace_slack: 2s}
	loads:
	  web:
	    target: [service-node-1, service-node-2]
	    on: local:3
	    requests: [{method: POST, path: /work, weight: 3, headers: {X-A: 1}}, {path: /health}]
	  counter: {target: redis-node-1}
	END
	cat >s.yaml <<-END
	phases:
	  - duration: 1500ms
	    actions:
	      - {type: start_load, load: web, rps: 40}
	      - {type: start_load, load: counter, rps: 20}
	  - duration: 2s
	    actions:
	      - {type: continue_load, load: web, rps: 80}
	      - {type: kill_node, target: service-node-1, for: 500ms}
	END
}

teardown() { end_cluster; }

# A busy machine may have added reasons to be not sure.
fine() { [ "$1" -eq 0 ] || [ "$1" -eq 3 ]; }

@test "a load from three processes beside one from here: one clock, each slot once, the rates of the scenario" {
	# What chance gives a request is the same each time.
	run chaos-scenario --scenario s.yaml --run-id r --progress none --seed 1
	fine "$status" || fail "$output"
	tail -n +2 runs/r/samples.web.csv | cut -d , -f 9 | sort -n | cmp - <(seq 0 219)
	assert_equal "$(jq .start_t runs/r/load.web.json)" "$(jq .start_t runs/r/load.counter.json)"
	# 40 a second for 1.5 s, then 80
	tail -n +2 runs/r/samples.web.csv | awk -F , -v start="$(jq .start_t runs/r/load.web.json)" '
		{ d = $1 - start - ($9 < 60 ? $9 / 40 : 1.5 + ($9 - 60) / 80) } d * d > 4e-12 { exit 1 }'
	jq -e '.due == 220 and .rows == 220 and .errors.refused > 0 and (.shards | length) == 3
		and all(.shards[]; .summary.shard == "\(.shard)/3" and .summary.due == .rows)' runs/r/load.web.json
	jq -es 'map(select(.event == "load_rate" and .load == "web") | [.rate_rps, .reason]) == [[40, null], [80, null], [0, "stop"]]
		and (map(select(.event == "load_ready")) | length == 1 and .[0].shards == 3)' runs/r/events.jsonl
	awk -F , 'NR > 1 { n[$7]++ } END { exit !(n["POST /work"] > 2 * n["GET /health"] && n["GET /health"] > 0) }' runs/r/samples.web.csv
	jq -e '.loads | keys == ["counter", "web"]' runs/r/analysis.json
	no_loads
	assert_equal "$(ls tmp)" ""
}

@test "a stop condition, and the death of chaos-scenario, end all shards" {
	sed -i 's/^phases:/stop_conditions: ["web:error_rate > 0.2"]\n&/; s/, for: 500ms//; s/duration: 2s/duration: 60s/; s/1500ms/3s/' s.yaml
	run timeout 40 chaos-scenario --scenario s.yaml --run-id r --progress none
	assert_equal "$status" 4
	no_loads
	stopped=$(jq -s 'map(select(.event == "stop_rule"))[0].t' runs/r/events.jsonl)
	awk -F , -v stopped="$stopped" 'NR > 1 && $1 > stopped + 2 { exit 1 }' runs/r/samples.web.csv
	jq -e '.ended == "signal" and .rows == .due' runs/r/load.web.json
	chaos-scenario --scenario s.yaml --run-id k --progress none 3>&- 2>err &
	pid=$!
	wait_for 20 has_rows 20 runs/k/samples.web.csv
	# neither the loads nor what started them there have the URLs as they were handed over, nor the events
	loads=$(loads_here)
	[ -n "$loads" ]
	for load in $loads; do
		run ! grep 'memfd\|events.jsonl' <(readlink "/proc/$load/fd"/* "/proc/$(ps -o ppid= "$load" | tr -d ' ')/fd"/*)
	done
	kill -KILL $pid
	wait_for 10 no_loads
	wait_for 10 lone
	wait_for 10 no_files
}

@test "a chaos-spread that stands still is killed with all that it has started here" {
	variant brief
	cat >stuck <<-'END' # it does not end with its load
		#!/bin/sh
		trap '' HUP INT TERM
		for last; do :; done
		sh -c "$last"
		exec sleep 7777
	END
	chmod +x stuck
	sed -i 's|local:3|ssh:a --ssh ./stuck|' config.yaml
	chaos-scenario --scenario s.yaml --run-id r --progress none 3>&- 2>err &
	pid=$!
	wait_for 20 has_rows 10 runs/r/samples.web.csv
	spread=$(pgrep -P $pid -x chaos-spread)
	kill -STOP "$spread"
	kill -TERM $pid
	code=0
	wait_for 30 gone $pid || kill -KILL $pid
	wait $pid || code=$?
	assert_equal "$code" 143
	no_group() { ! pgrep -g "$spread" -r D,R,S,T; }
	wait_for 5 no_group
}

@test "--check says where a load comes from, and what cannot be" {
	run -0 chaos-scenario --check --scenario s.yaml
	assert_line --regexp '^ +0s +web 40/s on service-node-1, service-node-2, from local:3$'
	chaos-scenario --check=json --scenario s.yaml | jq -e '[.loads[].on] == ["local:3", null]'
	cp config.yaml good.yaml
	sed 's/local:3/lokal:3/' good.yaml >config.yaml
	refuses_plan "config.yaml:8:9: on:" lokal:3: "'lokal'" "'local:N'?"
	sed 's/local:3/local:3 --agian 2/' good.yaml >config.yaml
	refuses_plan "config.yaml:8:9: on:" option "'--agian'" "'--again'?"
	sed 's/local:3/local:3 --agian=2/' good.yaml >config.yaml
	refuses_plan "config.yaml:8:9: on:" option "'--agian'" "'--again'?"
	# chaos-spread would answer these and end, or run what stands there
	takes="--again, --delay, --image, --job, --kubectl, --srun, --ssh"
	for word in --help -h --version --check --completion --control --summary=x --send --on --; do
		sed "s/local:3/'local:3 $word x'/" good.yaml >config.yaml
		refuses_plan "config.yaml:8:9: on:" option "'${word%=x}'" "$takes"
		sed "s/local:3/'$word x'/" good.yaml >config.yaml
		refuses_plan "config.yaml:8:9: on:" place "'$word'"
		sed "s/local:3/'local:3 --delay $word'/" good.yaml >config.yaml
		refuses_plan "config.yaml:8:9: on:" option "'--delay'" value
	done
	sed "s/local:3/' '/" good.yaml >config.yaml
	refuses_plan "config.yaml:8:9: on:" place "''"
	sed 's/local:3/ssh:web1, web2/' good.yaml >config.yaml
	refuses_plan "config.yaml:8:9: on:" option "'web2'" "$takes"
	printf '#!/bin/sh\ntouch ran\n' >evil
	chmod +x evil
	sed "s/local:3/'local:2 -- .\/evil'/" good.yaml >config.yaml
	refuses_plan "config.yaml:8:9: on:" option "'--'" "$takes"
	[ ! -e ran ]
	sed 's/local:3/local:3 --again=2 --delay 0.5 --ssh=.\/evil/' good.yaml >config.yaml
	run -0 chaos-scenario --check --scenario s.yaml
	[ ! -e ran ]
	sed 's/local:3/[local, ssh]/' good.yaml >config.yaml
	refuses_plan config.yaml:8:9: "'on'" text ssh:web1,web2
	sed 's/local:3/ssh:web1,web2/' good.yaml >config.yaml
	CHAOS_SSH=true run -0 chaos-scenario --check --scenario s.yaml
	assert_line --regexp "load 'web': 'http://127.0.0.1:${PORTS[0]}' .*loopback .*'ssh:web1,web2'"
	# what a load asks of a node with 'via' is its proxy here
	sed "s/local:3/ssh:web1,web2/; s/target: \[.*/target: far/; /^redis_nodes/d; /counter/d" good.yaml >config.yaml
	sed '/counter/d; /kill_node/d' s.yaml >far.yaml
	printf '  spare: {target: far, on: "ssh:web3"}\n' >>config.yaml # which the scenario does not use
	printf 'nodes: {far: {url: "http://192.0.2.7:80", via: "127.0.0.1:9000"}}\n' >>config.yaml
	CHAOS_SSH=true run -0 chaos-scenario --check --scenario far.yaml
	assert_line --regexp "load 'web': '127.0.0.1:9000', .*'http://192.0.2.7:80' .*loopback .*'ssh:web1,web2'"
	assert_equal "$(grep -c 'is a loopback address' <<<"$output")" 1
	cp good.yaml config.yaml
	sed -i 's/duration: 2s/&\n    until: recovered/' s.yaml
	run -2 chaos-scenario --check --scenario s.yaml
	assert_line --regexp "load 'web' .*'local:3', .*rates .*known from the start: .*'until'"
}

@test "a place that cannot be reached: no load is sent, exit 6, everything is put back" {
	sed -i 's/local:3/ssh:nowhere/' config.yaml
	before=$(world)
	CHAOS_SSH=false run -6 chaos-scenario --scenario s.yaml --run-id r --progress none
	assert_line_says "$output" chaos-spread: "no load" "from: nowhere"
	assert_equal "$(world)" "$before"
	[ "$(wc -l <runs/r/samples.web.csv)" -eq 0 ]
	# the files that the load names go along
	sed -i "s/ssh:nowhere/local:2/; s/    requests: .*/    body: '@body.json'\n    method: POST/" config.yaml
	sed -i 's/duration: 2s/duration: 500ms/; s/, for: 500ms/, for: 100ms/' s.yaml
	run chaos-scenario --scenario s.yaml --run-id s --progress none
	fine "$status" || fail "$output"
	jq -e '.due == 100 and .ok > 0' runs/s/load.web.json
}

@test "places that end before the first request fail the run, whatever they say of it" {
	mkdir bin # chaos-scenario alone: the others come by PATH
	cp "$(command -v chaos-scenario)" bin
	cat >bin/chaos-spread <<-END
		#!/bin/sh
		case "\$*" in *--check*) exit 0 ;; esac
		while read -r line && [ "\${line% stop}" = "\$line" ]; do :; done
		exit "\$(cat "$SCRATCH/code")"
	END
	chmod +x bin/chaos-spread
	for code in 0 3; do
		echo $code >code
		run -6 bin/chaos-scenario --scenario s.yaml --run-id "r$code" --progress none
		assert_line_says "$output" chaos-scenario: chaos-spread "exit code $code" before load
		jq -e '.verdict == "failed" or .exit == 6' "runs/r$code/verdict.json"
	done
}

# Faults through the proxy before a node, without any right: 'via' in the config.
load helper
load fault_helper
load via_helper

in_less_than_300() { ask "$1" && [ "$RC" = 0 ] && [ "$TOOK" -lt 300 ]; }

@test "up starts the proxy with its nodes; a fault acts through it, and the node itself is not touched" {
	run -0 chaos-fault up
	assert_output --partial "chaos-proxy is up"
	# Toxics have whole numbers: what is no such is refused, with the nearest ones, and 2.3 s are exact.
	run -2 chaos-fault latency web by=2.5ms --for 50ms
	assert_output --partial "2ms or 3ms"
	run -2 chaos-fault bandwidth web rate=500kbit --for 50ms
	assert_output --partial "496kbit or 504kbit"
	run -0 chaos-fault latency web by=2.3s --dry-run
	assert_output --partial "latency 2300 "
	run -0 chaos-fault bandwidth web rate=0.504mbit --dry-run
	assert_output --partial "rate 63 "
	session
	say "latency web by=300ms" "refuse far"
	wait_for 20 saw fault_verified '.action == "latency" and .node == "web"'
	# Nobody is behind that one: nothing would be seen of the fault.
	wait_for 20 saw error '.node == "far"'
	assert_equal "$(toxics)" '"latency"'
	ask "$VIA"
	[ "$TOOK" -ge 300 ]
	wait_for 5 in_less_than_300 "$WEB"
	run -2 chaos-fault down chaos-proxy
	assert_output --partial "goes through 'chaos-proxy'"
	say "revert f1" "refuse web all-down"
	wait_for 20 saw fault_verified '.action == "refuse"'
	ask "$VIA"
	assert_equal "$RC" 7
	ask "$WEB"
	assert_equal "$RC" 0
	hang_up
	ended
	none
	ask "$VIA"
	assert_equal "$RC" 0
	saw reverted '.node == "web" and .action == "refuse"'
}

@test "a session restarts the proxy: that was asked for" {
	chaos-fault up web 2>/dev/null
	session
	say "restart chaos-proxy"
	wait_for 10 saw node_ready '.node == "chaos-proxy" and .action == "restart"'
	say "latency web by=100ms for 0.1s"
	wait_for 10 saw reverted '.node == "web"'
	hang_up
	ended
	assert_equal "$RC" 0
}

@test "the proxy is killed: its guard starts it again with the toxic; all three are killed: the next command puts back" {
	local old
	chaos-fault up web 2>/dev/null
	bg chaos-fault stall web --for 60s
	wait_for 20 grep -q verify "$BG_ERR"
	# Should all of us be dead, it is over by itself.
	[ "$(toxics web ttl)" = 75000 ]
	old=$(proxy_pid)
	kill -KILL "$old"
	again() { [ "$(proxy_pid)" != "$old" ] && [ "$(toxics)" = '"stall"' ]; }
	wait_for 20 again
	old=$(proxy_pid)
	killed "$BG_PID" "$(guard)" "$old"
	wait "$BG_PID" || true
	run -0 chaos-fault ls web
	assert_line_says "$output" stall web undone
	[ "$(proxy_pid)" != "$old" ]
	none
	assert_equal "$(active)" 0
}

@test "the socket of a proxy that runs is gone: its toxics are not said to be; with the proxy they are" {
	chaos-fault up web 2>/dev/null
	run -0 "$ROOT/libexec/faults/stall" describe
	local folder question
	folder=$(dirname "$(find "$XDG_STATE_HOME" -name proxy.sock)")
	question=$(jq -nc --arg proxy "$folder" --arg via "$VIA" --arg url "http://$WEB" \
		'{name: "stall", node: {name: "web", mode: "http", $via, $url, $proxy}, params: {bytes: 0}, state: {mark: "chaos_x"}}')
	"$ROOT/libexec/faults/stall" inject <<<"$question"
	assert_equal "$(toxics)" '"stall"'
	mv "$folder/proxy.sock" away
	run -1 "$ROOT/libexec/faults/stall" revert <<<"$question"
	run -75 "$ROOT/libexec/faults/stall" verify-reverted <<<"$question"
	# One that is just being started anew is waited for.
	printf '#!/bin/sh\n[ ! -e %s/away ] || { mv %s/away proxy.sock; exit 7; }\nexec %s "$@"\n' "$SCRATCH" "$SCRATCH" "$(command -v curl)" >curl
	chmod +x curl
	PATH=$PWD:$PATH run -0 "$ROOT/libexec/faults/stall" plan <<<"$question"
	mv "$folder/proxy.sock" away
	killed "$(proxy_pid)"
	reverted() { "$ROOT/libexec/faults/stall" verify-reverted <<<"$question" 2>/dev/null; }
	wait_for 5 reverted
}

@test "a load goes through the proxy, and its rows have the node's URL; a foreign service takes faults too" {
	chaos-fault up web 2>/dev/null
	chaos-load -r 50 -d 400ms -X GET "http://$WEB/health" --via "http://$WEB=$VIA" --summary sum.json >rows.csv 2>/dev/null || [ $? -eq 3 ]
	awk -F, -v url="http://$WEB" 'NR > 1 && ($2 != url || $3 != 200) { bad++ } END { exit NR < 10 || bad }' rows.csv
	(cd "$XDG_STATE_HOME"/chaos/nodes/chaos-proxy-*/cwd && curl -s --unix-socket proxy.sock http://p/metrics) >metrics
	grep '_bytes' metrics | grep '"web"' | grep -vq ' 0$'
	run -2 chaos-load -r 1 -d 1s "http://$WEB/" --via "http://127.0.0.1:1=$VIA"
	assert_says "$output" chaos-load: --via "http://127.0.0.1:1=$VIA" request
	run -2 chaos-load -r 1 -d 1s "http://$WEB/" --via "http://$WEB=18001"
	assert_output --partial "is not URL=HOST:PORT"
	# A service that somebody else runs.
	bg chaos-node --port "${PORTS[2]}" --name far
	wait_for 5 http_up "${PORTS[2]}"
	run -0 chaos-fault latency far by=300ms --for 100ms
	assert_output --partial "far: latency verify: yes"
	# Nobody is not all.
	run -2 chaos-fault partition far from=, --for 50ms
	assert_output --partial "from=,: no address"
}

@test "a scenario: a slow link is what its users saw, and what the analysis says" {
	printf 'loads: {main: {target: web}}\nanomaly_detection: {warmup_ignore_sec: 1}\n' >>config.yaml
	sed 's/duration: 20s/duration: 5s/; s/duration: 30s/&\n    until: recovered/; s/for: 10s/for: 1s/; s/by: 3500ms/by: 800ms/; s/< 2000/< 9000/; s/target: all_nodes/target: web/; s/, pick: one//; s/recovered within 5s/recovered within 3s/' \
		"$ROOT/scenarios/brown-out.yaml" >s.yaml
	chaos-scenario --scenario s.yaml --run-id s1 --progress none 2>said || [ $? -eq 3 ] || fail "$(cat said)"
	# Where this machine stood still, the normal may be as bad: then it is said that the load was no measure.
	jq -e '.faults[0].own.err == 0 and .faults[0].users != "failed"
		and ((.faults[0] | .users == "slowed" and .own.slow > 10) and (.anomaly_windows | length > 0)
			or .sensitivity.generator_unsound and .outcome == "inconclusive")' runs/s1/analysis.json ||
		fail "$(cat said; jq -c '.faults[0] | [.users, .own, .absorbed], .verdict' runs/s1/analysis.json)"
	run -0 chaos-fault ls --json
	refute_output --partial '"up"'
}

@test "--check names a replica that announces an address round its proxy" {
	cat >redis.yaml <<-END
		nodes:
		  p: {url: "redis://127.0.0.1:${PORTS[0]}", process: [redis-server, --port, "${PORTS[0]}"]}
		  r: {url: "redis://127.0.0.1:${PORTS[2]}", via: "127.0.0.1:${PORTS[3]}",
		      process: [redis-server, --port, "${PORTS[2]}", --replicaof, "127.0.0.1 ${PORTS[0]}"]}
		loads: {main: {target: [p, r]}}
	END
	echo 'phases: [{duration: 4s, actions: [{type: start_load, rps: 10}]}]' >s.yaml
	run -0 chaos-scenario --check --config redis.yaml --scenario s.yaml
	assert_line_says "$output" "'r'" proxy: "'--replica-announce-port'" not "${PORTS[3]}"
	sed -i "s/\[redis-server, --port, \"${PORTS[2]}\"/&, --replica-announce-port, \"${PORTS[3]}\"/" redis.yaml
	run -0 chaos-scenario --check --config redis.yaml --scenario s.yaml
	refute_output --partial "announces"
}

@test "without means a fault says that 'via' would do, and a wrong one is told with its place" {
	sed -i "s/, via: \"127.0.0.1:${PORTS[3]}\"//" config.yaml
	run -2 chaos-fault stall far
	assert_output --partial "via"
	run -2 chaos-fault latency far
	assert_line_says "$output" chaos-fault: "'far'" "with 'via'" proxy
	run -2 chaos-fault partition web from=
	assert_output --partial "from= has no value"
	sed 's/via: /host: h, via: /' config.yaml >there.yaml
	run -2 chaos-fault ls --config there.yaml
	assert_output --regexp "^chaos-fault: there[.]yaml:2:[0-9]+: 'via' .*this machine.* 'h'$"
	sed -i "s/$VIA/$WEB/" config.yaml
	run -2 chaos-fault ls
	assert_output --regexp "config.yaml:2:[0-9]+: '$WEB' is where the node 'web' is"
}

@test "the proxy is dead while no fault lasts: ls, a fault, doctor and up say so, and nothing blames the node" {
	chaos-fault up web 2>/dev/null
	run -0 chaos-fault doctor
	assert_output --regexp "via +yes +nodes with 'via' take faults"
	# What somebody did at the proxy itself is no fault, and is told.
	(cd "$XDG_STATE_HOME"/chaos/nodes/chaos-proxy-*/cwd
	curl -s --unix-socket proxy.sock http://p/proxies/web/toxics -d '{"type": "latency", "attributes": {"latency": 1}}')
	chaos-fault ls --json web | jq -e '.proxy == "has toxics that no fault added: latency_downstream"'
	killed "$(proxy_pid)"
	run -0 chaos-fault ls
	assert_output --regexp "web .* up; its proxy has ended "
	run -2 chaos-fault kill web --all-down
	assert_line_says "$output" "'web'" proxy "$VIA" ended "'chaos-fault restart chaos-proxy'"
	run chaos-fault doctor
	assert_line --regexp "via +no +.*proxy .*ended: 'chaos-fault restart chaos-proxy'"
	run -0 chaos-fault up
	assert_output --partial "chaos-proxy is up"
	# The config has changed since: what the proxy does not know goes nowhere.
	sed -i '/far:/d' config.yaml
	run -0 chaos-fault ls
	assert_line_says "$output" proxy "earlier config"
	run -2 chaos-fault up
	assert_line_says "$output" "'chaos-fault restart chaos-proxy'"
	# Nobody has 'via' any more: it is seen, and goes with the rest.
	sed -i "s/via: \"$VIA\", //" config.yaml
	run -0 chaos-fault ls
	assert_line --regexp "'chaos-proxy' \(process [0-9]+\) .*runs, .*no node .*'via'"
	run -0 chaos-fault down
	assert_output --partial "chaos-proxy is down"
	! chaos-fault ls --json 2>&1 | grep chaos-proxy
}

#!/usr/bin/env bats
# The proxy of a config when something is wrong with it, or with who shares it.
bats_require_minimum_version 1.5.0

load ../bats/helper
load ../bats/fault_helper
load ../bats/via_helper

@test "a proxy whose record is damaged: its guard starts it again with the fault; a dead one is not taken for undone" {
	local old record
	chaos-fault up web 2>/dev/null
	bg chaos-fault stall web --for 60s
	wait_for 20 grep -q verify "$BG_ERR"
	old=$(proxy_pid)
	record=$(find "$XDG_STATE_HOME" -path '*chaos-proxy-*/process.json')
	echo '{"torn' >"$record"
	question=$(jq -nc --arg proxy "${record%/*}/cwd" --arg via "$VIA" --arg url "http://$WEB" \
		'{name: "stall", node: {name: "web", mode: "http", $via, $url, $proxy}, params: {bytes: 0}, state: {mark: "chaos_x"}}')
	mv "${record%/*}/cwd/proxy.sock" away
	run -75 "$ROOT/libexec/faults/stall" verify-reverted <<<"$question"
	mv away "${record%/*}/cwd/proxy.sock"
	kill -KILL "$old"
	again() { [ "$(proxy_pid)" != "$old" ] && [ "$(toxics)" = '"stall"' ]; }
	wait_for 20 again
	kill -INT "$BG_PID"
	wait "$BG_PID" || true
	none
}

@test "two configs with one proxy's address: the second is refused, at its first and at a later one" {
	local via code proxy
	chaos-fault up 2>/dev/null
	proxy=$(proxy_pid)
	for via in "${PORTS[1]}" "${PORTS[3]}"; do
		mkdir -p other
		cat >other/config.yaml <<-END
			nodes:
			  a: {url: "http://127.0.0.1:1", via: "127.0.0.1:${PORTS[4]}"}
			  b: {url: "http://127.0.0.1:${PORTS[2]}", via: "127.0.0.1:$via"}
		END
		[ "$via" != "${PORTS[1]}" ] || sed -i '/ a: /d' other/config.yaml
		code=2
		[ "$via" = "${PORTS[1]}" ] || code=6
		run "-$code" chaos-fault up --config other/config.yaml
		assert_output --partial "$via"
		[ "$(proxy_pid)" = "$proxy" ]
		ask "$VIA"
		assert_equal "$RC" 0
	done
}

@test "a proxy that dies while a scenario runs and no fault lasts: started again, and the run is inconclusive by name" {
	local brought
	sed -i 's/far:/other:/' config.yaml
	printf 'loads: {main: {target: web, requests: [{path: /health}]}}\n' >>config.yaml
	echo 'phases: [{duration: 20s, actions: [{type: start_load, rps: 20}]}]' >s.yaml
	for brought in run user; do
		[ $brought = run ] || chaos-fault up web 2>/dev/null
		bg chaos-scenario --scenario s.yaml --run-id $brought --progress none
		loaded() { [ "$(wc -l <runs/$brought/samples.csv)" -gt 10 ]; }
		wait_for 20 loaded 2>/dev/null
		kill -KILL "$(proxy_pid)"
		RC=0
		wait "$BG_PID" || RC=$?
		assert_equal "$RC" 3
		jq -e '.verdict == "inconclusive" and (.line | contains("the proxy before '"'web', 'other'"' ended"))' runs/$brought/verdict.json
	done
	chaos-fault down 2>/dev/null
}

@test "a session starts a dead proxy again that nobody brought up for it, and ends with 3" {
	local old
	chaos-fault up web 2>/dev/null
	session
	old=$(proxy_pid)
	kill -KILL "$old"
	wait_for 20 saw node_ready '.node == "chaos-proxy"'
	[ "$(proxy_pid)" != "$old" ]
	saw error '.node == "chaos-proxy" and .code == 3' >/dev/null
	say "stall web"
	wait_for 20 saw fault_verified
	hang_up
	ended
	assert_equal "$RC" 3
	none
}

@test "two scenarios at once whose nodes share the proxy: the second is refused" {
	sed -i '/far:/d' config.yaml
	cat >>config.yaml <<-END
		  db: {url: "redis://127.0.0.1:${PORTS[2]}", via: "127.0.0.1:${PORTS[3]}", process: [redis-server, --port, "${PORTS[2]}", --save, ""]}
	END
	echo 'phases: [{duration: 20s, actions: [{type: start_load, target: web, rps: 5}]}]' >s.yaml
	echo 'phases: [{duration: 2s, actions: [{type: start_load, target: db, rps: 5}]}]' >t.yaml
	bg chaos-scenario --mode http --scenario s.yaml --run-id one --progress none
	wait_for 20 test -s runs/one/samples.csv
	run -2 chaos-scenario --mode redis --scenario t.yaml --run-id two
	assert_output --partial "another run, 'one', is using these nodes"
	kill -INT "$BG_PID"
	wait "$BG_PID" || true
}

@test "partition from=ADDRESS: those that come to the proxy from there alone; from here in general it is refused" {
	by() { curl -s -o /dev/null --max-time 2 --interface "$1" "http://$VIA/health"; }
	chaos-fault up web 2>/dev/null
	for from in localhost 127.0.0.1/32 127.0.0.0/8 0.0.0.0/0 192.0.2.1,0.0.0.0/1 0:0:0:0:0:0:0:1 ::/64; do
		run -2 chaos-fault partition web "from=$from"
		assert_line_says "$output" chaos-fault: machine
	done
	for from in no-such-host.invalid 999.1.1.1 192.0.2.0/33 192.0.2.0/ 192.0.2.0/x 192.0.2.0/24/24; do
		run -2 chaos-fault partition web "from=$from"
		assert_output --partial "no address"
	done
	bg chaos-fault partition web from=127.0.0.2,192.0.2.0/24
	wait_for 20 grep -q verify "$BG_ERR"
	run -28 by 127.0.0.2
	by 127.0.0.3
	ask "$VIA"
	assert_equal "$RC" 0
	kill -INT "$BG_PID"
	wait "$BG_PID" || true
	by 127.0.0.2
}

#!/usr/bin/env bats
# The scenarios that come with the toolkit, in short: what they expect is missed by a system without the remedy, and held
# by one with it.
bats_require_minimum_version 1.5.0

setup() {
	load ../bats/helper
	load ../bats/scenario_helper
	scratch
}

teardown() {
	local dir
	end_bg
	for dir in bare front; do
		[ ! -e $dir ] || chaos-fault --config $dir/config.yaml down >/dev/null 2>&1 || true
	done
}

# system NAME TARGET: three servers in folder NAME, and a balancer that sees who is down and asks another one in time.
system() {
	free_ports 4
	mkdir -p "$1"
	cat > "$1/config.yaml" <<-END
	http_nodes: [http://127.0.0.1:${PORTS[0]}, http://127.0.0.1:${PORTS[1]}, http://127.0.0.1:${PORTS[2]}]
	anomaly_detection: {warmup_ignore_sec: 1}
	nodes:
	$(for i in 1 2 3; do
		echo "  web-$i: {url: 'http://127.0.0.1:${PORTS[i - 1]}', process: [chaos-node, --port, '${PORTS[i - 1]}'], ready: GET /health}"
	done)
	  front: {url: 'http://127.0.0.1:${PORTS[3]}', process: [haproxy, -f, $PWD/$1/haproxy.cfg], ready: GET /health, needs: [web-1, web-2, web-3]}
	loads: {main: {target: $2, timeout: 2s, pace_slack: 500ms}}
	END
	cat > "$1/haproxy.cfg" <<-END
	defaults
	  mode http
	  timeout connect 200ms
	  timeout client 5s
	  timeout server 300ms
	  option redispatch 1
	  retries 2
	  retry-on conn-failure empty-response response-timeout
	frontend front
	  bind 127.0.0.1:${PORTS[3]}
	  default_backend webs
	backend webs
	  option httpchk GET /health
	  default-server check inter 200ms fall 1 rise 1
	$(for i in 1 2 3; do echo "  server web-$i 127.0.0.1:${PORTS[i - 1]}"; done)
	END
}

# both SCENARIO: without and with the remedy, at once.
both() {
	local dir
	sed 's/duration: 20s/duration: 4s/; s/duration: 30s/duration: 7s/; s/duration: 60s/duration: 12s/
		s/for: 5s/for: 1s/; s/every: 15s/every: 2s/' "$ROOT/scenarios/$1.yaml" >"$1.yaml"
	for dir in bare front; do
		(chaos-scenario --config $dir/config.yaml --scenario "$1.yaml" --run-id "$1-$dir" --seed 3 --progress none \
			>"$1-$dir.log" 2>&1 3>&-) &
		BG_PIDS+=($!)
	done
	for dir in "${BG_PIDS[@]}"; do wait "$dir" || true; done
	BG_PIDS=()
	jq -c '[.verdict, .line]' "runs/$1-bare/verdict.json" "runs/$1-front/verdict.json"
	jq -e '.verdict == "missed"' "runs/$1-bare/verdict.json"
	jq -e '.verdict == "held" and (.faults | length) > 0' "runs/$1-front/verdict.json"
}

@test "servers that die, hang and restart: missed without a balancer, held behind it" {
	system bare all_nodes
	system front front
	both kill-one
	both pause-one
	both restarts
}

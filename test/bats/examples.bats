# The examples, as they stand but for ports and shorter phases.
load helper

setup() {
	scratch
}

teardown() {
	end_bg
	(cd "$SCRATCH/example" && chaos-fault down) >/dev/null 2>&1 3>&- || true
}

# example NAME PORT…: a copy in example/, whose ports are free ones and whose phases are short.
example() {
	local name=$1 port i=0
	cp -r "$ROOT/examples/$name" example
	shift
	free_ports $#
	for port; do
		sed -i "s/\b$port\b/${PORTS[i++]}/g" example/*
	done
	sed -i 's/duration_sec: .*/duration_sec: 3/; 0,/duration_sec: 3/s//duration_sec: 4/; s/for: [0-9]*s/for: 2s/' \
		example/scenario.yaml
	echo 'anomaly_detection: {warmup_ignore_sec: 1}' >>example/config.yaml
}

# beside WORDS…: another client at 50/s beside the run, from its first phase on: WORDS of client.py, from the seconds on; its log is client.csv.
beside() {
	bg bash -c 'until grep -qs phase_start runs/e1/events.jsonl; do sleep 0.02; done
		exec "$ROOT/test/support/client.py" 50 "$@" >client.csv' - "$@"
}

# outage FILTER: OUTAGE is the longest time between two successes that ended after the fault began, as the client saw it.
outage() {
	wait "${BG_PIDS[@]}"
	OUTAGE=$(awk -F, -v from="$(jq "[.faults[] | select($1)][0].requested_epoch_s" runs/e1/analysis.json)" '
		$3 == "ok" { if (last && $2 > from && $2 - last > gap) gap = $2 - last; last = $2 } END { print gap + 0 }' client.csv)
}

# run_example: the one command that the README names. On a busy machine the generator may have been the limit (3).
run_example() {
	chaos-scenario --config example/config.yaml --scenario example/scenario.yaml --run-id e1 2>said ||
		[ $? -eq 3 ] || fail "$(cat said)"
}

@test "shop: a backend dies behind haproxy, the cache dies, the cache hangs; both loads have their figures" {
	example shop 8090 8091 8092 6390
	beside 14 2 'INCR other' '' "redis://127.0.0.1:${PORTS[3]}"
	run_example
	jq -e '.faults | map([.action, .node]) == [["kill", "app-1"], ["kill", "cache"], ["pause", "cache"]]' runs/e1/analysis.json
	[ "$(ls runs/e1/samples.*.csv | wc -l)" -eq 2 ]
	# haproxy hides the dead backend: far fewer of the shop's requests fail than went to it.
	jq -e '.loads.shop.faults[0].own | .due > 30 and .err * 5 < .due' runs/e1/analysis.json
	# What the counter's users saw of a dead cache, and what the shop's saw of a dead backend.
	awk -F, 'NR > 1 && $5 != "" { n++ } END { exit n < 5 }' runs/e1/samples.counter.csv
	awk -F, 'NR > 1 { n[$7]++ } END { exit !(n["GET /"] > n["GET /items"] && n["GET /items"] > n["POST /cart"] && n["POST /cart"] > 0) }' \
		runs/e1/samples.shop.csv
	# The cache was dark for another client as long as it was for ours, to one window.
	outage '.node == "cache"'
	jq -e --argjson theirs "$OUTAGE" \
		'.loads.counter.faults[1:] | map(.blackout_s) | max - $theirs | fabs < 1' runs/e1/analysis.json
	# What the cache wrote, before the kill and after.
	[ "$(grep -c 'Ready to accept' runs/e1/logs/cache.log)" -eq 2 ]
	run -0 chaos-fault --config example/config.yaml ls
	refute_output --partial ' up '
}

@test "etcd: the leader of three dies; nothing is written until there is another, and the title says how long" {
	example etcd 2391 2392 2393 2394 2395 2396
	beside 7 2 POST '{"key":"Yg==","value":"Yg=="}' "http://127.0.0.1:${PORTS[1]}/v3/kv/put" "http://127.0.0.1:${PORTS[2]}/v3/kv/put"
	run_example
	outage true
	jq -c --argjson theirs "$OUTAGE" '[$theirs, .faults, .not_judged]' runs/e1/analysis.json
	jq -e --argjson theirs "$OUTAGE" '.faults | map([.action, .node]) == [["kill", "etcd-1"]] and
		.[0].blackout_s > 0.3 and (.[0].blackout_s - $theirs | fabs < 1)' runs/e1/analysis.json
	# An election may take less than the second from which on a title tells of it.
	grep -q "killed etcd-1" runs/e1/throughput.gp
	jq -e '.faults[0].blackout_s < 1' runs/e1/analysis.json || grep -q "killed etcd-1 .* [0-9.]* s without a success" runs/e1/throughput.gp
	# each of the writes that were acknowledged is there, by both members, and what is there was written
	jq -e --argjson ok "$(jq .ok runs/e1/load.json)" '.verdict == "none" and .acknowledged == $ok and .lost == 0 and .phantom == 0 and
		(.windows | map(.acknowledged > 0)) == [true, true, false, true] and .quiet.how[:7] == "2 nodes"' runs/e1/audit.json
	jq -e '.line | test(", 0 of [0-9]+ acknowledged writes lost")' runs/e1/verdict.json
}

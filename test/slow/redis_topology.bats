#!/usr/bin/env bats
# The Redis examples in short: who failed, where, and what went on meanwhile.
bats_require_minimum_version 1.5.0

setup() {
	load ../bats/helper
	scratch
}

teardown() {
	end_bg
	(cd "$SCRATCH/example" && chaos-fault down) >/dev/null 2>&1 3>&- || true
}

# example_of NAME SCENARIO PORT…: a copy on free ports, its phases and faults shorter. A phase is still longer than a fault and the
# 11 s in which sentinels make a replica of a primary that is back: before, two nodes say they are one.
example_of() {
	local port i=0 name=$1 scenario=$2
	cp -r "$ROOT/examples/$name" example
	shift 2
	free_ports $#
	for port; do sed -i "s/\b$port\b/${PORTS[i++]}/g" example/*; done
	sed -i 's/duration_sec: .*/duration_sec: 20/; 0,/duration_sec: 20/s//duration_sec: 8/; s/for: [0-9]*s/for: 5s/' "example/$scenario.yaml"
	echo 'anomaly_detection: {warmup_ignore_sec: 1}' >>example/config.yaml
}

# example NAME[/SCENARIO] PORT…: runs such a copy; its run is e1.
example() {
	local scenario=scenario
	[ "${1%/*}" = "$1" ] || scenario=${1#*/}
	example_of "${1%/*}" "$scenario" "${@:2}"
	chaos-scenario --config example/config.yaml --scenario "example/$scenario.yaml" --run-id e1 2>said || [ $? -eq 3 ] || fail "$(cat said)"
}

# failures: for who reads why a test failed: how many rows failed, by verb and node, and what the run was.
failures() {
	cat said
	jq -c '.faults[] | {action, node, affected, recovered_s}' runs/e1/analysis.json
	awk -F, 'NR > 1 && $5 != "" { split($7, verb, "%20"); n[verb[1] " " $2]++ } END { for (k in n) print n[k], k }' runs/e1/samples.csv
}

# audited: what the audit found is what the run says in the end.
audited() {
	jq -e '.acknowledged > 500 and .verdict != "undecidable" and .in_doubt == 0' runs/e1/audit.json
	jq -e --argjson lost "$(jq .lost runs/e1/audit.json)" '.lost_writes == $lost and
		(.line | test(", [0-9,]+ of [0-9,]+ acknowledged writes lost"))' runs/e1/verdict.json || fail "$(jq -r .line runs/e1/verdict.json)"
}

# writers: how often somebody else began to get the writes.
writers() { awk -F, '$7 ~ /^(AUDIT|INCR)/ && $5 == "" { print $9, $2 }' runs/e1/samples.csv | sort -n | uniq -f 1 | wc -l; }

# line PATTERN: in the one line of the run.
line() { jq -e --arg pattern "$1" '.line | test($pattern)' runs/e1/verdict.json || fail "$(jq -r .line runs/e1/verdict.json)"; }

# Nothing but the broken ones failed, but for clients that a promotion hangs up on; and each slot has one row.
spared() {
	local whole broken
	broken=$(jq -r '[.faults[].url] | join("|")' runs/e1/analysis.json)
	[ "$(awk -F, -v broken="^($broken)\$" 'NR > 1 && $5 != "" && $5 !~ /^(closed|reset)$/ && $2 !~ broken' runs/e1/samples.csv | wc -l)" -eq 0 ]
	whole=$(awk -F, 'NR > 1' runs/e1/samples.csv | wc -l)
	[ "$(awk -F, 'NR > 1 { print $9 }' runs/e1/samples.csv | sort -nu | wc -l)" -eq "$whole" ]
}

@test "sentinels: the primary dies, or hangs; replicas answer reads throughout, another gets the writes, and the line says how long none did" {
	local scenario
	for scenario in scenario pause; do
		rm -rf runs example
		example "redis-sentinel/$scenario" 6391 6392 6393 26391 26392 26393
		failures
		jq -e '.faults | map(.node) == ["primary"] and all(.recovered_s)' runs/e1/analysis.json
		[ "$(writers)" -eq 2 ]
		audited
		spared
		line '^(killed|paused) primary at .* s without writes, (reads served throughout|[0-9.]+ % of reads failed), .* of [0-9,]+ acknowledged writes lost'
	done
}

@test "sentinels: a replica dies; writes go on, and none is lost" {
	example redis-sentinel/replica 6391 6392 6393 26391 26392 26393
	failures
	jq -e '.faults | map([.action, .node]) == [["kill", "replica-1"]]' runs/e1/analysis.json
	[ "$(writers)" -eq 1 ]
	audited
	spared
	jq -e '.lost == 0' runs/e1/audit.json
	run ! grep -q 'without writes' <(jq -r .line runs/e1/verdict.json)
}

@test "the price of safety: four settings, a row each, and a primary that dies loses nothing" {
	example_of redis-sentinel scenario 6391 6392 6393 26391 26392 26393
	example/price >price.csv
	cat price.csv
	run -0 cut -d, -f1 price.csv
	assert_output $'setting\nnone\nWAIT 1\nmin-replicas-to-write 1\nappendfsync always'
	awk -F, 'NR > 1 && !($2 > 100 && $3 > 0 && $4 > 0.5 && $5 > 500 && $6 == "0") { exit 1 }' price.csv
	run -2 example/price none
	assert_says "$output" price: "'none.yaml'"
}

@test "sentinels: one is told to fail over, and the run tells what that cost" {
	example redis-sentinel/failover 6391 6392 6393 26391 26392 26393
	failures
	jq -e '.faults | map([.action, .node, .healed_s != null]) == [["redis-failover", "primary", true]]' runs/e1/analysis.json
	# it is confirmed when the sentinel names another one, long before the old one is a replica
	jq -e '.faults[0] | .injected_s - .requested_s < .healed_s' runs/e1/analysis.json
	line '^failed over primary at .* of [0-9,]+ acknowledged writes lost'
	[ "$(writers)" -eq 2 ]
	audited
	jq -e '.windows[0].lost == 0 and .windows[2].acknowledged > 0' runs/e1/audit.json
}

@test "sentinels: a primary that is cut off lives on; another gets the writes" {
	nft list tables >/dev/null 2>&1 || cannot "packets cannot be dropped here"
	example redis-sentinel/cut-off 6391 6392 6393 26391 26392 26393
	failures
	jq -e '.faults | map([.action, .node]) == [["blackhole", "primary"]]' runs/e1/analysis.json
	line '^blackholed primary at .* s without writes, (reads served throughout|[0-9.]+ % of reads failed), .* of [0-9,]+ acknowledged writes lost'
	[ "$(writers)" -eq 2 ]
	audited
}

@test "a cluster: of three shards one loses its primary, and only its slots fail" {
	example redis-cluster 7391 7392 7393 7394 7395 7396 17391 17392 17393 17394 17395 17396
	failures
	jq -e '.faults | map([.action, .node, .recovered_s != null]) == [["kill", "redis-1", true]]' runs/e1/analysis.json
	audited
	[ "$(awk -F, -v dead=":${PORTS[0]}\$" 'NR > 1 && $5 != "" && $5 !~ /^(closed|reset)$/ && $2 !~ dead' runs/e1/samples.csv | wc -l)" -eq 0 ]
	awk -F, 'NR > 1 { all++ } NR > 1 && $5 != "" { bad++ } END { exit !(bad > 5 && bad * 3 < all) }' runs/e1/samples.csv
	[ "$(awk -F, '$7 ~ /^INCR/ && $5 == "" { print $2 }' runs/e1/samples.csv | sort -u | wc -l)" -eq 4 ]
	line '^killed redis-1 at .* of [0-9,]+ acknowledged writes lost'
	# The next run finds the cluster as the first left it, and begins when that takes requests again.
	chaos-scenario --config example/config.yaml --scenario example/scenario.yaml --run-id e2 2>said || [ $? -eq 3 ] || fail "$(cat said)"
	jq -se 'all(.[]; .unsteady != true)' runs/e2/events.jsonl || fail "$(cat said)"
	jq -e '.faults | map([.action, .node]) == [["kill", "redis-4"]]' runs/e2/analysis.json
}

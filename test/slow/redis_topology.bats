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

# example NAME PORT…: runs a copy on free ports, its phases and faults shorter; its run is e1.
example() {
	local port i=0
	cp -r "$ROOT/examples/$1" example
	shift
	free_ports $#
	for port; do sed -i "s/\b$port\b/${PORTS[i++]}/g" example/*; done
	sed -i 's/duration_sec: .*/duration_sec: 14/; 0,/duration_sec: 14/s//duration_sec: 4/; s/for: [0-9]*s/for: 5s/' example/scenario.yaml
	echo 'anomaly_detection: {warmup_ignore_sec: 1}' >>example/config.yaml
	chaos-scenario --config example/config.yaml --scenario example/scenario.yaml --run-id e1 2>said || [ $? -eq 3 ] || fail "$(cat said)"
}

# failures: how many rows failed, by verb and node.
failures() {
	awk -F, 'NR > 1 && $5 != "" { split($7, verb, "%20"); n[verb[1] " " $2]++ } END { for (k in n) print n[k], k }' runs/e1/samples.csv
}

@test "sentinels: the primary dies, then the next one hangs; the others go on, and each time another gets the writes" {
	example redis-sentinel 6391 6392 6393 26391 26392 26393
	failures
	jq -e '.faults | map(.action) == ["kill", "pause"] and (map(.node) | unique | length) == 2 and
		.[0].node == "primary" and all(.recovered_s)' runs/e1/analysis.json
	# Three nodes have written, and nothing but the broken ones failed (but for clients that a promotion hangs up on).
	[ "$(awk -F, '$7 ~ /^INCR/ && $5 == "" { print $2 }' runs/e1/samples.csv | sort -u | wc -l)" -ge 3 ]
	local whole broken
	broken=$(jq -r '[.faults[].url] | join("|")' runs/e1/analysis.json)
	[ "$(awk -F, -v broken="^($broken)\$" 'NR > 1 && $5 != "" && $5 !~ /^(closed|reset)$/ && $2 !~ broken' runs/e1/samples.csv | wc -l)" -eq 0 ]
	whole=$(awk -F, 'NR > 1' runs/e1/samples.csv | wc -l)
	[ "$(awk -F, 'NR > 1 { print $9 }' runs/e1/samples.csv | sort -nu | wc -l)" -eq "$whole" ]
}

@test "a cluster: of three shards one loses its primary, and only its slots fail" {
	example redis-cluster 7391 7392 7393 7394 7395 7396 17391 17392 17393 17394 17395 17396
	failures
	jq -e '.faults | map([.action, .node, .recovered_s != null]) == [["kill", "redis-1", true]]' runs/e1/analysis.json
	[ "$(awk -F, -v dead=":${PORTS[0]}\$" 'NR > 1 && $5 != "" && $5 !~ /^(closed|reset)$/ && $2 !~ dead' runs/e1/samples.csv | wc -l)" -eq 0 ]
	awk -F, 'NR > 1 { all++ } NR > 1 && $5 != "" { bad++ } END { exit !(bad > 5 && bad * 3 < all) }' runs/e1/samples.csv
	[ "$(awk -F, '$7 ~ /^INCR/ && $5 == "" { print $2 }' runs/e1/samples.csv | sort -u | wc -l)" -eq 4 ]
}

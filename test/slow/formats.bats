#!/usr/bin/env bats
# What chaos-to writes, read by the programs that it is written for.
bats_require_minimum_version 1.5.0

setup() {
	load ../bats/helper
	scratch
	samples=$ROOT/test/golden/formats/load.samples.csv
	chaos-analyze --warmup-ignore-sec 0 --fail-on 'recovery_time_sec > 2' --fail-on 'error_rate > 0.5' "$samples" >a.json 2>err || [ $? -eq 1 ]
	chaos-analyze --windows --warmup-ignore-sec 0 <"$samples" >w.jsonl
}

teardown() {
	end_bg
}

# sum KEY: over all windows.
sum() { jq -s "map(select(.type == \"window\") | .$1) | add" w.jsonl; }

@test "Prometheus: promtool takes the analysis and the text file, and makes blocks of windows that hold the same" {
	command -v promtool >/dev/null || skip "no promtool"
	chaos-to openmetrics --name x a.json | promtool check metrics
	chaos-to openmetrics --textfile now.prom <w.jsonl
	promtool check metrics <now.prom
	chaos-to openmetrics w.jsonl >om
	promtool tsdb create-blocks-from openmetrics om blocks
	mkdir blocks/wal
	promtool tsdb dump blocks >dump
	assert_equal "$(awk '/"chaos_window_due"/ { n++; due += $(NF - 1) } /"chaos_window_errors"/ { err += $(NF - 1) }
		END { print n, due, err }' dump)" "16 $(sum due) $(sum err)"
}

@test "InfluxDB: it takes windows and events, and answers with the same" {
	command -v influxd >/dev/null || skip "no influxd"
	free_ports 2
	cat >influx.conf <<-END
		bind-address = "127.0.0.1:${PORTS[0]}"
		reporting-disabled = true
		[meta]
		dir = "$SCRATCH/meta"
		[data]
		dir = "$SCRATCH/data"
		wal-dir = "$SCRATCH/wal"
		[http]
		bind-address = "127.0.0.1:${PORTS[1]}"
	END
	bg influxd -config influx.conf
	at=http://127.0.0.1:${PORTS[1]}
	wait_for 60 curl -sf -o /dev/null "$at/ping"
	curl -sf -o /dev/null -d 'q=CREATE DATABASE chaos' "$at/query"
	chaos-to influx --name 'a run, of "two"' w.jsonl >line
	printf '%s\n' '{"t":1795784728.001234,"event":"fault_injected","fault":"f\"1\\","action":"kill","node":"a b,c=d"}' | chaos-to influx >>line
	curl -s -w '%{http_code}\n' --data-binary @line "$at/write?db=chaos&precision=ns" >out
	assert_equal "$(cat out)" 204
	query() { curl -s -G "$at/query" --data-urlencode db=chaos --data-urlencode "q=$1" | jq -c '.results[0].series[0].values'; }
	assert_equal "$(query 'SELECT count(due), sum(due), sum(err) FROM chaos_window' | jq -c '.[0][1:]')" "[16,$(sum due),$(sum err)]"
	assert_equal "$(query "SELECT fault FROM chaos_event WHERE node = 'a b,c=d'" | jq -c '.[0]')" \
		'["2026-11-27T13:05:28.001234Z","f\"1\\"]'
	assert_equal "$(query 'SHOW TAG VALUES WITH KEY = run' | jq -c '.[0][1]')" '"a run, of \"two\""'
}

@test "packages of npm: HdrHistogram's reads its log and has its percentiles, GitHub's prints its annotations, JUnit is parsed" {
	command -v node npm >/dev/null || skip "no node, no npm"
	npm install --silent --no-audit --no-fund --prefix js hdr-histogram-js@3 @actions/core@1 junit2json@3 >npm.log 2>&1 ||
		skip "npm cannot install: $(tail -n 1 npm.log)"
	local kind
	for kind in junit github; do chaos-to $kind --name 'r,1:50%' a.json >$kind; done
	for kind in hlog hgrm; do chaos-to $kind "$samples" >$kind; done
	run -0 node "$ROOT/test/support/formats.js" js "$samples" hlog hgrm junit github
	assert_output - <<-END
		hlog 16 $(jq .run_summary.ok a.json) true
		hgrm true
		github true
		github true
		junit 6 6 1
	END
}

@test "JMeter: its own reader finds each sample of the log, and the failures" {
	command -v jmeter javac >/dev/null || skip "no jmeter, no javac"
	chaos-to jtl "$samples" >s.jtl
	run -0 --separate-stderr java -cp '/usr/share/jmeter/lib/ext/*:/usr/share/jmeter/lib/*:/usr/share/java/*' "$ROOT/test/support/Jtl.java" "$SCRATCH/s.jtl"
	assert_equal "${lines[-1]}" "$(jq -r '.run_summary | "\(.due) \(.err)"' a.json) $(awk -F, 'NR > 1 { s += $2 } END { print s }' s.jtl)"
}

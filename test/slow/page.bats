#!/usr/bin/env bats
# The pages of chaos-report in a browser.
bats_require_minimum_version 1.5.0

setup() {
	load ../bats/helper
	scratch
	CHROMIUM=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || skip "no chromium"
	export CHROMIUM
	command -v node npm >/dev/null || skip "no node, no npm"
	npm install --silent --no-audit --no-fund --prefix js puppeteer-core@24 axe-core@4 html-validate@10 >npm.log 2>&1 ||
		skip "npm cannot install: $(tail -n 1 npm.log)"
}

# run_of ID SECONDS RPS FAULTS [DEAD]: a run of three nodes; a fault each 8 s.
run_of() {
	mkdir -p "runs/$1/logs"
	awk -v dur="$2" -v rps="$3" -v k0="$([ "$4" -gt 0 ] && echo 10 || echo 999)" -v k1=18 -v dead="${5:-0}" \
		-f "$ROOT/test/golden/plot/samples.awk" >"runs/$1/samples.csv"
	awk -v n="$4" -v at=10 -v length_s=6 -v gap=2 -f "$ROOT/test/golden/plot/events.awk" >"runs/$1/events.jsonl"
	echo '<script>alert(1)</script> listens' >"runs/$1/logs/n.log"
}

@test "light, dark, narrow and on paper: nothing overlaps, is cut, is said or asked for; axe and html-validate find nothing" {
	local id
	run_of normal 25 50 0
	run_of one 25 50 1
	run_of outage 25 50 1 1
	run_of ten 100 60 10
	run_of million 1000 1000 1
	mkdir -p runs/loads
	for id in one normal; do cp runs/$id/samples.csv runs/loads/samples.$id.csv; done
	cp runs/one/events.jsonl runs/loads
	# of several loads the panels are low; a generator that was the limit, and lost writes, have words of their own
	run_of weak 25 50 1
	awk -F, -v OFS=, 'NR > 1 && $9 >= 1000 && $9 < 1050 { $3 = ""; $5 = "not_sent" } 1' runs/one/samples.csv >runs/weak/samples.csv
	echo '{"schema":"chaos-audit/1","acknowledged":19000,"lost":1012,"lost_spans":[{"first_t":1766500009.25,"last_t":1766500010.25,"lost":1011},
		{"first_t":1766500015.25,"last_t":1766500015.25,"lost":1}]}' >runs/weak/audit.json
	echo '{"schema":"chaos-load/1","p99_pacing_ms":0.4,"peak_inflight":1031,"start_t":1766500000.25,"duration_s":25}' >runs/weak/load.json
	mkdir -p runs/six
	for id in 1 2 3 4 5 6; do cp runs/one/samples.csv runs/six/samples.load-$id.csv; done
	cp runs/one/events.jsonl runs/six
	for id in normal one outage ten million loads weak six; do chaos-report --run-id $id >$id.html 2>>err; done
	chaos-report --run-id one --baseline-id normal >compare.html 2>>err
	chaos-report normal one outage ten >trend.html 2>>err
	run -0 node "$ROOT/test/support/page.js" js ./*.html
	assert_output ''
	run -0 js/node_modules/.bin/html-validate ./*.html
	# a million requests, three pictures, and all values of the analysis
	assert_equal "$(grep -c '<svg ' million.html)" 3
	[ "$(wc -c <million.html)" -le 330000 ]
}

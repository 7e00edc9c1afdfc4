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
	run_of normal 25 50 0
	run_of one 25 50 1
	run_of outage 25 50 1 1
	run_of ten 100 60 10
	run_of million 1000 1000 1
	mkdir -p runs/loads
	for id in one normal; do cp runs/$id/samples.csv runs/loads/samples.$id.csv; done
	cp runs/one/events.jsonl runs/loads
	local id
	for id in normal one outage ten million loads; do chaos-report --run-id $id >$id.html 2>>err; done
	chaos-report --run-id one --baseline-id normal >compare.html 2>>err
	chaos-report normal one outage ten >trend.html 2>>err
	run -0 node "$ROOT/test/support/page.js" js ./*.html
	assert_output ''
	run -0 js/node_modules/.bin/html-validate ./*.html
	# a million requests, three pictures, and all values of the analysis
	assert_equal "$(grep -c '<svg ' million.html)" 3
	[ "$(wc -c <million.html)" -le 330000 ]
}

# The examples, as they stand but for ports and shorter phases.
load helper

setup() {
	scratch
}

teardown() {
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
	sed -i 's/duration_sec: .*/duration_sec: 3/; 0,/duration_sec: 3/s//duration_sec: 4/; s/for: [0-9]*s/for: 1s/' \
		example/scenario.yaml
}

# run_example: the one command that the README names. On a busy machine the generator may have been the limit (3).
run_example() {
	chaos-scenario --config example/config.yaml --scenario example/scenario.yaml --run-id e1 2>said ||
		[ $? -eq 3 ] || fail "$(cat said)"
}

@test "shop: a backend dies behind haproxy, the cache dies, the cache hangs; both loads have their figures" {
	example shop 8090 8091 8092 6390
	run_example
	jq -e '.faults | map([.action, .node]) == [["kill", "app-1"], ["kill", "cache"], ["pause", "cache"]]' runs/e1/analysis.json
	[ "$(ls runs/e1/samples.*.csv | wc -l)" -eq 2 ]
	# haproxy hides the dead backend: far fewer of the shop's requests fail than went to it.
	jq -e '.loads.shop.faults[0].own | .due > 30 and .err * 5 < .due' runs/e1/analysis.json
	# What the counter's users saw of a dead cache, and what the shop's saw of a dead backend.
	awk -F, 'NR > 1 && $5 != "" { n++ } END { exit n < 5 }' runs/e1/samples.counter.csv
	awk -F, 'NR > 1 { n[$7]++ } END { exit !(n["GET /"] > n["GET /items"] && n["GET /items"] > n["POST /cart"] && n["POST /cart"] > 0) }' \
		runs/e1/samples.shop.csv
	run -0 chaos-fault --config example/config.yaml ls
	refute_output --partial ' up '
}

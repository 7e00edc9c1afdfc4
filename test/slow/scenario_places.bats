#!/usr/bin/env bats
# chaos-scenario: a load that comes from places of which one stands still.
bats_require_minimum_version 1.5.0

setup() {
	load ../bats/helper
	load ../bats/scenario_helper
	scratch
	cluster
	mkdir tmp
	export TMPDIR=$SCRATCH/tmp
	cat >>config.yaml <<-END
	load: {timeout: 1s, pace_slack: 2s}
	loads: {web: {target: service-node-1, on: "local:2"}}
	END
	cat >s.yaml <<-END
	phases:
	  - duration: 2s
	    actions:
	      - {type: start_load, load: web, rps: 40}
	      - {type: kill_node, target: service-node-2}
	END
}

teardown() { end_cluster; }

@test "a process of a load that stands still: the run ends all the same, exit 6, and everything is put back" {
	before=$(world)
	timeout 80 chaos-scenario --scenario s.yaml --run-id r --progress none 3>&- >out 2>&1 &
	pid=$!
	wait_for 20 has_rows 10 runs/r/samples.csv
	kill -STOP "$(loads_here | head -n 1)"
	code=0
	wait $pid || code=$?
	assert_equal "$code" 6
	grep -q 'the places of a load do not come to an end' out
	assert_equal "$(world)" "$before"
	wait_for 10 lone
	wait_for 10 no_loads
	wait_for 10 no_files
}

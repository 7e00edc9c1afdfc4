#!/usr/bin/env bats
# The scenarios that come with the toolkit, in short: what they expect is missed by a system without the remedy, and held
# by the same one with it, each for the reason that the scenario is about.
bats_require_minimum_version 1.5.0

setup() {
	load ../bats/helper
	load ../bats/scenario_helper
	scratch
}

teardown() {
	local dir
	end_bg
	for dir in "${DIRS[@]}"; do
		[ ! -e $dir/run.yaml ] || chaos-fault --config $dir/run.yaml down >/dev/null 2>&1 3>&- || true
	done
}

places() { for dir in "${DIRS[@]}"; do placed "$1" "$dir"; done; }

# short FILE: a config for a short run on a machine that may be busy.
short() {
	grep -q '^load:' "$1" || echo 'load: {pace_slack: 500ms}'
	echo 'anomaly_detection: {warmup_ignore_sec: 1}'
	sed 's/^load: {/&pace_slack: 500ms, /' "$1"
}

# at_once SCENARIO CONFIG…: a run for each of DIRS, of the config of that place in the list.
at_once() {
	local pid dir i=2
	for dir in "${DIRS[@]}"; do
		short "$dir/${!i}.yaml" >$dir/run.yaml
		i=$((i + 1))
		bg chaos-scenario --config $dir/run.yaml --scenario "$1.yaml" --run-id "$1-$dir" --force --seed 3 --progress none
	done
	for pid in "${BG_PIDS[@]}"; do wait "$pid" || true; done
	BG_PIDS=()
	for dir in "${DIRS[@]}"; do
		jq -r '"\(.exit) \(.line)"' "runs/$1-$dir/verdict.json" || fail "$(cat "$SCRATCH"/bg.*.err)"
		jq -r '.reasons[]' "runs/$1-$dir"/load*.json
	done
}

# runs SCENARIO SED MISSED CONFIG…: at_once, the scenario shortened by SED, and over when the system has recovered. All but
# the last miss an expectation that begins with MISSED; the last holds all. What says of itself that the generator was the
# limit is no answer, and is asked again, twice at most.
runs() {
	local dir try
	sed "s/duration: 20s/duration: 4s/; s/^ *duration: [3-6]0s/&\n    until: recovered/; $2" "$ROOT/scenarios/$1.yaml" >"$1.yaml"
	for try in 1 2 3; do
		at_once "$1" "${@:4}"
		jq -es 'all(.sound)' runs/"$1"-*/load*.json || continue
		break
	done
	for dir in "${DIRS[@]::${#DIRS[@]}-1}"; do
		jq -e --arg text "$3" '.exit == 1 and .verdict == "missed" and
			any(.expectations[]; .result == "missed" and (.text | startswith($text)))' "runs/$1-$dir/verdict.json"
	done
	jq -e '.exit == 0 and .verdict == "held" and (.faults | length) > 0' "runs/$1-with/verdict.json"
}

# web SCENARIO SED MISSED REMEDY: without any remedy, with all but the one that sed REMEDY takes away, and with all.
web() {
	DIRS=(without lacking with)
	[ -e with ] || places remedies
	sed "s/$4//" lacking/with.yaml >lacking/lacking.yaml
	runs "$1" "$2" "$3" without lacking with
}

@test "servers that die, hang and restart" {
	web kill-one 's/for: 5s/for: 3s/' 'error_rate < 0.01' 'CAREFUL: "yes"'
	web pause-one '' 'p99_all_ms < 2000' 'CAREFUL: "yes"'
	web rolling-restart 's/for: 5s/for: 2s/; s/at: 20s/at: 8s/; s/at: 40s/at: 16s/' \
		'err == 0' ', drain=1.5'
}

@test "a server behind a balancer that resets its connections, and one that is slow" {
	web behind-balancer 's/for: 5s/for: 3s/' 'error_rate < 0.01' 'CAREFUL: "yes"'
	web brown-out 's/for: 10s/for: 4s/' 'p99_all_ms < 2000' 'CAREFUL: "yes"'
}

@test "a dependency that is slow, hangs, and is asked again and again" {
	web slow-dependency 's/for: 10s/for: 4s/; s/for 15s/for 30s/' 'p99_all_ms < 1500' ', timeout=0.4'
	web cascade 's/for: 10s/for: 6s/; s/for 15s/for 30s/' home: ', timeout=0.4'
	web retry-storm '' 'recovered within 10s' ', budget=0.1'
}

@test "Redis with sentinels and without, and a primary that is cut off from its replicas but not from its clients" {
	DIRS=(without with)
	places redis-sentinel
	runs redis-primary 's/for: 20s/for: 15s/' 'recovery_time_sec < 10' without config
	jq -e 'any(.expectations[]; .result == "missed" and .text == "lost_writes < 50")' runs/redis-primary-without/verdict.json
	runs partition 's/for: 25s/for: 15s/' 'lost_writes < 600' partition-without partition-with
	# What a server was as a replica is not what it has when it is started again.
	[ -z "$(find . -name dump.rdb)" ]
}

@test "a cluster that loses a shard, with replicas and without" {
	DIRS=(without with)
	places redis-cluster
	runs shard-loss 's/for: 20s/for: 15s/' 'recovery_time_sec < 10' without config
}

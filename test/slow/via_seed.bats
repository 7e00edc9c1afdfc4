#!/usr/bin/env bats
# What faults draw before a node with 'via' is a function of the seed: a run says so by a hash, and one that repeats
# it has the same.
bats_require_minimum_version 1.5.0

setup() {
	load ../bats/helper
	load ../bats/fault_helper
	scratch
	free_ports 2
	DB=${PORTS[0]} VIA=${PORTS[1]}
	cat >config.yaml <<-END
		nodes:
		  db: {url: "redis://127.0.0.1:$DB", via: "127.0.0.1:$VIA", process: [redis-server, --port, "$DB", --save, ""]}
		loads:
		  main: {target: db, connections: 1, commands: [{run: "SET k $(head -c 1000 /dev/zero | tr '\0' x)"}]}
	END
}

teardown() { end_cluster; }

# decided FILE: of each fault its seed, and the decisions by type and stream.
decided() { jq -c 'select(.event == "reverted") | [.action, .found.seed, .found.decisions]' "$1"; }

@test "faults of a session: one seed decides the same whatever the proxy had been through, another seed otherwise" {
	local n
	chaos-fault up 2>/dev/null
	redis-cli -p "$DB" set k "$(head -c 100000 /dev/zero | tr '\0' x)" >/dev/null
	for n in 1 2 3; do
		for _ in $(seq "$n"); do redis-cli -p "$VIA" get k >/dev/null; done
		session --seed $((n < 3 ? 5 : 6))
		say "loss db share=30%" "latency db by=1ms jitter=1ms"
		wait_for 30 saw fault_verified '.action == "latency"'
		wait_for 30 saw fault_verified '.action == "loss"'
		for _ in 1 2 3; do redis-cli -p "$VIA" get k >/dev/null; done
		hang_up
		ended
		decided "$EVENTS" >"told.$n"
	done
	cmp told.1 told.2
	[ "$(grep -c '"count":[1-9]' told.3)" -eq 2 ]
	grep -q '"loss",6,' told.3
	! cmp -s told.1 told.3
}

@test "a scenario with a seed, and --again: the same decisions; without a seed they are others" {
	cat >s.yaml <<-'END'
		seed: 42
		phases:
		  - {name: broken, duration: 1s, actions: [{type: loss, target: db, share: 2%}]}
		  - {name: load, duration: 3s, actions: [{type: start_load, rps: 60}]}
		  - {name: silence, duration: 1s, actions: [{type: stop_load}]}
	END
	for id in a b c; do
		what=(--scenario s.yaml)
		[ $id != b ] || what=(--again a)
		[ $id != c ] || what+=(--seed 7)
		chaos-scenario "${what[@]}" --run-id $id --progress none --unsteady 2>said || [ $? -eq 3 ] || fail "$(cat said)"
		decided runs/$id/events.jsonl >told.$id
	done
	grep -q '^\["loss",42,{"loss_upstream":{"count":[1-9]' told.a || fail "$(cat told.a said)"
	cmp told.a told.b || fail "$(cat told.*)"
	grep -q '^\["loss",7,' told.c
	! diff -q told.a <(sed 's/,7,/,42,/' told.c)
}

#!/usr/bin/env bats
# A scenario with a fault of packets, as an ordinary user, in a network of its own.
bats_require_minimum_version 1.5.0

setup() {
	load ../bats/helper
	scratch
	# Where an ordinary user may go.
	OURS=$(mktemp -d)
	cd "$OURS" || return
	AS=()
	if [ "$(id -u)" -eq 0 ]; then
		AS=(setpriv --reuid=54321 --regid=54321 --clear-groups --inh-caps=-all)
		chown 54321:54321 . && mkdir state && chown 54321 state
	fi
	"${AS[@]}" unshare -Urn true || cannot "an ordinary user may make no user namespace here"
	"${AS[@]}" test -x "$(type -p chaos-scenario)" || cannot "an ordinary user may not read this folder"
	cat >config.yaml <<-'END'
		anomaly_detection: {warmup_ignore_sec: 2}
		loads: {main: {target: all_nodes, requests: [{method: POST, path: /work}], keep_alive: false, pace_slack: 2s}}
		nodes:
		  a: {url: "http://127.0.0.1:80", process: [chaos-node, --port, "80"]}
		  b: {url: "http://127.0.0.1:81", process: [chaos-node, --port, "81"]}
	END
	cat >s.yaml <<-'END'
		name: rootless
		phases:
		  - {name: warm-up, duration: 8s, actions: [{type: start_load, load: main, rps: 50}]}
		  - {name: refused, duration: 9s, actions: [{type: refuse, target: a, for: 2s}]}
	END
}

teardown() {
	rm -rf "$OURS"
}

@test "an ordinary user: connections are refused in a network of its own, on ports that it may not have outside" {
	code=0
	HOME=$PWD "${AS[@]}" env "PATH=$PATH" "XDG_STATE_HOME=$PWD/state" chaos-scenario --rootless --scenario s.yaml --run-id r --progress plain >out 2>&1 || code=$?
	[ "$code" -eq 0 ] || fail "$code: $(cat out)"
	# All that was due at a while the fault was surely there, and nothing that was not due between asking for it and its end.
	jq -r 'select(.fault) | "\(.event) \(.t)"' runs/r/events.jsonl | awk -F'[ ,]' '
		FNR == NR { at[$1] = $2; next }
		FNR > 1 && $5 != "" && ($5 != "refused" || $2 ~ /:81/ || $1 < at["fault_requested"] || $1 > at["reverted"]) { bad = bad $0 "\n" }
		FNR > 1 && $2 !~ /:81/ && $1 > at["fault_injected"] && $1 < at["revert_requested"] && $5 == "" { bad = bad $0 "\n" }
		$5 == "refused" { n++ }
		END { printf "%s", bad; exit bad != "" || n < 40 }' - runs/r/samples.csv || fail "$(cat runs/r/events.jsonl)"
	jq -se '[.[] | select(.event == "reverted" and .action == "refuse")] | length == 1' runs/r/events.jsonl
	[ -z "$(ls state/chaos/faults)" ]
	# The same as root's rules: none is left in this network, since none was ever here.
	[ "$(id -u)" -ne 0 ] || ! nft list ruleset | grep chaos || false
}

@test "a user who may make no namespace is told, and nothing is touched" {
	mkdir bin
	printf '#!/bin/sh\nexit 1\n' >bin/unshare
	chmod +x bin/unshare
	PATH=$PWD/bin:$PATH run -6 --separate-stderr chaos-scenario --rootless --scenario s.yaml --run-id r
	# shellcheck disable=SC2154
	[[ $stderr == *"may not make here"* ]]
	rm bin/unshare
	printf '#!/bin/sh\nexit 2\n' >bin/ip
	chmod +x bin/ip
	run -6 "${AS[@]}" env "PATH=$PWD/bin:$PATH" chaos-scenario --rootless --scenario s.yaml --run-id r
	[ ! -e runs ]
}

#!/usr/bin/env bats
# shellcheck disable=SC2154 # stderr is of run
# Nodes of several hosts. The hosts are state folders of their own on this machine, and what stands for ssh here runs
# the command at once: test/slow/hosts.bats has sshd.

load helper

setup() {
	scratch
	free_ports 3
	cat >ssh <<-'END'
		#!/bin/sh
		while [ "${1#-}" != "$1" ]; do [ "$1" != -o ] || shift; shift; done
		{ [ "$1" != away ] && [ ! -e "$SCRATCH/no-way" ]; } || { echo 'no route' >&2; exit 255; }
		[ ! -e "$SCRATCH/login.$1" ] || . "$SCRATCH/login.$1"
		XDG_STATE_HOME=$SCRATCH/$1 exec sh -c "$2"
	END
	chmod +x ssh
	export CHAOS_SSH=$SCRATCH/ssh
	local i=0 name
	echo nodes: >config.yaml
	for name in a b c; do
		echo "  $name: {url: 'http://127.0.0.1:${PORTS[i]}', process: [chaos-node, --port, '${PORTS[i]}']$([ $name = c ] || echo ", host: web$((i + 1))")}"
		i=$((i + 1))
	done >>config.yaml
}

teardown() {
	rm -f login.*
	chaos-fault down >/dev/null 2>&1
	end_bg
}

states() { chaos-fault ls --json | jq -r '[.node, .state, .fault.fault // "-"] | join(" ")' | sort | paste -sd,; }
state_is() { [ "$(states)" = "$1" ]; }
happened() { jq -se --argjson n "$1" "[.[] | select($2)] | length == \$n" events >/dev/null; }

# session: one that is under way, whose commands are written to descriptor 7.
session() {
	mkfifo commands
	bg sh -c 'exec chaos-fault --control <commands'
	# shellcheck disable=SC2153 # of bg
	bg_pid=$BG_PID
	exec 7>commands
}

@test "hosts: up, faults on several at once, a list with the host in each UID, and down" {
	chaos-fault up
	state_is 'a up -,b up -,c up -' || fail "$(states)"
	bg chaos-fault kill a b 7>&-
	wait_for 10 state_is 'a down web1:f1,b down web2:f1,c up -' || fail "$(states)"
	kill -INT "$BG_PID"
	code=0
	wait "$BG_PID" || code=$?
	assert_equal "$code" 130
	state_is 'a up -,b up -,c up -' || fail "$(states)"
	chaos-fault --json kill a b --for 0.2s >events
	happened 2 '.event == "reverted" and .fault == "\(.host):f1"' && happened 2 '.event == "host"' || fail "$(cat events)"
	run -0 bash -c 'chaos-fault --json kill a b --for 9s | head -n 1; exit "${PIPESTATUS[0]}"'
	chaos-fault kill --stay-down a
	chaos-fault ls | grep -A2 '^on web1:$' | grep -q '^a .*down'
	run -2 --separate-stderr chaos-fault kill a typo
	[[ $stderr == *"unknown node 'typo'"* ]]
	run -2 --separate-stderr chaos-fault kill --pick one '*'
	[[ $stderr == *'of one host'* ]]
	run -2 --separate-stderr chaos-fault undo web1:f9
	[[ $stderr == *"web1: no active fault 'f9'; "* ]]
}

@test "a session for several hosts: lines, times and UIDs are ours, and a file of commands is carried out to its end" {
	printf '%s\n' 'pause b c for 0.5s' '# nothing' '@0.3 kill a for 0.3s' 'kill x' 'kill a b c' >commands
	run -2 chaos-fault --control --bring-up a,b,c <commands
	printf '%s\n' "${lines[@]}" | grep '^{' >events
	happened 2 '.event == "reverted" and (.fault == "web2:f1" or .fault == "f1") and .held_s >= 0.5' || fail "$(cat events)"
	happened 1 '.event == "reverted" and .host == "web1" and .node == "a"' || fail "$(cat events)"
	happened 2 '.event == "fault_requested" and .line == 1' || fail "$(cat events)"
	happened 1 '.event == "fault_requested" and .line == 3 and .node == "a"' || fail "$(cat events)"
	happened 1 '.event == "error" and .line == 4' && happened 1 '.event == "error" and .line == 5' || fail "$(cat events)"
	happened 4 '.event == "host" and .error_ms > 0' || fail "$(cat events)"
	jq -se '(map(select(.event == "session_start"))[0].t) as $s | map(select(.event == "fault_requested" and .node == "a"))[0].t - $s | . >= 0.3' events
	state_is 'a down -,b down -,c down -' || fail "$(states)"
}

@test "a link that is cut: its host puts back by itself, and that is asked for before it is said" {
	chaos-fault up
	session
	echo 'kill a' >&7
	wait_for 10 grep -q '"fault_verified".*"node":"a"' "$BG_OUT"
	for pid in $(pgrep -P "$bg_pid" -f -- '--there web1'); do kill -KILL "$pid"; done
	wait_for 10 state_is 'a up -,b up -,c up -' || fail "$(states)"
	wait_for 10 grep -q 'is lost' "$BG_OUT"
	echo 'kill a' >&7
	exec 7>&-
	code=0
	wait "$bg_pid" || code=$?
	cp "$BG_OUT" events
	assert_equal "$code" 6
	happened 1 '.event == "error" and .line == 2 and .code == 6' || fail "$(cat events)"
	happened 1 '.event == "error" and (.message | test("link to .web1. is lost: what"))' || fail "$(cat events)"
	happened 1 '.event == "reverted" and .fault == "web1:f1" and .by_other' || fail "$(cat events)"
}

@test "a link that is cut before a fault is confirmed: it may be active there, exit 5" {
	mkdir faults
	cat >faults/slow <<-END
		#!/bin/sh
		case \$1 in
		describe) echo '{"past": "slowed", "effect": "degraded", "kinds": ["process"], "within_s": {"inject": 60, "revert": 60}}' ;;
		plan) echo '{"does": ["waits"], "verifies": ["-"], "undoes": ["-"], "state": {}}' ;;
		inject)
			: >"$SCRATCH/begun"
			until [ -e "$SCRATCH/go" ]; do sleep 0.05; done
			;;
		esac
	END
	chmod +x faults/slow
	export CHAOS_PATH=$SCRATCH
	chaos-fault up
	session
	echo 'slow a' >&7
	wait_for 10 test -e begun
	: >no-way
	for pid in $(pgrep -P "$bg_pid" -f -- '--there web1'); do kill -KILL "$pid"; done
	exec 7>&-
	code=0
	wait "$bg_pid" || code=$?
	rm no-way
	: >go
	assert_equal "$code" 5
	cp "$BG_OUT" events
	happened 0 '.event == "fault_injected" or .event == "reverted"' || fail "$(cat events)"
	wait_for 10 state_is 'a up -,b up -,c up -' || fail "$(states)"
}

@test "an ssh that takes its time to end is no lost link, and a last line needs no end" {
	# shellcheck disable=SC2016 # for the login
	echo 'printf "\033]0;x\007{\n{\"event\": \"session_start\"}\n"; XDG_STATE_HOME=$SCRATCH/web1 sh -c "$2"; printf "the last"; exec >&-; sleep 1.3; exit 0' >login.web1
	run -0 chaos-fault ls
	assert_line 'the last'
	assert_line ' ]0;x {'
	refute_output --partial session_start
	assert_line 'on web2:'
}

@test "who asks is killed: every host puts back" {
	chaos-fault up
	session
	printf '%s\n' 'kill a' 'pause b' >&7
	wait_for 10 grep -q '"fault_verified".*"node":"a"' "$BG_OUT"
	wait_for 10 grep -q '"fault_verified".*"node":"b"' "$BG_OUT"
	kill -KILL "$bg_pid"
	wait_for 10 state_is 'a up -,b up -,c up -' || fail "$(states)"
	exec 7>&-
}

@test "a host that cannot be reached, and what is wrong with a host: told, and nothing is touched" {
	echo 'kill b' >commands
	run -2 --separate-stderr chaos-fault --control --check --bring-up typo <commands
	[[ $stderr == *"--bring-up: unknown node 'typo'; known: a, b, c"* ]]
	CHAOS_SSH=$SCRATCH/none run -6 --separate-stderr chaos-fault --control --check <commands
	[[ $stderr == *"cannot run"* ]]
	: >no-way
	run -6 --separate-stderr chaos-fault kill a
	rm no-way
	[[ $stderr == *'no route'* && $stderr != *'is lost'* ]]
	sed -i 's/host: web2/host: away/' config.yaml
	echo 'kill a for 1s' >commands
	run -6 --separate-stderr chaos-fault --control --bring-up a,b <commands
	[[ $stderr == *"link to 'away' could not be made"* ]]
	[ ! -e web1/chaos/faults ] || [ -z "$(ls web1/chaos/faults)" ]
	sed -i 's/host: away/host: -oProxyCommand=x/' config.yaml
	run -2 --separate-stderr chaos-fault ls
	[[ $stderr == *"config.yaml:3:"*"is no host"* ]]
	printf 'nodes:\n  a: {url: "http://192.0.2.1", host: web1}\n' >config.yaml
	run -2 --separate-stderr chaos-fault ls
	[[ $stderr == *"config.yaml:2:"*"'host'"*broken* ]]
}

# interrupted_twice COMMAND...: while a host says nothing.
interrupted_twice() {
	bg "$@"
	has_link() { pgrep -P "$BG_PID" -f 'sleep 1000' >/dev/null; }
	gone() { ! kill -0 "$BG_PID" 2>/dev/null; }
	wait_for 5 has_link
	kill -INT "$BG_PID"
	refute wait_for 1 gone # it waits for the host to put back
	wait_for 5 grep -qx 'ShdPnd:.0*' "/proc/$BG_PID/status" # two that are not taken yet are one
	kill -INT "$BG_PID"
	wait_for 3 gone || { kill -KILL "$BG_PID"; fail "$* goes on"; }
	code=0
	wait "$BG_PID" || code=$?
}

@test "a host that says nothing: a second Ctrl-C ends what waits for it, even for it to read a long config" {
	echo 'exec sleep 1000' >login.web1
	interrupted_twice chaos-fault ls
	assert_equal "$code" 130
	bg chaos-fault kill a # which it has not been told
	wait_for 5 has_link
	kill -INT "$BG_PID"
	wait_for 3 gone
	code=0
	wait "$BG_PID" || code=$?
	assert_equal "$code" 130
	# One that has been told, by the time that there is a link.
	echo "echo '{\"event\": \"clock\", \"t\": 0}'; grep -qx go; exec sleep 1000" >login.web1
	interrupted_twice chaos-fault kill a
	assert_equal "$code" 5
	echo 'exec sleep 1000' >login.web1
	printf '# %0200000d\n' 0 >>config.yaml
	interrupted_twice chaos-fault ls
	assert_equal "$code" 130
	# What has no lines is no session.
	echo 'kill a for 1s' >commands
	echo 'exec cat /dev/zero' >login.web1
	run -6 --separate-stderr timeout 20 chaos-fault --control <commands
	[[ $stderr == *"link to 'web1' could not be made"* ]]
}

@test "a silent fault that is a program leaves a node of each mode over several hosts too; a degraded one may have all" {
	mkdir faults
	local effect
	for effect in silent degraded; do
		cat >faults/be-$effect <<-END
			#!/bin/sh
			case \$1 in
			describe) echo '{"past": "changed", "effect": "$effect", "kinds": ["process"], "within_s": {"inject": 60, "revert": 60}}' ;;
			plan) echo '{"does": ["changes"], "verifies": ["-"], "undoes": ["-"], "state": {}}' ;;
			esac
		END
		chmod +x faults/be-$effect
	done
	export CHAOS_PATH=$SCRATCH
	chaos-fault up
	run -2 --separate-stderr chaos-fault be-silent a b c --for 0.1s
	assert_says "$stderr" chaos-fault: be-silent http --all-down
	chaos-fault --json be-degraded a b c --for 0.1s >events
	happened 3 '.event == "reverted"' || fail "$(cat events)"
	chaos-fault --dry-run be-silent a b
	chaos-fault --dry-run --all-down be-silent a b c
	printf '%s\n' 'be-silent a b c' 'be-degraded a b c' '@1 be-silent a b c' 'be-silent b c for 1s' '@9 be-silent a b c all-down' >lines
	run -2 --separate-stderr chaos-fault --control --check <lines
	assert_equal "$(grep '^{' <<<"$output" | jq -sc 'map(select(.event == "error") | [.line, .code, .allow])')" '[[1,2,"all-down"],[3,2,"all-down"]]'
	session
	printf '%s\n' 'be-silent a b c' 'be-degraded a b c' >&7
	happens() { [ "$(grep -c '"fault_injected"' "$BG_OUT")" = "$1" ]; }
	wait_for 10 happens 3 || fail "$(cat "$BG_OUT" "$BG_ERR")"
	exec 7>&-
	code=0
	wait "$bg_pid" || code=$?
	assert_equal "$code" 2
	cp "$BG_OUT" events
	happened 1 '.event == "error" and .line == 1 and .code == 2' || fail "$(cat events)"
	happened 3 '.event == "reverted"' || fail "$(cat events)"
	# The only one of its mode may go, as on one host.
	chaos-fault down
	sed "/^  c:/d; /^  b:/s/http:/redis:/" config.yaml >two.yaml
	chaos-fault -c two.yaml --control --check --bring-up a,b <<<'kill a b'
}

@test "no part of a session ends unseen, and no mode loses its last node over several hosts" {
	echo 'echo Welcome' >login.web2
	chaos-fault up
	run -2 --separate-stderr chaos-fault kill a b c --for 1s
	assert_line_says "$stderr" "no http node up" --all-down
	# Nor does a command whose input is over before the links are made.
	echo 'until [ -e over ]; do sleep 0.02; done' >login.web1
	run -6 chaos-fault --control < <(echo 'kill a'; exec >&-; : >over)
	[[ $output == *"its commands are dropped"* ]]
	# shellcheck disable=SC2016 # for the login
	echo 'exec 5<&0; XDG_STATE_HOME=$SCRATCH/web1 sh -c "$2" <&5 & echo $! >there; wait; exit 0' >login.web1
	session
	printf '%s\n' 'kill a all-down' 'pause b all-down' 'pause c all-down' >&7
	happens() { [ "$(grep -c '"fault_verified"' "$BG_OUT")" = "$1" ]; }
	wait_for 10 happens 3 || fail "$(cat "$BG_OUT" "$BG_ERR")"
	kill -TERM "$(cat there)" # seen from here, an end with exit 0
	wait_for 10 grep -q '"message":"the link to .web1. is lost' "$BG_OUT"
	echo 'pause a for 1s' >&7
	for pid in $(pgrep -P "$bg_pid" -f -- '--there web2') $(pgrep -P "$bg_pid" -f -- '--here'); do kill -KILL "$pid"; done
	code=0
	wait "$bg_pid" || code=$?
	exec 7>&-
	cp "$BG_OUT" events
	assert_equal "$code" 6
	happened 1 '.event == "error" and (.message | test("nodes of this machine is lost"))' || fail "$(cat events)"
	happened 1 '.event == "reverted" and .node == "b" and .by_other' || fail "$(cat events)"
	happened 1 '.event == "reverted" and .node == "c" and .by_other' || fail "$(cat events)"
}

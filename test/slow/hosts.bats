#!/usr/bin/env bats
# Nodes on other hosts, by a real sshd for each on loopback, whose clocks are shifted.
bats_require_minimum_version 1.5.0

setup() {
	load ../bats/helper
	load ../bats/load_helper
	load sshd_helper
	scratch
	[ -x /usr/sbin/sshd ] || skip "sshd is needed"
	free_ports 5
	sshd_host web1 "${PORTS[1]}" "XDG_STATE_HOME=$SCRATCH/web1 $(shifted -300) exec"
	sshd_host web2 "${PORTS[2]}" "XDG_STATE_HOME=$SCRATCH/web2 $(shifted 2000) exec"
	export CHAOS_SSH="ssh -F $SCRATCH/ssh.conf"
	{
		echo nodes:
		echo "  a: {url: 'http://127.0.0.1:${PORTS[3]}', process: [chaos-node, --port, '${PORTS[3]}'], host: web1}"
		echo "  b: {url: 'http://127.0.0.1:${PORTS[4]}', process: [chaos-node, --port, '${PORTS[4]}'], host: web2}"
		echo "  c: {url: 'http://127.0.0.1:${PORTS[0]}', process: [chaos-node, --port, '${PORTS[0]}']}"
	} >config.yaml
}

teardown() {
	[ ! -e config.yaml ] || chaos-fault down >/dev/null 2>&1
	end_sshd
}

healthy() { curl -sf -m 1 -o out "http://127.0.0.1:$1/health"; }
unhealthy() { ! healthy "$1"; }
# links: the ssh of this test.
links() { pgrep -f "^ssh -F $SCRATCH/ssh.conf"; }

@test "a scenario over hosts whose clocks are off: offsets are found, and faults stand where requests failed" {
	cat >s.yaml <<-'END'
		name: hosts
		seed: 1
		phases:
		  - {name: warm-up, duration: 5s, actions: [{type: start_load, rps: 200, target: [a, b]}]}
		  - {name: loss, duration: 12s, actions: [{type: kill_node, target: a, for: 2s}, {type: pause_node, target: b, at: 6s, for: 1s}]}
	END
	chaos-scenario --scenario s.yaml --run-id r >out 2>&1 || [ $? -eq 3 ] || fail "$(cat out)"
	jq -se '[.[] | select(.event == "host")] | length == 4 and all(.[:2][]; .error_ms < 20)
		and all(.[]; (.offset_ms - (if .host == "web1" then -300 else 2000 end) | fabs) < .error_ms + 1)' runs/r/events.jsonl || fail "$(cat runs/r/events.jsonl)"
	# The first failure of a node that was killed, the slowest request of one that was paused, against the moments of the fault.
	for node in a b; do
		port=${PORTS[3]} action=kill
		[ $node = a ] || port=${PORTS[4]} action=pause
		first=$(awk -F, -v p=":$port" '$2 ~ p && ($5 != "" || $4 > worst) { worst = $4; at = $1 } $2 ~ p && $5 != "" { exit } END { print at }' runs/r/samples.csv)
		at=$(jq -r "select(.event == \"fault_injected\" and .action == \"$action\") | .t" runs/r/events.jsonl)
		back=$(jq -r "select(.event == \"reverted\" and .action == \"$action\") | .t" runs/r/events.jsonl)
		awk -v f="$first" -v a="$at" -v b="$back" 'BEGIN { exit !(f > a - 0.2 && f < b) }' || fail "$node: hit at $first, fault $at to $back"
	done
	jq -e '[.faults[] | .fault] == ["web1:f1", "web2:f1"]' runs/r/analysis.json
}

@test "push: a host that has nothing gets what is needed, and its nodes are broken with it; a wrong host is told" {
	command -v patchelf >/dev/null || skip "patchelf is needed"
	mkdir home
	# Of this host nothing is to be found that was built here.
	sed -i "s|^ForceCommand PATH=[^ ]*|ForceCommand HOME=$SCRATCH/home PATH=/usr/bin:/bin|" sshd.web1.conf
	kill "${BG_PIDS[0]}"
	closed() { ! port_open "${PORTS[1]}"; }
	wait_for 10 closed
	bg /usr/sbin/sshd -D -f sshd.web1.conf -E sshd.web1.log
	wait_for 10 port_open "${PORTS[1]}"
	sed -i "s|process: .chaos-node|process: [$(type -p chaos-node)|" config.yaml
	run -127 ssh -F ssh.conf web1 chaos-fault
	run -6 chaos-fault ls a
	[[ $output == *"'chaos-fault push web1' brings it"* ]]
	chaos-fault push web1 2>err || fail "$(cat err)"
	grep -q 'web1 has chaos-fault .* in ~/.local/lib/chaos' err
	chaos-fault push web1 # again, in place of the other
	chaos-fault up a
	chaos-fault kill a --all-down --for 0.5s
	chaos-fault stutter a --all-down --for 1s # a program, by jq
	chaos-fault ls --json a | jq -e '.state == "up"'
	run -6 --separate-stderr chaos-fault push away
	# shellcheck disable=SC2154
	[[ $stderr == *"nothing was brought to 'away'"* ]]
}

@test "links that die while faults are active on two hosts: killed, and silent; both heal at the end of their input or deadline" {
	chaos-fault up
	for signal in KILL STOP; do
		rm -f commands
		mkfifo commands
		bg sh -c 'exec chaos-fault --control <commands'
		pid=$BG_PID out=$BG_OUT
		exec 7>commands
		printf '%s\n' 'kill a for 6s' 'pause b for 6s' >&7
		wait_for 10 grep -q '"fault_verified".*"node":"a"' "$out"
		wait_for 10 grep -q '"fault_verified".*"node":"b"' "$out"
		local died
		mapfile -t died < <(links)
		kill -$signal "${died[@]}"
		unhealthy "${PORTS[4]}" || [ $signal = KILL ]
		wait_for 20 healthy "${PORTS[3]}"
		wait_for 20 healthy "${PORTS[4]}"
		kill -KILL "${died[@]}" 2>/dev/null || true # those that were stopped
		exec 7>&-
		code=0
		wait "$pid" || code=$?
		assert_equal "$code" 6
		jq -se '[.[] | select(.event == "reverted" and .by_other and .host)] | length == 2' "$out" || fail "$(cat "$out")"
		chaos-fault ls --json | jq -se 'all(.[]; .fault == null and .state == "up")'
	done
}

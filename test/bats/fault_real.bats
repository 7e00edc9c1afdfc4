# chaos-fault against real accidents: pids that are given out anew, a disk that is full, Ctrl-Z on
# a real terminal. Mounts and pids are in namespaces of the test's own.
load helper
load fault_helper

setup() {
	scratch
	cluster
}

teardown() {
	: >seen # what a shell may wait for
	end_cluster
}

# may_unshare: root, and the kernel lets it.
may_unshare() {
	[ "$(id -u)" -eq 0 ] && unshare -m -p -f --mount-proc true 2>/dev/null ||
		cannot "namespaces of one's own are for root alone"
}

@test "a pid that has been given to another process: it is never signalled, whoever comes to put back" {
	may_unshare
	cat >inside.sh <<-'EOF'
		set -eu
		# given_to_another PID: a process of ours gets that pid, stopped, deaf to nothing.
		given_to_another() {
			local tries
			for tries in 1 2 3 4 5; do
				echo $(($1 - 1)) >/proc/sys/kernel/ns_last_pid
				sleep 600 &
				[ $! != "$1" ] || break
				kill -KILL $!
			done
			[ $! = "$1" ]
			until grep -q '^Name:.*sleep' "/proc/$1/status"; do sleep 0.01; done
			kill -STOP "$1"
			until grep -q '^State:.*T' "/proc/$1/status"; do sleep 0.01; done
		}
		# dead PID…: SIGKILL is taken when the process runs next; until then it answers for its entry.
		dead() {
			for pid; do
				while [ -e "/proc/$pid" ] && ! grep -q '^State:.*Z' "/proc/$pid/status"; do sleep 0.01; done
			done
		}
		untouched() { grep -q '^Name:.*sleep' "/proc/$1/status" && grep -q '^State:.*T' "/proc/$1/status"; }
		pid_of() { chaos-fault ls --json "$1" | jq .pid; }
		chaos-fault up
		for who in guard reaper undo holder; do
			for verb in pause kill; do
				node=a
				: >out # of what was before it says nothing
				chaos-fault $verb $node >out 2>&1 &
				holder=$!
				old=$(cat "$XDG_STATE_HOME"/chaos/nodes/a-*/process.json | jq .pid)
				until grep -q 'Ctrl-C puts it back' out; do sleep 0.01; done
				guard=$(head -n 1 "$XDG_STATE_HOME/chaos/faults/f1.json" | jq .guard.pid)
				if [ $verb = pause ]; then kill -KILL "$old"; fi
				while [ -e "/proc/$old" ]; do sleep 0.01; done
				case $who in
				guard) kill -STOP "$holder" "$guard" ;;
				reaper | undo) kill -STOP "$guard" "$holder"; kill -KILL "$guard" "$holder"; dead "$guard" "$holder" ;;
				esac
				given_to_another "$old"
				bystander=$!
				case $who in
				guard) kill -KILL "$holder"; kill -CONT "$guard" ;;
				reaper) chaos-fault ls >/dev/null 2>&1 ;;
				undo) chaos-fault undo --all 2>/dev/null ;;
				holder) kill -INT "$holder" ;;
				esac
				for i in $(seq 2000); do
					[ -n "$(ls "$XDG_STATE_HOME/chaos/faults")" ] || break
					sleep 0.01
				done
				[ -z "$(ls "$XDG_STATE_HOME/chaos/faults")" ]
				untouched "$bystander"
				[ "$(pid_of a)" != "$old" ]
				curl -fsS -o /dev/null "$(chaos-fault ls --json a | jq -r .url)/health"
				kill -KILL "$bystander"
				wait "$holder" 2>/dev/null || true
				echo "$who $verb: pid $old was another's, and left alone"
			done
		done
		chaos-fault down
	EOF
	run timeout 120 unshare -p -f --mount-proc --kill-child bash inside.sh
	assert_success
	assert_equal "$(grep -c 'was another.s, and left alone' <<<"$output")" 8
}

@test "a disk that is full: nothing is injected, exit 6; with room again it goes" {
	may_unshare
	chaos-fault up a b
	local pid
	pid=$(field a pid)
	cat >inside.sh <<-'EOF'
		set -eu
		# The state is on a disk of its own, as large as what is on it.
		cp -a "$XDG_STATE_HOME" copy
		mount -t tmpfs -o size=512k none "$XDG_STATE_HOME"
		cp -a copy/. "$XDG_STATE_HOME"
		cat /dev/zero >"$XDG_STATE_HOME/fill" 2>/dev/null || true
		rc=0
		chaos-fault kill a --for 1s >out 2>&1 || rc=$?
		echo "one: $rc $(cat out)"
		rc=0
		mkfifo in
		chaos-fault --control <in >events &
		exec 7>in
		echo "kill a" >&7
		for _ in $(seq 500); do ! grep -q '"error"' events || break; sleep 0.02; done
		exec 7>&-
		wait $! || rc=$?
		echo "session: $rc $(jq -r 'select(.event == "error").message' events)"
		ls "$XDG_STATE_HOME/chaos/faults" | wc -l
		rm "$XDG_STATE_HOME/fill"
		chaos-fault pause a --for 50ms 2>&1
	EOF
	run -0 unshare -m bash inside.sh
	assert_line --partial "one: 6 chaos-fault: kill 'a': not done: "
	assert_line --partial "No space left on device"
	assert_line --regexp "^session: [0-9]+ kill 'a': not done: .*No space left on device"
	assert_line 0
	assert_line --partial "goes on (pid $pid)"
	assert_equal "$(field a pid)" "$pid"
	http_up "${HTTP_PORTS[0]}"
}

@test "the entry and its name are on disk before the signal goes out" {
	strace -o /dev/null true || cannot "strace cannot trace here"
	cluster
	chaos-fault up
	local round
	for round in 1 2; do # the second finds the folder there
		strace -y -e trace=fsync,fdatasync,link,linkat,pidfd_send_signal,kill -o trace \
			chaos-fault kill a --for 20ms
		awk -v first=$((round == 1)) '
			/^fsync\(.*\/nodes\/a-[^\/]*\/confirmed/ { note = NR }
			/^fsync\(.*\/nodes\/a-[^\/]*>\)/ && note && !act { notes = NR }
			/^fsync\(.*\/faults\/\.f/ { text = NR }
			/^link(at)?\(.*\/faults\/f[0-9]+\.json/ { name = NR }
			/^fsync\(.*\/faults>\)/ && name { folder = NR }
			/^fsync\(.*\/chaos>\)/ && name { state = NR }
			/SIGKILL/ && !act { act = NR }
			END { exit !(text && text < name && name < folder && folder < act && (state ? state < act : !first) && (notes || !first)) }
		' trace || fail "$(cat trace)"
	done
	# A name that may not be on disk is no intent: nothing is injected.
	local pid
	pid=$(field a pid)
	run -6 strace -f -o /dev/null -P "$XDG_STATE_HOME/chaos/faults" -e trace=fsync -e inject=fsync:error=EIO \
		chaos-fault kill a --for 1s
	assert_line_says "$output" chaos-fault: kill "'a'" "not done" sync
	alive "$pid"
	assert_equal "$(active)" 0
}

@test "Ctrl-Z on a terminal, then the deadline passes: put back all the same" {
	needs_terminal
	chaos-fault up
	local verb
	for verb in kill pause; do
		# A shell with job control on a terminal of its own: the byte of ^Z, not a signal of ours. Until all is seen
		# the shell stays: its end would let what is stopped go on.
		cat >owner.sh <<-EOF
			echo \$\$ >owner
			exec chaos-fault $verb a --for 2s
		EOF
		cat >typed.sh <<-EOF
			{ until [ -e seen ] || grep -q 'held for' term; do sleep 0.02; done
			printf '\032'; until [ -e seen ]; do sleep 0.02; done; } |
				timeout 60 script -qefc "bash --norc -ic 'sh owner.sh; echo the shell is back; until [ -e seen ]; do sleep 0.02; done'" /dev/null >term 2>&1
		EOF
		: >term
		rm -f seen
		bg bash typed.sh
		wait_for 10 grep -q 'the shell is back' term
		grep -q '^State:.*T' "/proc/$(<owner)/status"
		wait_for 20 none_active
		grep -q '^State:.*T' "/proc/$(<owner)/status"
		is a up
		http_up "${HTTP_PORTS[0]}"
		: >seen
		wait "$BG_PID" || true
	done
}

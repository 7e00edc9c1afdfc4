# Faults of a node's share of the machine: each is seen by a look that is not its own, bites, and leaves
# nothing. The node is a member of cgroups of the test's own.
load helper
load fault_helper

setup() {
	scratch
	GROUP=chaos-test-$BASHPID
	CPU=/sys/fs/cgroup/cpu/$GROUP MEMORY=/sys/fs/cgroup/memory/$GROUP
	cluster
	chaos-fault up a 2>/dev/null
	PID=$(field a pid)
}

teardown() {
	end_cluster
	local folder
	for folder in "$CPU" "$MEMORY"; do
		[ ! -d "$folder" ] || wait_for 5 rmdir "$folder"
	done
}

# own_cgroups: the node's, in the hierarchies of version 1.
own_cgroups() {
	mkdir "$CPU" "$MEMORY" 2>/dev/null || cannot "no cgroups of version 1 can be made here"
	echo "$PID" >"$CPU/cgroup.procs"
	echo "$PID" >"$MEMORY/cgroup.procs"
}
# JOIN FOLDER CMD…: a command in that cgroup.
JOIN=(bash -c 'echo $$ >"$0/cgroup.procs" && exec "$@"')
limits() { cat "$CPU/cpu.cfs_quota_us" "$MEMORY/memory.limit_in_bytes"; }
as_before() { [ "$(active)" -eq 0 ] && diff <(limits) before; }
held() {
	bg chaos-fault "$@"
	wait_for 30 grep -q 'verify: yes' "$BG_ERR" || fail "$(cat "$BG_ERR")"
}
let_go() {
	kill -INT "$BG_PID"
	wait_for 30 as_before
}
between() { [ "$3" -ge "$1" ] && [ "$3" -le "$2" ] || fail "$3 is not between $1 and $2"; }
# share PID: of one core that it gets, in thousandths, over two seconds.
share() {
	python3 -c 'import sys, time
def used():
	return int(open("/proc/" + sys.argv[1] + "/schedstat").read().split()[0]), time.monotonic_ns()
a = used(); time.sleep(2); b = used()
print(1000 * (b[0] - a[0]) // (b[1] - a[1]))' "$1"
}

@test "limits of CPU and memory are lowered for the node alone, and are what they were again" {
	run -2 chaos-fault cpu-limit a cores=0.1
	assert_output --partial "'a' has no cgroup of its own"
	own_cgroups
	echo 150000 >"$CPU/cpu.cfs_quota_us"
	limits >before
	bg "${JOIN[@]}" "$CPU" sh -c 'while :; do :; done'
	local loop=$BG_PID
	held cpu-limit a cores=0.05
	between 45 55 "$(share "$loop")"
	run -2 chaos-fault cpu-limit a cores=2
	let_go
	kill -KILL "$loop"
	run -2 chaos-fault cpu-limit a cores=2
	assert_output --partial "its limit is 150000 already"

	run -0 "${JOIN[@]}" "$MEMORY" python3 -c 'bytearray(64 << 20)'
	held memory-limit a headroom=8M
	run -137 "${JOIN[@]}" "$MEMORY" python3 -c 'bytearray(64 << 20)'
	# Whoever held it and its guard are killed: the next chaos-fault sets what was set.
	killed "$(guard)" "$BG_PID"
	run -0 chaos-fault ls
	as_before
	run -2 chaos-fault memory-limit a headroom=much
	assert_output --partial "'much' is not a size"
}

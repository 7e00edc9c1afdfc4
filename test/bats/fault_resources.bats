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
	mkdir -p "$CPU" "$MEMORY" 2>/dev/null || cannot "no cgroups of version 1 can be made here"
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
# share PID: of one core that it gets, in thousandths, over two seconds; where this is held up, rather too little.
share() {
	python3 -c 'import sys, time
def used(): return int(open("/proc/" + sys.argv[1] + "/schedstat").read().split()[0])
began = time.monotonic_ns(); a = used(); time.sleep(2); b = used(); ended = time.monotonic_ns()
print(1000 * (b - a) // (ended - began))' "$1"
}
# throttled: in how many periods the group had to wait for the next.
throttled() { awk '$1 == "nr_throttled" { print $2 }' "$CPU/cpu.stat"; }
# stutters PID: it is stopped for 400 to 600 thousandths of a while.
stutters() {
	between 400 600 "$(python3 -c 'import sys, time
n = 300
stopped = 0
for i in range(n):
	stopped += open("/proc/" + sys.argv[1] + "/stat").read().split(") ")[1][0] == "T"
	time.sleep(0.0057)
print(1000 * stopped // n)' "$1")"
}
more_throttled() { [ "$(throttled)" -gt "$1" ]; }

@test "limits of CPU and memory are lowered for the node alone, and are what they were again" {
	run -2 chaos-fault cpu-limit a cores=0.1
	assert_line_says "$output" chaos-fault: "'a'" "no cgroup" own
	own_cgroups
	echo 150000 >"$CPU/cpu.cfs_quota_us"
	limits >before
	bg "${JOIN[@]}" "$CPU" sh -c 'while :; do :; done'
	local loop=$BG_PID before
	wait_for 20 grep -qx "$loop" "$CPU/cgroup.procs"
	run -2 chaos-fault cpu-limit a cores=0.05 --for 50ms
	assert_line_says "$output" chaos-fault: "'a'" "no cgroup" own "process $loop"
	killed "$loop"
	held cpu-limit a cores=0.05
	local held=$BG_PID
	bg "${JOIN[@]}" "$CPU" sh -c 'while :; do :; done'
	loop=$BG_PID
	wait_for 20 grep -qx "$loop" "$CPU/cgroup.procs"
	# It is no less than was asked for, by what is set; no more, by what is had; and it bites. How much a process gets that
	# may have more does not tell: a busy machine gives it less.
	assert_equal $((1000 * $(cat "$CPU/cpu.cfs_quota_us") / $(cat "$CPU/cpu.cfs_period_us"))) 50
	before=$(throttled)
	between 1 55 "$(share "$loop")"
	wait_for 20 more_throttled $((before + 10))
	run -2 chaos-fault cpu-limit a cores=2
	BG_PID=$held
	let_go
	killed "$loop"
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
	assert_line_says "$output" headroom=much: size bytes
}

# disk_node: d, whose answer to GET / says how a write to its disk went; the disk is a small one of its own.
disk_node() {
	local own=(-m)
	[ "$(id -u)" -eq 0 ] || own=(-rm)
	unshare "${own[@]}" true 2>/dev/null || cannot "this user may make no mount namespace"
	mkdir disk
	free_ports 1
	cat >d.py <<-'END'
		import errno, http.server, os, sys
		if os.fork(): # who serves is a child that is there before any fault
		    os.wait()
		    sys.exit()
		fd = os.open("disk/f", os.O_CREAT | os.O_WRONLY)
		class Handler(http.server.BaseHTTPRequestHandler):
		    def do_GET(self):
		        said = "fine"
		        try:
		            if os.pwrite(fd, b"x" * (1 << 20), 0) < 1 << 20:
		                said = "short"
		            os.fsync(fd)
		        except OSError as e:
		            said = errno.errorcode[e.errno]
		        if said != "EROFS":
		            os.ftruncate(fd, 0)
		        self.send_response(200)
		        self.end_headers()
		        self.wfile.write(said.encode())
		http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
	END
	echo "  d: {url: 'http://127.0.0.1:${PORTS[0]}', ready: GET /, process: [unshare, ${own[*]}, sh, -c, 'mount -t tmpfs -o size=32m none disk && exec python3 d.py ${PORTS[0]}']}" >>config.yaml
	chaos-fault up d 2>up || fail "$(cat up)"
	DISK=/proc/$(field d pid)/root$SCRATCH/disk
}
says() { curl -s --max-time 5 "http://127.0.0.1:${PORTS[0]}/"; }
free_kib() { echo $(($(stat -f -c '%a * %S' "$DISK") / 1024)); }
release() {
	kill -INT "$BG_PID"
	wait_for 30 none_active
}

# again FAULT [CMD…]: under that fault the node dies, and is started by hand; the session's exit code is in RC.
again() {
	session
	say "$1 a"
	wait_for 20 saw fault_verified || fail "$(cat "$EVENTS")"
	killed "$PID"
	"${@:2}" chaos-fault up a 2>/dev/null
	PID=$(field a pid)
	hang_up
	ended
	none_active
}

@test "a node that somebody else has started anew in another cgroup: its fault was over, exit 3; in the same one it was not" {
	own_cgroups
	limits >before
	local old=$PID name
	for name in memory-limit cpu-stress; do
		again $name
		assert_equal "$RC" 3
		saw reverted .by_other
		saw warning "(.message | test(\"had ended .pid $old\"))"
		as_before
		own_cgroups
		old=$PID
	done
	# Where the new process is as the old one was, it has the load too.
	again cpu-stress "${JOIN[@]}" "$CPU"
	assert_equal "$RC" 0
	run ! saw reverted .by_other
}

@test "a node that has died, and that nobody has started, may have died of its fault: exit 0" {
	own_cgroups
	session
	say "memory-limit a"
	wait_for 20 saw fault_verified || fail "$(cat "$EVENTS")"
	killed "$PID"
	hang_up
	ended
	assert_equal "$RC" 0
	run ! saw reverted .by_other
	none_active
}

@test "a session that has restarted the node itself: nobody else has ended its fault" {
	own_cgroups
	session
	say "memory-limit a"
	wait_for 20 saw fault_verified
	say "restart a"
	wait_for 20 saw node_ready
	hang_up
	ended
	assert_equal "$RC" 0
	run ! saw reverted .by_other
}

@test "a disk is filled down to the floor; calls on files fail, and syncs are slow: over with who held it" {
	disk_node
	local free
	free=$(free_kib)
	assert_equal "$(says)" fine
	held disk-fill d "path=$SCRATCH/disk" share=100% floor=512K
	assert_equal "$(free_kib)" 512
	assert_equal "$(says)" short
	release
	assert_equal "$(free_kib)" "$free"
	assert_equal "$(says)" fine
	# A link from the root begins at that of the node: what would be filled is its disk, no other one. Only planned, lest
	# that of this machine is.
	ln -s "$SCRATCH/disk/../disk" link
	run -0 chaos-fault disk-fill d "path=$SCRATCH/./link" share=100% floor=512K --dry-run
	assert_output --partial "fallocate $(((32 << 20) - (512 << 10))) bytes in $SCRATCH/disk,"
	run -2 chaos-fault disk-fill d "path=$SCRATCH/disk" floor=32M
	assert_output --partial "has less than floor=32M"

	# Each nth call fails: shares between are refused, with the nearest ones.
	run -2 chaos-fault io-error d share=70% --for 50ms
	assert_output --partial "50% or 100%"
	run -0 chaos-fault io-error d share=33% --dry-run
	assert_output --partial "EIO in 1 of 3 for"
	held io-error d error=EROFS
	assert_equal "$(says)" EROFS
	# Tool and guard are killed: strace goes on until the next chaos-fault has ended it.
	killed "$(guard)" "$BG_PID"
	assert_equal "$(says)" EROFS
	run -0 chaos-fault ls
	none_active
	assert_equal "$(says)" fine
	grep -q '^TracerPid:.0$' "/proc/$(field d pid)/status"
	held fsync-slow d by=300ms
	run -28 curl -s --max-time 0.25 "http://127.0.0.1:${PORTS[0]}/"
	release
}

@test "load in the node's cgroup, and a rhythm of stops" {
	own_cgroups
	limits >before
	held cpu-stress a share=50%
	[ "$(wc -l <"$CPU/cgroup.procs")" -gt 1 ]
	let_go
	assert_equal "$(cat "$CPU/cgroup.procs")" "$PID"
	held memory-stress a size=32M floor=64M
	[ "$(cat "$MEMORY/memory.usage_in_bytes")" -gt $((32 << 20)) ]
	let_go
	assert_equal "$(cat "$MEMORY/cgroup.procs")" "$PID"
	run -2 chaos-fault memory-stress a size=999T
	assert_line_says "$output" chaos-fault: free memory less "floor=256M"

	held stutter a every=100ms share=50%
	# What has no turn for a while, be it who stops or who looks, makes one sample worse.
	wait_for 20 stutters "$PID"
	killed "$(guard)" "$BG_PID"
	run -0 chaos-fault ls
	as_before
	run -0 http_up "${HTTP_PORTS[0]}"
}

# stopped PID: as the kernel says.
stopped() { grep -q '^State:.T' "/proc/$1/status"; }

@test "a process that dies while it is stopped leaves no other of its group stopped" {
	free_ports 1
	echo "  w: {url: 'http://127.0.0.1:${PORTS[0]}', process: [sh, -c, 'sleep 600 & echo \$! >worker && exec chaos-node --port ${PORTS[0]} --name w']}" >>config.yaml
	chaos-fault up w 2>up || fail "$(cat up)"
	local worker
	worker=$(<worker)
	held stutter w every=60s share=99%
	stopped "$worker"
	killed "$(field w pid)"
	stopped "$worker"
	kill -INT "$BG_PID"
	wait_for 30 none_active
	run ! stopped "$worker"
	killed "$worker"
}

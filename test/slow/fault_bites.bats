#!/usr/bin/env bats
# Faults that only degrade, measured by another client: what was asked for, to a tenth. Packets, limits and shares of
# CPU are measured in test/bats; here is what takes longer, or goes through a proxy.
bats_require_minimum_version 1.5.0

setup() {
	load ../bats/helper
	load ../bats/fault_helper
	scratch
	free_ports 3
	cat >config.yaml <<-END
		nodes:
		  web: {url: "http://127.0.0.1:${PORTS[2]}", process: [chaos-node, --port, "${PORTS[2]}"]}
		  redis:
		    url: redis://127.0.0.1:${PORTS[0]}
		    via: 127.0.0.1:${PORTS[1]}
		    process: [redis-server, --port, "${PORTS[0]}", --save, "", --appendonly, "yes", --appendfsync, always, --dir, $SCRATCH]
	END
	chaos-fault up 2>up || fail "$(cat up)"
	redis-cli -p "${PORTS[0]}" setrange big $(((1 << 21) - 1)) x
}

teardown() {
	end_cluster
	[ -z "${OWN_GROUP:-}" ] || wait_for 5 rmdir "$OWN_GROUP"
}

# held WORD…: a fault that is there; let_go ends it.
held() {
	bg chaos-fault "$@"
	wait_for 30 grep -Eq 'verify: yes|GET .*: |PING: ' "$BG_ERR" || fail "$(cat "$BG_ERR")"
}
let_go() {
	kill -INT "$BG_PID"
	wait_for 30 none_active
}
# tenth ASKED MEASURED
tenth() { awk -v a="$1" -v m="$2" 'BEGIN { print "asked", a, "measured", m; exit !(m > 0.9 * a && m < 1.1 * a) }'; }
# measure WHAT [PORT]: of a Redis, through its proxy unless a port is given.
measure() {
	python3 - "$1" "${2:-${PORTS[1]}}" <<-'END'
		import socket, sys, threading, time
		def connect():
		    return socket.create_connection(("127.0.0.1", int(sys.argv[2])))
		def took(s, command=b"PING\r\n", size=1):
		    began, first = time.monotonic(), 0
		    s.sendall(command)
		    while size > 0:
		        size -= len(s.recv(65536))
		        first = first or time.monotonic()
		    return time.monotonic() - began, time.monotonic() - first
		if sys.argv[1] == "delay":  # ms, the least of 20, since other work only adds to it
		    s = connect()
		    print(1000 * min(took(s)[0] for i in range(20)))
		if sys.argv[1] == "write":
		    s = connect()
		    print(1000 * min(took(s, b"SET k v\r\n")[0] for i in range(10)))
		if sys.argv[1] == "rate":  # kbit/s, the most of 3
		    s = connect()
		    print(max((1 << 24) / 1000 / took(s, b"GET big\r\n", 1 << 21)[1] for i in range(3)))
		if sys.argv[1] == "late":  # the share of 16,000 that took longer than the shortest retransmission
		    late = []
		    def client():
		        s = connect()
		        late.append(sum(took(s)[0] > 0.19 for i in range(250)))
		    threads = [threading.Thread(target=client) for i in range(64)]
		    [t.start() for t in threads]
		    [t.join() for t in threads]
		    print(sum(late) / 16000)
	END
}

@test "through a proxy: latency, bandwidth and loss are what was asked for" {
	held latency redis by=300ms
	tenth 300 "$(measure delay)"
	let_go
	held bandwidth redis rate=16mbit
	tenth 16000 "$(measure rate)"
	let_go
	local without
	without=$(measure late)
	held loss redis share=10%
	tenth 0.1 "$(measure late | awk -v w="$without" '{ print $1 - w }')"
	let_go
	# and nothing of it is left
	awk -v ms="$(measure delay)" 'BEGIN { exit !(ms < 100) }'
}

# stress GROUP: cores that it uses beside the node; the most of 3, since other work only takes from it.
stress() {
	python3 - "$1/cgroup.procs" "$(field web pid)" <<-'END'
		import sys, time
		def used():
		    ns = 0
		    for pid in open(sys.argv[1]).read().split():
		        if pid != sys.argv[2]:
		            ns += int(open("/proc/" + pid + "/schedstat").read().split()[0])
		    return ns, time.monotonic_ns()
		def share():
		    a = used()
		    time.sleep(4)
		    b = used()
		    return (b[0] - a[0]) / (b[1] - a[1])
		print(max(share() for i in range(3)))
	END
}

@test "load beside a node takes the share of a core that was asked for" {
	local share group=/sys/fs/cgroup/cpu/chaos-bites-$BASHPID
	mkdir "$group" 2>/dev/null || skip "no cgroup of version 1 can be made here"
	OWN_GROUP=$group
	echo 262144 >"$group/cpu.shares" # ahead of all other work
	field web pid >"$group/cgroup.procs"
	for share in 40 80; do
		held cpu-stress web share=$share%
		tenth 0.$share "$(stress "$group")"
		let_go
	done
}

@test "syncs that are slow, a script that keeps a Redis busy, a rhythm of stops: as long as was asked for" {
	held fsync-slow redis by=200ms
	tenth 200 "$(measure write "${PORTS[0]}")"
	let_go
	spent() { redis-cli -p "${PORTS[0]}" info commandstats | sed -n 's/^cmdstat_eval:.*usec=\([0-9]*\),.*/\1/p'; }
	held redis-busy redis share=60% every=200ms
	local from at
	from=$(spent) at=$(date +%s%6N)
	sleep 6
	tenth 0.6 "$(awk -v used=$(($(spent) - from)) -v in_all=$(($(date +%s%6N) - at)) 'BEGIN { print used / in_all }')"
	let_go
	held stutter web every=500ms share=40%
	tenth 0.4 "$(python3 -c 'import sys, time
began, stopped, n = time.monotonic(), 0, 0
while time.monotonic() - began < 6:
	n += 1
	stopped += open("/proc/" + sys.argv[1] + "/stat").read().split(") ")[1][0] == "T"
	time.sleep(0.0057)
print(stopped / n)' "$(field web pid)")"
	let_go
}

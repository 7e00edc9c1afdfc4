#!/usr/bin/env bats
# Redis behind proxies: its replicas announce those, and a failover still works, also when it is a proxy that cuts the
# primary off.
bats_require_minimum_version 1.5.0

setup() {
	load ../bats/helper
	load ../bats/fault_helper
	scratch
	free_ports 5
	A=${PORTS[0]} B=${PORTS[1]} VIA_A=${PORTS[2]} VIA_B=${PORTS[3]} SENTINEL=${PORTS[4]}
	server() { echo "redis-server, --port, \"$1\", --bind, 127.0.0.1, --save, \"\", --replica-announce-ip, 127.0.0.1, --replica-announce-port, \"$2\""; }
	printf 'port %s\ndir %s\nsentinel monitor m 127.0.0.1 %s 1\nsentinel down-after-milliseconds m 1000\nsentinel failover-timeout m 4000\n' \
		"$SENTINEL" "$SCRATCH" "$VIA_A" >sentinel.conf
	cat >config.yaml <<-END
		nodes:
		  a: {url: "redis://127.0.0.1:$A", via: "127.0.0.1:$VIA_A", process: [$(server "$A" "$VIA_A")]}
		  b: {url: "redis://127.0.0.1:$B", via: "127.0.0.1:$VIA_B", needs: [a], ready: replica,
		      process: [$(server "$B" "$VIA_B"), --replicaof, "127.0.0.1 $VIA_A"]}
		  s: {url: "redis://127.0.0.1:$SENTINEL", needs: [b], process: [redis-sentinel, "$SCRATCH/sentinel.conf"]}
	END
	chaos-fault up 2>up.err || fail "$(cat up.err)"
}

teardown() { end_cluster; }

master() { redis-cli -p "$SENTINEL" sentinel get-master-addr-by-name m | tail -n 1; }
master_is() { [ "$(master)" = "$1" ]; }
knows() { redis-cli -p "$SENTINEL" sentinel replicas m | grep -qx "$1"; }
role_is() { [ "$(redis-cli -p "$1" role | head -n 1)" = "$2" ]; }
follows() { redis-cli -p "$1" info replication | tr -d '\r' | grep -qx "master_port:$2"; }

@test "sentinel knows the proxies' addresses, and fails over when a proxy cuts the primary off" {
	wait_for 30 knows "$VIA_B"
	master_is "$VIA_A"
	bg chaos-fault blackhole a
	wait_for 30 master_is "$VIA_B"
	wait_for 30 role_is "$VIA_B" master
	[ "$(redis-cli -p "$VIA_B" set k v)" = OK ]
	# It still runs, and believes that it is the primary: only the way to it is cut.
	role_is "$A" master
	kill -INT "$BG_PID"
	wait "$BG_PID" || true
	assert_equal "$(active)" 0
	wait_for 60 role_is "$A" slave
	follows "$A" "$VIA_B"
	wait_for 30 knows "$VIA_A"
	got() { [ "$(redis-cli -p "$VIA_A" get k)" = v ]; }
	wait_for 30 got
}

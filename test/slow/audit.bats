#!/usr/bin/env bats
# chaos-audit where it takes longer: many kills without a loss, a partition and a failover by the sentinels with some.
bats_require_minimum_version 1.5.0

setup() {
	load ../bats/helper
	load ../bats/load_helper
	scratch
	free_ports 5
	A=${PORTS[0]} B=${PORTS[1]} S=${PORTS[2]} P=${PORTS[3]} API=${PORTS[4]}
	URLS=("redis://127.0.0.1:$A" "redis://127.0.0.1:$B")
}

teardown() {
	end_bg
}

redis_on() {
	mkdir -p "d$1"
	bg redis-server --port "$1" --save "" --dir "$SCRATCH/d$1" --bind 127.0.0.1 --repl-diskless-sync-delay 0 "${@:2}"
	wait_for 60 redis_up "$1" || fail "$(tail -n 3 "$BG_OUT")" # it may read a long AOF before
}

replica_linked() { redis-cli -p "$1" info replication | grep -q master_link_status:up; }
role() { [ "$(redis-cli -p "$1" role | head -1)" = "$2" ]; }

# load_on SECONDS RATE [options] URL…: an audited load in the background; LOAD is its pid.
load_on() {
	load_rows --rps "$2" --duration "$1" --timeout 1s --audit=m "${@:3}" >s.csv 3>&- &
	LOAD=$!
	wait_for 10 grep -q ,AUDIT, s.csv
}

# as_redis_cli PORT: the audit of both servers, and what redis-cli reads on that one, bit by bit: LOST is how many.
as_redis_cli() {
	chaos-audit --prefix m --list list.csv "${URLS[@]}" <s.csv >audit.json || [ $? -eq 1 ]
	jq '{acknowledged, lost, phantom, recovered, quiet: .quiet.how}' audit.json >&3
	awk -F, 'NR > 1 && $5 == "" { print $9 }' s.csv | sort -n >acknowledged
	sed 's/.*/getbit m:{0} &/' acknowledged | redis-cli -p "$1" | paste - acknowledged | awk '$1 == 0 { print $2 }' >absent
	LOST=$(wc -l <absent)
	diff absent <(awk -F, '$4 == "lost" { print $1 }' list.csv | sort -n)
	[ "$(jq .verdict audit.json)" = '"none"' ] || [ "$LOST" -gt 0 ]
}

# at_share N OF: waits until so much of the load has been sent.
at_share() { wait_for "$SECONDS_LONG" sh -c '[ "$(tail -n 1 s.csv | cut -d, -f9)" -ge "$1" ] 2>/dev/null' - $((SECONDS_LONG * RATE * $1 / $2)); }

# AUDIT_S and AUDIT_RPS make it longer: make soak asks for 10 million writes.
@test "20 kills of the replica, 20 of the primary with its AOF, fsync always: none is lost" {
	local aof=(--appendonly yes --appendfsync always --auto-aof-rewrite-min-size 1mb) primary replica # short, so that it is soon read
	SECONDS_LONG=${AUDIT_S:-60} RATE=${AUDIT_RPS:-2000}
	redis_on "$A" "${aof[@]}"
	primary=$BG_PID
	redis_on "$B" --replicaof "127.0.0.1 $A"
	replica=$BG_PID
	load_on "$SECONDS_LONG" "$RATE" --connections 64 "${URLS[@]}"
	for ((i = 0; i < 20; i++)); do
		at_share "$i" 21
		killed "$replica"
		redis_on "$B" --replicaof "127.0.0.1 $A"
		replica=$BG_PID
		killed "$primary"
		redis_on "$A" "${aof[@]}"
		primary=$BG_PID
		wait_for 60 replica_linked "$B"
	done
	wait "$LOAD"
	chaos-audit --prefix m "${URLS[@]}" <s.csv >audit.json
	jq '{acknowledged, lost, phantom, recovered, in_doubt, input, quiet}' audit.json >&3
	jq -e '.verdict == "none" and .acknowledged > 20000 and .in_doubt == 0' audit.json
	# redis-cli counts as many marks as were acknowledged, and those that had no answer
	redis-cli -p "$A" --scan --pattern 'm:*' | sed 's/^/bitcount /' | redis-cli -p "$A" >counts
	jq -e --argjson there "$(awk '{ n += $1 } END { printf "%d", n }' counts)" '.acknowledged + .recovered + .phantom == $there' audit.json
}

@test "a partition of 6 s between primary and replica, which is promoted in it: what redis-cli reads" {
	redis_on "$A"
	bg chaos-proxy --api "127.0.0.1:$API" "r=127.0.0.1:$P=127.0.0.1:$A"
	wait_for 5 curl -fsS "http://127.0.0.1:$API/version"
	redis_on "$B" --replicaof "127.0.0.1 $P"
	wait_for 10 replica_linked "$B"
	load_on 10 1000 "${URLS[@]}"
	curl -fsS -d '{"name":"cut","type":"timeout","attributes":{"timeout":0}}' "http://127.0.0.1:$API/proxies/r/toxics"
	sleep 3
	redis-cli -p "$B" replicaof no one
	sleep 3
	redis-cli -p "$A" replicaof 127.0.0.1 "$B"
	wait "$LOAD"
	as_redis_cli "$B"
	[ "$LOST" -gt 100 ]
}

@test "a failover by the sentinel's hand, and a paused primary that comes back: what redis-cli reads" {
	redis_on "$A"
	local primary=$BG_PID
	redis_on "$B" --replicaof "127.0.0.1 $A"
	wait_for 10 replica_linked "$B"
	printf '%s\n' "port $S" "bind 127.0.0.1" "sentinel monitor it 127.0.0.1 $A 1" \
		"sentinel down-after-milliseconds it 3000" "sentinel failover-timeout it 5000" >s.conf
	bg redis-sentinel s.conf
	wait_for 10 sh -c "redis-cli -p $S sentinel replicas it | grep -q ^ok"
	load_on 45 500 "redis+sentinel://127.0.0.1:$S/it"
	redis-cli -p "$S" sentinel failover it
	wait_for 10 role "$B" master
	wait_for 25 role "$A" slave
	wait_for 20 replica_linked "$A"
	# and back, the other way: the present primary hangs for longer than the sentinel waits
	local paused
	paused=$(redis-cli -p "$B" info server | awk -F: '/^process_id/ { print $2 + 0 }')
	kill -STOP "$paused"
	wait_for 20 role "$A" master || { kill -CONT "$paused"; false; }
	kill -CONT "$paused"
	wait_for 20 role "$B" slave
	wait "$LOAD"
	as_redis_cli "$A"
	[ "$primary" -gt 0 ]
}

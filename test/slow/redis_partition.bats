#!/usr/bin/env bats
# A primary that its sentinels cannot reach, while its clients and its replica can: in network namespaces of the test's own,
# 192.0.2.1 and .3 on one side of a veth pair, the primary's 192.0.2.2 on the other.
bats_require_minimum_version 1.5.0

setup() {
	load ../bats/helper
	load ../bats/fault_helper
	scratch
	[ "$(id -u)" -eq 0 ] && unshare -n nft list ruleset 2>/dev/null || cannot "root, network namespaces and nft are needed"
	bg unshare -n sh -c 'ip link set lo up && echo up && exec sleep 600'
	wait_for 5 grep -q up "$BG_OUT"
	HERE=(nsenter -n -t "$BG_PID")
	bg "${HERE[@]}" unshare -n sh -c 'ip link set lo up && echo up && exec sleep 600'
	wait_for 5 grep -q up "$BG_OUT"
	THERE=/proc/$BG_PID/ns/net
	here ip link add v0 type veth peer name v1 netns "$BG_PID"
	here sh -c 'ip addr add 192.0.2.1/24 dev v0 && ip addr add 192.0.2.3/24 dev v0 && ip link set v0 up'
	there sh -c 'ip addr add 192.0.2.2/24 dev v1 && ip link set v1 up'
	local i server='redis-server --port 6391 --protected-mode no'
	echo nodes: >config.yaml
	node primary 192.0.2.2:6391 "nsenter --net=$THERE $server --bind 192.0.2.2"
	node replica 192.0.2.1:6391 "$server --bind 192.0.2.1 --replicaof 192.0.2.2 6391" ', ready: replica, needs: [primary]'
	for i in 1 2 3; do
		printf '%s\n' "port 2639$i" 'bind 192.0.2.3' 'bind-source-addr 192.0.2.3' 'sentinel monitor it 192.0.2.2 6391 2' \
			'sentinel down-after-milliseconds it 1000' 'sentinel failover-timeout it 10000' >sentinel$i.conf
		node sentinel$i 192.0.2.3:2639$i "redis-sentinel $SCRATCH/sentinel$i.conf" ', needs: [replica]'
	done
	here chaos-fault up 2>up || fail "$(cat up)"
	wait_for 30 know_each_other
}

teardown() {
	here chaos-fault undo --all >/dev/null 2>&1 || true
	here chaos-fault down >/dev/null 2>&1 || true
	end_bg
}

# node NAME ADDRESS RUN [KEYS]: one of the config, which need not be on loopback.
node() {
	echo "  $1: {url: 'redis://$2', kind: pidfile, with: {pidfile: $SCRATCH/$1.pid, run: '$3'}${4:-}}" >>config.yaml
}
here() { "${HERE[@]}" "$@"; }
there() { here nsenter --net="$THERE" "$@"; }
sentinel() { here redis-cli -h 192.0.2.3 -p "2639$1" sentinel "${@:2}"; }
know_each_other() {
	local i
	for i in 1 2 3; do
		[ "$(sentinel $i sentinels it | grep -c '^runid$')" -eq 2 ] &&
			[ "$(sentinel $i replicas it | grep -c '^runid$')" -eq 1 ] || return 1
	done
}
# all_name ADDRESS: each sentinel names that primary.
all_name() {
	local i
	for i in 1 2 3; do [ "$(sentinel $i get-master-addr-by-name it | head -n 1)" = "$1" ] || return 1; done
}
# follows ADDRESS: master, or slave and whose.
follows() { here redis-cli -h "$1" -p 6391 role | sed -n '1p; 2{/[.]/p}' | paste -sd ' '; }
role_is() { [ "$(follows "$1")" = "$2" ]; }
rules() { nft list ruleset; }
export -f rules
look() { here bash -c rules; there bash -c rules; }

@test "a primary that is cut off from its sentinels alone: another one is made, and after it is healed it follows that" {
	look >before
	bg "${HERE[@]}" chaos-fault partition primary from=192.0.2.3 --for 60s
	wait_for 10 grep -q 'verify: yes' "$BG_ERR" || fail "$(cat "$BG_ERR")"
	wait_for 30 all_name 192.0.2.1
	wait_for 10 role_is 192.0.2.1 master
	# Clients still reach the old one, which takes their writes.
	role_is 192.0.2.2 master
	assert_equal "$(here redis-cli -h 192.0.2.2 -p 6391 set k v)" OK
	kill -INT "$BG_PID"
	wait_for 10 none_active
	wait_for 60 role_is 192.0.2.2 'slave 192.0.2.1'
	all_name 192.0.2.1
	diff <(look) before
}

#!/usr/bin/env bash
# Redis by who knows its nodes: what the map of a cluster costs beside a server that is named, each command on one
# server; and how long chaos-load sees no write while sentinels promote a replica, beside clients that try every server.
# shellcheck source=bench/lib.sh
. "$(dirname "$0")/lib.sh"

cost="Redis, CPU by the map of a cluster / by its URL, 20000/s"
black="Redis, blackout of a failover, ours - an independent client's (s)"
has redis-server "$cost" "$black" || exit $status

mapfile -t ports < <(freeports 9)
# redis_on PORT [OPTIONS]
redis_on() {
	mkdir "$tmp/$1"
	serve "$1" redis-server --port "$1" --bind 127.0.0.1 --save "" --dir "$tmp/$1" --repl-diskless-sync-delay 0 "${@:2}"
}
# until_is WORD COMMAND…: the command says so.
until_is() {
	local tries word=$1
	shift
	for ((tries = 0; tries < 1000; tries++)); do
		if "$@" 2>/dev/null | grep -q "$word"; then return; fi
		sleep 0.02
	done
	echo "bench: no '$word' from $*" >&2
	exit 1
}

redis_on "${ports[0]}" --cluster-enabled yes --cluster-port "${ports[1]}"
redis_on "${ports[2]}"
redis-cli -p "${ports[0]}" cluster addslotsrange 0 16383 >"$tmp/said"
until_is state:ok redis-cli -p "${ports[0]}" cluster info
slack_ms=50
by_map() { load 20000 "redis+cluster://127.0.0.1:${ports[0]}" && summary "$cpu_s"; }
by_url() { load 20000 "redis://127.0.0.1:${ports[2]}" && summary "$cpu_s"; }
turns by_map by_url
verdict "$cost" "$ratio" '<=' 1.1

set -- "${ports[@]:3}"
redis_on "$1"
primary_pid=$serve_pid
redis_on "$2" --replicaof "127.0.0.1 $1"
redis_on "$3" --replicaof "127.0.0.1 $1"
for port in "${@:4}"; do
	printf '%s\n' "port $port" "bind 127.0.0.1" "dir $tmp" "sentinel monitor it 127.0.0.1 $1 2" \
		"sentinel down-after-milliseconds it 1000" >"$tmp/$port.conf"
	serve "$port" redis-sentinel "$tmp/$port.conf"
done
for port in "${@:4}"; do
	until_is '^2$' bash -c "redis-cli -p $port sentinel replicas it | grep -c ^ok"
	until_is '^2$' bash -c "redis-cli -p $port sentinel sentinels it | grep -c ^runid"
done
echo '{"run": "INCR ours"}' >"$tmp/mix"
chaos-load -q -r 200 -d 10 --pace-slack 50ms --requests "$tmp/mix" \
	"redis+sentinel://127.0.0.1:$4,127.0.0.1:$5,127.0.0.1:$6/it" >"$tmp/ours.csv" 2>"$tmp/err" &
for port in "$1" "$2" "$3"; do
	test/support/client.py 200 10 2 'INCR theirs' '' "redis://127.0.0.1:$port" >"$tmp/client.$port" &
done
sleep 3
kill -9 "$primary_pid"
wait
awk -F, 'NR > 1 && $5 == "" { printf "%.6f,%s\n", $1 + $4 / 1000, $2 }' "$tmp/ours.csv" >"$tmp/ends"
# blackout OLD NEW: from the last success of a file to the first one of another.
blackout() { calc "$(sort -g "$2" | head -n 1) - $(sort -g "$1" | tail -n 1)"; }
grep ":$1\$" "$tmp/ends" | cut -d, -f1 >"$tmp/ours.old"
grep -v ":$1\$" "$tmp/ends" | cut -d, -f1 >"$tmp/ours.new"
awk -F, '$3 == "ok" { print $2 }' "$tmp/client.$1" >"$tmp/theirs.old"
awk -F, '$3 == "ok" { print $2 }' "$tmp/client.$2" "$tmp/client.$3" >"$tmp/theirs.new"
us=$(blackout "$tmp/ours.old" "$tmp/ours.new")
them=$(blackout "$tmp/theirs.old" "$tmp/theirs.new")
difference=$(calc "sqrt(($us - $them) ^ 2)")
printf '%-62s %8.3f and %.3f s\n' "Redis, blackout of a failover, ours and theirs" "$us" "$them"
verdict "$black" "$difference" '<=' 0.05
exit $status

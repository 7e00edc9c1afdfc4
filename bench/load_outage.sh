#!/usr/bin/env bash
# What it costs chaos-load that nodes are dead, as its CPU time against that of a run in which
# they live: HTTP nodes, and a Redis master, which three of four commands go to.
# shellcheck source=bench/lib.sh
. "$(dirname "$0")/lib.sh"

mapfile -t ports < <(freeports 4)
urls=("${ports[@]/#/http://127.0.0.1:}")
for i in 0 1 2; do nginx_on "${ports[i]}"; done
victim_pid=$serve_pid
dead=${urls[3]}

# ours RATE URL…: CPU seconds of a run.
ours() {
	load "$@"
	summary "$cpu_s"
}
all_alive() { ours "$rate" "${urls[0]}" "${urls[1]}" "${urls[2]}"; }
one_dead() { ours "$rate" "${urls[0]}" "${urls[1]}" "$dead"; }
for rate in 500 2000 10000; do
	turns one_dead all_alive
	verdict "CPU at $rate/s, one of three nodes dead / alive" "$ratio" '<=' 1.1
done

# The middle third of the run without the server.
rate=500
undisturbed() { ours "$rate" "${urls[2]}"; }
killed_and_back() {
	local run
	load "$rate" "${urls[2]}" &
	run=$!
	sleep "$(calc "$seconds / 3")"
	kill -9 "$(cat "$tmp/victim")"
	sleep "$(calc "$seconds / 3")"
	nginx_again "${ports[2]}"
	echo "$serve_pid" >"$tmp/victim"
	wait "$run"
	summary "$cpu_s"
}
echo "$victim_pid" >"$tmp/victim"
seconds=$((2 * seconds))
turns killed_and_back undisturbed
verdict "CPU at $rate/s, killed for a third of the run / undisturbed" "$ratio" '<=' 1.1
seconds=$((seconds / 2))

# redis_on PORT [OPTIONS]
redis_on() {
	serve "$1" redis-server --port "$1" --bind 127.0.0.1 --save "" --dir "$tmp" --repl-diskless-sync-delay 0 "${@:2}"
}
# pair_on PORT PORT: a master and a replica in step with it; the master's pid is in $master_pid.
pair_on() {
	local tries
	redis_on "$1"
	master_pid=$serve_pid
	redis_on "$2" --replicaof "127.0.0.1 $1"
	for ((tries = 0; tries < 500; tries++)); do
		if redis-cli -p "$2" info replication | grep -q master_link_status:up; then return; fi
		sleep 0.02
	done
	echo "bench: the replica did not get in step" >&2
	exit 1
}
master_alive() { ours "$rate" "redis://127.0.0.1:${ports[0]}" "redis://127.0.0.1:${ports[1]}"; }
master_dead() { ours "$rate" "redis://127.0.0.1:${ports[2]}" "redis://127.0.0.1:${ports[3]}"; }
redis="Redis, CPU with the master dead / alive"
if has redis-server "$redis"; then
	mapfile -t ports < <(freeports 4)
	pair_on "${ports[0]}" "${ports[1]}"
	pair_on "${ports[2]}" "${ports[3]}"
	kill -9 "$master_pid"
	for rate in 500 2000; do
		turns master_dead master_alive
		verdict "$redis, at $rate/s" "$ratio" '<=' 1.1
	done
fi
exit $status

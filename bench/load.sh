#!/usr/bin/env bash
# chaos-load by itself: how exact its pacing is against a bare timerfd loop, what a dead node costs
# against a live one, its memory, and how soon the first request is out. With LONG=1 also whether its
# memory grows between the first minute and the tenth.
# shellcheck source=bench/lib.sh
. "$(dirname "$0")/lib.sh"

mapfile -t ports < <(freeports 3)
urls=("${ports[@]/#/http://127.0.0.1:}")
for p in "${ports[@]}"; do nginx_on "$p"; done

paced() {
	load "$rate" "${urls[0]}/"
	summary .p99_pacing_ms
}
bare_timer() { "${generator[@]}" timerloop "$rate" "$seconds"; }
for rate in 50 1000 5000; do
	turns paced bare_timer
	verdict "pacing error p99 at $rate/s (a bare timerfd loop: $b ms), ms" "$a" '<=' \
		"$(calc "$slack_ms + 1.5 * $b")"
done

# Peak memory in MB, rows thrown away.
peak_mb() {
	local kb
	kb=$("${generator[@]}" peakrss chaos-load -q --duration "$seconds" --progress none "$@" 2>"$tmp/err") ||
		[ $? -eq 3 ]
	calc "$kb / 1024"
}
verdict "peak memory, 16 connections at 20000/s, MB" \
	"$(peak_mb --rps 20000 --connections 16 "${urls[0]}/")" '<=' 16
# So slow an answer that all connections are in use.
slow=$(freeports 1)
nginx_on "$slow" "" "limit_rate 1k;" "$(printf '%02000d' 0)"
ulimit -n "$(ulimit -Hn)"
peak=$(peak_mb --rps 5000 --connections 5000 --max-inflight 6000 --summary "$tmp/s.json" \
	"http://127.0.0.1:$slow/")
verdict "peak memory, 5000 connections at 5000/s ($(summary .peak_inflight) in flight), MB" "$peak" '<=' 64

first=$(for ((i = 0; i < 4 * rounds; i++)); do
	"${generator[@]}" firstrequest chaos-load -q --rps 1 --duration 0.1
done | median)
verdict "from exec to the first request, ms" "$first" '<=' 20

# One of three nodes dead: its slots are refused. In turns: a dead one is a port that nobody listens on.
dead=http://127.0.0.1:$(freeports 1)
one_dead() {
	load 2000 "${urls[0]}/" "${urls[1]}/" "$dead/"
	summary "$cpu_s"
}
none_dead() {
	load 2000 "${urls[@]/%//}"
	summary "$cpu_s"
}
turns one_dead none_dead
verdict "CPU with one of three nodes dead / alive" "$ratio" '<=' 1.1

# Resident memory of a process in kB.
rss_kb() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }
growth="memory that grew from minute 1 to minute 10, kB"
if [ -n "${LONG:-}" ]; then
	"${generator[@]}" chaos-load -q --rps 5000 --duration 605 --connections 16 "${urls[@]/%//}" \
		2>"$tmp/err" > >(cat >/dev/null) &
	load_pid=$!
	pids+=("$load_pid")
	sleep 60
	minute_1=$(rss_kb "$load_pid")
	sleep 540
	minute_10=$(rss_kb "$load_pid")
	wait "$load_pid" || [ $? -eq 3 ]
	verdict "$growth (of $minute_1)" $((minute_10 - minute_1)) '<=' 64
else
	not_measured "$growth" "LONG=1 asks for it"
fi
exit $status

#!/usr/bin/env bash
# chaos-load by itself: how exact its pacing is against a bare timerfd loop, also with a reader that
# is too slow; its memory, and how soon the first request is out. With LONG=1 also whether its memory
# grows between the first minute and the tenth.
# shellcheck source=bench/lib.sh
. "$(dirname "$0")/lib.sh"

port=$(freeports 1)
url=http://127.0.0.1:$port/
nginx_on "$port"

paced() {
	load "$rate" "$url"
	summary .p99_pacing_ms
}
bare_timer() { "${generator[@]}" timerloop "$rate" "$seconds"; }
for rate in 50 1000 5000; do
	turns paced bare_timer
	verdict "pacing error p99 at $rate/s (a bare timerfd loop: $b ms), ms" "$a" '<=' \
		"$(calc "$slack_ms + 1.5 * $b")"
done

# 1.6 MB of rows a second for a reader of 100 kB: the schedule is not to know.
late="pacing error p99 at 20000/s, the reader too slow, ms"
if has pv "$late"; then
	for ((i = 0; i < rounds; i++)); do
		"${generator[@]}" chaos-load -q --rps 20000 --duration "$seconds" --connections 16 \
			--pace-slack ${slack_ms}ms --summary "$tmp/s.json" "$url" 2>/dev/null |
			{ timeout "$seconds" pv -q -L 100k >/dev/null; cat >/dev/null; } || [ $? -eq 3 ]
		[ "$(summary '.rows + .lost == .due and .lost > 0 and .sent == .due')" = true ] ||
			summary '"\(.due) due, \(.sent) sent, \(.lost) rows lost"' >&2
		summary .p99_pacing_ms
	done >"$tmp/slow"
	verdict "$late" "$(median <"$tmp/slow")" '<=' $((slack_ms + 1))
fi

# Peak memory in MB, rows thrown away.
peak_mb() {
	local kb
	kb=$("${generator[@]}" peakrss chaos-load -q --duration "$seconds" --progress none "$@" 2>"$tmp/err") ||
		[ $? -eq 3 ]
	calc "$kb / 1024"
}
verdict "peak memory, 16 connections at 20000/s, MB" \
	"$(peak_mb --rps 20000 --connections 16 "$url")" '<=' 16
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

# Resident memory of a process in kB. What was never needed before is still taken from the pools (the
# ring, requests in flight), up to their bounds; one byte lost for each request would be 2700 kB.
rss_kb() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }
growth="memory that grew from minute 1 to minute 10, kB"
if [ -n "${LONG:-}" ]; then
	"${generator[@]}" chaos-load -q --rps 5000 --duration 605 --connections 16 "$url" \
		2>"$tmp/err" > >(cat >/dev/null) &
	load_pid=$!
	echo "$load_pid" >>"$tmp/pids"
	sleep 60
	minute_1=$(rss_kb "$load_pid")
	sleep 540
	minute_10=$(rss_kb "$load_pid")
	wait "$load_pid" || [ $? -eq 3 ]
	verdict "$growth (of $minute_1)" $((minute_10 - minute_1)) '<=' 256
else
	not_measured "$growth" "LONG=1 asks for it"
fi
exit $status

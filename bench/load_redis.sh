#!/usr/bin/env bash
# chaos-load on Redis against peers: CPU for each answered command, INCR and GET in turns on one redis-server, rows
# streaming to a pipe that is read. One command under way on each of 16 connections, and pipelines of 16. Peers
# (memtier_benchmark, redis-benchmark) are looked for on PATH and in $PEERS; what is missing is said.
#
#	SLOW_RATE	commands a second with pipelines, beside the highest (100000)
#	LATE_MS		how late a held rate may be, beyond the slack (1); more where the machine is shared
# shellcheck source=bench/lib.sh
. "$(dirname "$0")/lib.sh"

calm="CPU / memtier_benchmark's at 20000/s"
most="CPU at the highest rate in time / memtier_benchmark's at saturation"
deep="CPU with pipelines of 16 / redis-benchmark's"
memory="peak memory, 16 connections at 20000/s, MB"
has redis-server "$calm" "$most" "$deep" "$memory" || exit $status

port=$(freeports 1)
url=redis://127.0.0.1:$port
serve "$port" redis-server --port "$port" --bind 127.0.0.1 --save "" --dir "$tmp"

# us_each SECONDS COMMANDS: CPU in us.
us_each() {
	[ "${2:-0}" -gt 0 ] || { echo "bench: nothing was answered: $(tail -n 1 "$tmp/out")" >&2; exit 1; }
	calc "$1 * 1000000 / $2"
}
ours() {
	load "$rate" "${depth[@]}" "$url"
	summary "$cpu_s * 1e6 / .ok"
}
# memtier OPTION…
memtier() {
	local s
	s=$(cpu_of "${generator[@]}" memtier_benchmark -s 127.0.0.1 -p "$port" -t 1 -c 16 --test-time "$seconds" \
		--hide-histogram --json-out-file "$tmp/m.json" --command "INCR chaos:counter" --command-ratio 1 \
		--command "GET chaos:counter" --command-ratio 1 "$@")
	us_each "$s" "$(jq '."ALL STATS".Totals.Count' "$tmp/m.json")"
}
memtier_paced() { memtier --rate-limiting $((rate / 16)); }
memtier_at_most() { memtier; }
# Prints its time on standard error; its rows go to a pipe that is read, as ours do.
bare() { { "${generator[@]}" redisloop "$port" "$rate" "$seconds" 16 "${depth[1]:-1}" "$slack_ms" 2>&3 | cat >"$tmp/rows"; } 3>&1; }
# Commands a second, which redis-benchmark, pacing nothing, comes to; the most that --rps takes, if that is less.
redis_benchmark_rate() {
	"${generator[@]}" redis-benchmark --csv -p "$port" -c 16 -P 16 -n 1000000 INCR chaos:counter |
		awk -F '"' 'END { if ($4 + 0 <= 0) exit 1; print $4 < 1000000 ? int($4) : 1000000 }' ||
		{ echo "bench: redis-benchmark told no rate" >&2; exit 1; }
}
# As many commands of each kind as ours sends; the seconds that it takes are its own matter.
redis_benchmark_deep() {
	local n=$((rate * seconds)) s
	s=$(cpu_of "${generator[@]}" redis-benchmark -q -p "$port" -c 16 -P 16 -n $((n / 2)) INCR chaos:counter)
	calc "($s + $(cpu_of "${generator[@]}" redis-benchmark -q -p "$port" -c 16 -P 16 -n $((n / 2)) GET chaos:counter)) \
		* 1000000 / $n"
}
# compare NAME BOUND OURS PEER: at $rate and $depth.
compare() {
	turns "$3" "$4"
	verdict "$1, in turns of $slack_ms ms, $(printf '%.2f / %.2f us' "$a" "$b")" "$ratio" '<=' "$2"
}
# floor PEER: what is out of reach: a bare loop that sends, reads and writes a row for each command, in the same turns.
floor() {
	turns bare "$1"
	printf '%-62s %8.3f\n' "  a bare loop in turns of $slack_ms ms, $(printf '%.2f us' "$a")" "$ratio"
}

# The highest rate that is held in most of the turns, all sent and answered and in time, from the peer's own down in
# steps of 5 %.
held() {
	local good=0 turn
	for ((turn = 0; turn < rounds && good <= rounds / 2 && turn - good <= rounds / 2; turn++)); do
		load "$rate" "${depth[@]}" "$url"
		[ "$(summary ".ok == .due and .p99_pacing_ms <= $slack_ms + ${LATE_MS:-1}")" = false ] || good=$((good + 1))
	done
	[ $good -gt $((rounds / 2)) ]
}
highest_rate() {
	local part
	for ((part = 100; part > 5; part -= 5)); do
		rate=$(calc "int($closed * $part / 100)")
		if held; then return; fi
	done
}

depth=() rate=20000
if has memtier_benchmark "$calm" "$most"; then
	# Each of its connections sends what falls due in 20 ms at once, and a wake-up costs more than a command;
	# ours in turns of its default, and in such as are still half as coarse.
	for slack_ms in 10 1; do
		compare "$calm" 0.75 ours memtier_paced
		floor memtier_paced
	done
	memtier_at_most >/dev/null
	closed=$(calc "$(jq '."ALL STATS".Totals.Count' "$tmp/m.json") / $seconds")
	highest_rate
	compare "$most ($rate/s)" 1.0 ours memtier_at_most
fi

# redis-benchmark never sleeps, and so neither side is woken: ours at that rate, or as near as --rps gets, and at a slower
# one, in turns of a thousand commands each. The other turns are told without a bound: in those of a hundred a send costs
# half as much again, of a bare loop as well, and what is due in those of ten thousand fits into no near cache.
depth=(--pipeline 16)
if has redis-benchmark "$deep"; then
	closed=$(redis_benchmark_rate)
	for slack_ms in 1 10; do
		highest_rate
		fast=$rate
		for rate in "$fast" "${SLOW_RATE:-100000}"; do
			turns ours redis_benchmark_deep
			name="$rate/s, in turns of $slack_ms ms, $(printf '%.2f / %.2f us' "$a" "$b")"
			if [ "$((slack_ms == 1))" -eq "$((rate == fast))" ]; then
				verdict "$deep, $name" "$ratio" '<=' 1.0
			else
				printf '%-62s %8.3f\n' "  at $name" "$ratio"
			fi
			floor redis_benchmark_deep
		done
	done
fi

kb=$("${generator[@]}" peakrss chaos-load -q --duration "$seconds" --progress none --rps 20000 --connections 16 "$url" \
	2>"$tmp/err") || [ $? -eq 3 ]
verdict "$memory" "$(calc "$kb / 1024")" '<=' 16
exit $status

#!/usr/bin/env bash
# Audited writes against plain ones at the highest rate (the same load generator, a redis-server beside it), the speed
# at which chaos-audit reads rows against chaos-analyze, and its peak memory, which is two bits a slot.
#
#	bench/audit.sh [ROWS]		10 million
# shellcheck source=bench/lib.sh
. "$(dirname "$0")/lib.sh"
rows=${1:-10000000}
mkdir -p build/bench
file=build/bench/audited.$rows.csv marks=build/bench/marks.$rows.jsonl holed=build/bench/holed.$rows.jsonl
if [ ! -s "$holed" ]; then
	genrows "$rows" 10000 AUDIT >"$file"
	mawk -f test/support/marks.awk "$file" >"$marks"
	mawk -v lost=$((rows > 10000 ? rows / 10000 : 1)) -f test/support/marks.awk "$file" >"$holed.part"
	mv "$holed.part" "$holed"
fi

# --- reading ---------------------------------------------------------------
# timed NAME COMMAND…: user and system seconds of it, fed from the file.
timed() {
	local name=$1 TIMEFORMAT='%U %S'
	shift
	{ time "${generator[@]}" "$@" <"$file" >"$tmp/$name" || [ $? -eq 1 ]; } 2>"$tmp/time"
	awk '{ print $1 + $2 }' "$tmp/time"
}
analyze_s() { timed analyze chaos-analyze; }
audit_s() { timed audit chaos-audit --from "$from"; }
for from in "$marks" "$holed"; do
	turns analyze_s audit_s
	verdict "rows a second of CPU time, chaos-audit ($(calc "$rows / $b / 1e6") M) / chaos-analyze, $(jq .lost "$tmp/audit") lost" \
		"$ratio" '>=' 0.5
done

# A row in a hundred, up to slot 100 million: the slots cost, not the rows.
mawk 'BEGIN { print "timestamp,latency_ms,op,slot"
	for (i = 0; i < 1000000; i++) printf "%d.000000,1.000,AUDIT,%d\n", 1766500030 + i / 1000, i * 100 + 99 }' >"$tmp/wide.csv"
peak_kb=$("${generator[@]}" peakrss chaos-audit --from "$marks" <"$tmp/wide.csv") || true # most of them were not read back
verdict "peak memory, slots up to 100 million, MB" "$(calc "$peak_kb * 1024 / 1e6")" '<=' 32

# --- writing ---------------------------------------------------------------
port=$(freeports 1)
"${server[@]}" redis-server --port "$port" --save "" --dir "$tmp" >/dev/null &
echo $! >>"$tmp/pids"
wait_port "$port"
# us COMMAND…: CPU time of the load generator for each write that was acknowledged.
us() {
	"${generator[@]}" chaos-load -q -r 20000 -d 3 -c 16 --pace-slack 50ms --summary "$tmp/load.json" "$@" \
		"redis://127.0.0.1:$port" >/dev/null 2>&1 || true
	jq '(.cpu_user_s + .cpu_system_s) / .ok * 1e6' "$tmp/load.json"
}
printf '{"run": "SETBIT plain {seq 262144} 1"}\n' >"$tmp/plain.jsonl"
n=0
plain_us() { us --requests "$tmp/plain.jsonl"; }
audited_us() {
	n=$((n + 1))
	us --audit="m$n.$EPOCHREALTIME"
}
turns audited_us plain_us
verdict "CPU time a write, audited ($(calc "$a") us) / plain SETBIT of the same length" "$ratio" '<=' 1.1
exit $status

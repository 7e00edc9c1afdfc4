#!/usr/bin/env bash
# chaos-analyze against mawk, which counts only the successes and errors of each second: rows a second
# from a pipe, on one core. Both read the same bytes in turns; the ratios are of the CPU time of the
# process that reads, and of the time on the clock. And its peak memory, which must not grow with the
# number of rows.
#
# And what a window costs as it is told live, against jq, which only reads those lines.
#
#	bench/analyze.sh [ROWS]		10 million, of 74 bytes each
#	LONG=1 bench/analyze.sh		memory with ten times as many, too
# shellcheck source=bench/lib.sh
. "$(dirname "$0")/lib.sh"
rows=${1:-10000000}
has mawk "rows a second, by CPU time" || exit 0

# 10,000 rows a second, latencies from 10 to 150 ms, 2 % refused: the same bytes each time.
mkdir -p build/bench
file=build/bench/samples.$rows.csv
if [ ! -s "$file" ]; then
	genrows "$rows" 10000 >"$file.part"
	mv "$file.part" "$file"
fi

count='NR > 1 { k = int($1); if ($5 == "") ok[k]++; else bad[k]++ }
	END { for (k in ok) print k, ok[k], bad[k] }'
# timed NAME COMMAND…: user and system seconds of it, fed by cat; the seconds on the clock go to $tmp/NAME.wall.
timed() {
	local name=$1 TIMEFORMAT='%R %U %S'
	shift
	"${server[@]}" cat "$file" | { time "${generator[@]}" "$@" >"$tmp/$name"; } 2>"$tmp/time"
	cut -d' ' -f1 "$tmp/time" >>"$tmp/$name.wall"
	awk '{ print $2 + $3 }' "$tmp/time"
}
mawk_s() { timed mawk mawk -F, "$count"; }
ours_s() { timed ours chaos-analyze; }

turns mawk_s ours_s
verdict "rows a second of CPU time, chaos-analyze ($(calc "$rows / $b / 1e6") M) / mawk" "$ratio" '>=' 6
wall=$(calc "$(median <"$tmp/mawk.wall") / $(median <"$tmp/ours.wall")")
verdict "rows a second on the clock, chaos-analyze / mawk" "$wall" '>=' 6
# Same answer, or the comparison means nothing.
diff <(awk '{ ok += $2; bad += $3 } END { print ok, bad }' "$tmp/mawk") \
	<(jq -r '[(.nodes | map(.ok) | add), (.nodes | map(.err) | add)] | "\(.[0]) \(.[1])"' "$tmp/ours")

# peak_mb ROWS RATE: peak memory in MB, from a pipe.
peak_mb() { calc "$(genrows "$1" "$2" | "${generator[@]}" peakrss chaos-analyze) / 1024"; }
verdict "peak memory, $rows rows of $((rows / 10000)) s, MB" "$(peak_mb "$rows" 10000)" '<=' 16
if [ -n "${LONG:-}" ]; then
	verdict "peak memory, ten times as many in as long, MB" "$(peak_mb "${rows}0" 100000)" '<=' 16
fi

# Three requests a second, a window each second: the lines are what costs.
awk 'BEGIN { print "timestamp,status_code,latency_ms"
	for (i = 0; i < 60000; i++) printf "%d,200,%d\n", 1766500000 + i / 3, 12 + i % 3 }' >"$tmp/slow.csv"
fed_s() {
	local TIMEFORMAT='%U %S'
	{ "${server[@]}" cat "$1" | { time "${@:3}" >"$2" 2>"$tmp/words"; } 2>"$tmp/time"; } 2>&1
	awk '{ print $1 + $2 }' "$tmp/time"
}
told_s() { fed_s "$tmp/slow.csv" "$tmp/windows.jsonl" chaos-analyze --window 1s --windows; }
read_s() { fed_s "$tmp/windows.jsonl" "$tmp/read" jq -c .; }
if has jq "a live window, CPU time"; then
	turns told_s read_s
	verdict "a live window, CPU time ($(calc "$a * 1e6 / 20000") us) / jq reading its lines" "$ratio" '<=' 3
fi
exit $status

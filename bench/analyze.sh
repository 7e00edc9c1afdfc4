#!/usr/bin/env bash
# chaos-analyze against mawk: rows a second from a pipe. mawk only counts successes and errors of
# each second; chaos-analyze does its whole analysis. Both take turns on the same file; the ratios are
# of the CPU time of the process that reads and of the time on the clock, medians of N.
#
#	bench/analyze.sh [ROWS]		(10 million; 74 bytes each)
set -euo pipefail
cd "$(dirname "$0")/.."
rows=${1:-10000000} turns=${TURNS:-5}
bin=$PWD/build/bin dir=$PWD/build/bench
command -v mawk >/dev/null || { echo "bench/analyze: needs mawk"; exit 0; }
mkdir -p "$dir"
cd "$dir"
file=samples.$rows.csv

# 10,000 rows a second, latencies from 10 to 150 ms, 2 % refused: the same bytes each time.
[ -s "$file" ] || "$bin/../rel/test/support/genrows" "$rows" 10000 >"$file.part"
[ -s "$file" ] || mv "$file.part" "$file"
echo "$rows rows, $(($(stat -c %s "$file") / rows)) bytes each; medians of $turns turns"

count='NR > 1 { k = int($1); if ($5 == "") ok[k]++; else bad[k]++ }
	END { for (k in ok) print k, ok[k], bad[k] }'
# measure NAME CMD…: appends "wall cpu kB" of CMD, fed by cat, to NAME.times.
measure() {
	local name=$1
	shift
	local TIMEFORMAT='%R %U %S'
	# shellcheck disable=SC2002  # a pipe is what is measured
	cat "$file" | { time "$@" >"$name.out"; } 2>"$name.time"
	awk -v rows="$rows" '{ print $1, $2 + $3 }' "$name.time" >>"$name.times"
}
# median NAME COLUMN
median() { sort -g -k "$2,$2" "$1.times" | awk -v c="$2" '{ v[NR] = $c } END { print v[int((NR + 1) / 2)] }'; }

rm -f ./*.times
for _ in $(seq "$turns"); do
	measure mawk mawk -F, "$count"
	measure analyze "$bin/chaos-analyze"
done
# Same answer, or the comparison means nothing.
diff <(awk '{ ok += $2; bad += $3 } END { print ok, bad }' mawk.out) \
	<(jq -r '[(.nodes | map(.ok) | add), (.nodes | map(.err) | add)] | "\(.[0]) \(.[1])"' analyze.out)

for what in "wall clock:1" "CPU:2"; do
	awk -v what="${what%:*}" -v a="$(median analyze "${what#*:}")" -v m="$(median mawk "${what#*:}")" \
		-v rows="$rows" 'BEGIN {
		printf "%-11s mawk %.2f M rows/s, chaos-analyze %.2f M rows/s: %.1f x\n", what ":",
			rows / m / 1e6, rows / a / 1e6, m / a }'
done
"$bin/../rel/test/support/peakrss" "$bin/chaos-analyze" <"$file" | awk '{ printf "peak RSS    %.1f MB\n", $1 / 1024 }'

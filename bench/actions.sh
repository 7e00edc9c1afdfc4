#!/usr/bin/env bash
# 500 actions of a running control session, each confirmed within 10 ms of its schedule at the 99th percentile, on an
# otherwise idle machine; beside it a bare loop that forks and stops a child at as many times, and one fsync of the journal's
# file system, which comes before each act. The state is on disk, then in memory, if there is /dev/shm.
#
#	bench/actions.sh [ACTIONS]		500
set -euo pipefail
cd "$(dirname "$0")/.."
actions=${1:-500}
export PATH="$PWD/build/bin:$PWD/build/rel/test/support:$PATH"
mkdir -p build/tmp
folder=$(mktemp -d "$PWD/build/tmp/bench-actions.XXXXXX")
memory=$(mktemp -d /dev/shm/bench-actions.XXXXXX 2>/dev/null || true)
cd "$folder"
# shellcheck disable=SC2317 # run by the trap
cleanup() {
	chaos-fault down >/dev/null 2>&1 || true
	rm -rf "$folder" ${memory:+"$memory"}
}
trap cleanup EXIT
mapfile -t port < <(freeports 4)
for ((n = 0; n < 4; n++)); do
	printf '  n%d: {url: "http://127.0.0.1:%d", process: [chaos-node, --port, "%d", --name, n%d]}\n' "$n" "${port[n]}" "${port[n]}" "$n"
done | sed '1i nodes:' >config.yaml
status=0
measure() { # WHERE STATE-HOME: one action each 100 ms, on four nodes in turns
	export XDG_STATE_HOME=$2
	chaos-fault up >/dev/null 2>&1
	awk -v n="$actions" 'BEGIN { for (i = 0; i < n; i++) printf "@%.3f pause n%d for 100ms\n", 1 + i / 10, i % 4 }' >commands
	{ cat commands; sleep $((actions / 10 + 3)); } | chaos-fault --control >events 3>&-
	chaos-fault down >/dev/null 2>&1
	jq -rs --arg where "$1" --argjson n "$actions" '
		[.[] | select(.event == "fault_injected") | .late_ms] | sort
		| "state \($where): \(length) of \($n) confirmed, late by \(.[length / 2 | floor] * 100 | round / 100) ms at the median, \(.[length * 0.99 | floor] * 100 | round / 100) ms at p99, \(.[-1] * 100 | round / 100) ms at most",
		  if length == $n then .[length * 0.99 | floor] else 1e9 end' events >told
	head -n 1 told
	jq -rs '[.[] | select(.event == "fault_injected") | .journal_ms] | sort
		| "  of that the journal: median \(.[length / 2 | floor]) ms, p99 \(.[length * 0.99 | floor]) ms"' events
	awk 'NR == 2 { exit !($1 <= 10) }' told || { echo "  MISSED: all of them, and 10 ms at p99"; status=1; }
}
measure "on disk" "$folder/state"
[ -z "$memory" ] || measure "in memory" "$memory"
echo "a bare loop that forks and stops a child: p99 $(timerloop 10 $((actions / 10)) pause) ms"
exit "$status"

#!/usr/bin/env bash
# From a command in a running control session to the confirmed kill or pause: at the median at most
# 5 ms beyond one fsync of the journal, both as the events of that very session say; and beside it,
# what one fsync of a small new file takes on the same file system, with dd.
#
#	bench/fault.sh [ROUNDS]		40
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-40}
export PATH="$PWD/build/bin:$PWD/build/rel/test/support:$PATH"
mkdir -p build/tmp
folder=$(mktemp -d "$PWD/build/tmp/bench-fault.XXXXXX")
cd "$folder"
export XDG_STATE_HOME=$folder/state
mapfile -t port < <(freeports 3)
cat > config.yaml <<END
nodes:
  a: {url: "http://127.0.0.1:${port[0]}", process: [chaos-node, --port, "${port[0]}", --name, a]}
  b: {url: "http://127.0.0.1:${port[1]}", process: [chaos-node, --port, "${port[1]}", --name, b]}
  c: {url: "redis://127.0.0.1:${port[2]}", process: [redis-server, --port, "${port[2]}", --bind, 127.0.0.1, --save, ""]}
END
session=
# shellcheck disable=SC2317 # run by the trap
cleanup() {
	exec 7>&- || true
	[ -z "$session" ] || wait "$session" || true
	chaos-fault down >/dev/null 2>&1 || true
	rm -rf "$folder"
}
trap cleanup EXIT
chaos-fault up 2>/dev/null
mkfifo control
chaos-fault --control <control >events 3>&- &
session=$!
exec 7>control
# reverted N: waits until the session has undone so many.
reverted() {
	until [ "$(grep -c '"event":"reverted"' events)" -ge "$1" ]; do sleep 0.01; done
}
until [ -s events ]; do sleep 0.01; done
for ((i = 1; i <= rounds; i++)); do
	# One at a time: what is measured is one command, not the queue.
	for what in "kill a" "pause b" "pause c"; do
		before=$(grep -c '"event":"reverted"' events || true)
		echo "$what for 20ms" >&7
		reverted $((before + 1))
	done
done
exec 7>&-
wait "$session"
session=
for ((i = 1; i <= rounds; i++)); do
	dd if=/dev/zero of="state/fsync.$i" bs=1000 count=1 conv=fsync 2>&1 |
		awk '/copied/ { for (i = 1; i < NF; i++) if ($(i + 1) ~ /^s,?$/) print $i * 1000 }'
done | sort -g | awk '{ v[NR] = $1 } END { printf "one fsync of 1000 bytes with dd: median %.2f ms\n", v[int((NR + 1) / 2)] }'
jq -rs --argjson rounds "$rounds" '
	def median: sort | .[length / 2 | floor];
	def round2: . * 100 | round / 100;
	[.[] | select(.event == "fault_injected")] as $all
	| ($all | group_by(.action + " " + .node)[]
		| "\(.[0].action) \(.[0].node): \(length) times, took \(map(.took_ms) | median | round2) ms, journal \(map(.journal_ms) | median | round2) ms, beyond it \(map(.took_ms - .journal_ms) | median | round2) ms (medians)"),
	($all | group_by(.action + " " + .node) | map(map(.took_ms - .journal_ms) | median) | max) as $beyond
	| "from command to confirmed, beyond the journal: the worst of these medians is \($beyond | round2) ms, at most 5",
	  if ($all | length) == 3 * $rounds and $beyond <= 5 then empty else "MISSED" end
' events | tee verdict
! grep -q MISSED verdict

#!/usr/bin/env bash
# What chaos-scenario itself takes while a load of 1,000 requests a second is on, with a steady state and stop conditions: at
# most 1 % of one core and 16 MB; and the actions of the run, ten a second: each confirmed within 10 ms of its time at the
# 99th percentile, as their events say, on an otherwise idle machine.
#
#	bench/scenario.sh [SECONDS]		50
# shellcheck source=bench/lib.sh
. "$(dirname "$0")/lib.sh"
length=${1:-50}
export XDG_STATE_HOME=$tmp/state
cd "$tmp"
mapfile -t port < <(freeports 4)
{
	echo nodes:
	for n in 0 1 2 3; do
		printf '  n%d: {url: "http://127.0.0.1:%d", process: [chaos-node, --port, "%d", --name, n%d]}\n' "$n" "${port[n]}" "${port[n]}" "$n"
	done
	echo 'load: {pace_slack: 1s}'
} >config.yaml
cat >s.yaml <<END
steady_state: ["error_rate < 0.9", {http: "http://127.0.0.1:${port[0]}/health", mode: Continuous, timeout: 2s}]
stop_conditions: ["error_rate > 0.99 for 10s"]
phases:
  - {duration: 2s, actions: [{type: start_load, rps: 1000}]}
  - duration: ${length}s
    actions:
$(for n in 0 1 2 3; do
	echo "      - {type: pause_node, target: n$n, at: ${n}00ms, for: 200ms, every: 400ms, times: $((length * 5 / 2 - 1))}"
done)
END
chaos-scenario --scenario s.yaml --run-id r --progress plain >said 2>&1 3>&- &
pid=$!
while read -ra stat <"/proc/$pid/stat" && [ "${stat[2]}" != Z ]; do
	used=${stat[*]:13:2}
	peak=$(awk '/^VmHWM/ { print $2 / 1024 }' "/proc/$pid/status")
	sleep 0.5
done 2>/dev/null
wait "$pid" || true
rows=$(wc -l <runs/r/samples.csv)
jq -s 'map(select(.event == "fault_injected").late_ms) | sort' runs/r/events.jsonl >late
verdict "CPU / run, in per cent of one core, $rows rows" "$(calc "100 * (${used% *} + ${used#* }) / $(getconf CLK_TCK) / ($rows / 1000)")" '<=' 1
verdict 'peak memory, MB' "$peak" '<=' 16
verdict "$(jq length late) actions: late at the 99th percentile, ms" "$(jq '.[length * 0.99 | floor]' late)" '<=' 10
verdict 'actions that were not confirmed' "$((4 * (length * 5 / 2 - 1) - $(jq length late)))" '<=' 0
exit "$status"

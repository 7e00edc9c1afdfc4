# chaostoolkit: journal of the Chaos Toolkit
# reads: analysis verdict
# with: cases.jq

def utc: (. | floor | strftime("%Y-%m-%dT%H:%M:%S")) + ((. * 1000000 | floor | . % 1000000 | tostring) as $us | "." + ("000000" + $us)[-6:]);
def activity($name; $type): {name: $name, type: $type, provider: {type: "process", path: "chaos-fault"}};
title as $title | line as $line | cases as $cases | analysis as $a | verdict as $v |
if $a == null then "the journal is made of an analysis" | halt_error(2) else . end |
($a.input.start_epoch_s // 0) as $t0 | ($a.input.duration_s // 0) as $s |
([$cases[] | select(.class | IN("expectation", "gate", "verdict", "run"))]) as $checks |
($checks | map(select(.result == "failure")) != []) as $deviated |
{"chaoslib-version": "chaos-toolkit", platform: "", node: "", experiment: {
		version: "1.0.0", title: $title, description: $line, "steady-state-hypothesis": {title: "what was asked for", probes: [$checks[] | activity(.name; "probe") + {tolerance: true}]},
		method: [$a.faults[] | activity("\(.action) \(.node // .url // "")"; "action")], rollbacks: []},
	start: ($t0 | utc), end: ($t0 + $s | utc), duration: $s, deviated: $deviated,
	status: ({stopped: "aborted", interrupted: "interrupted", failed: "failed", residue: "failed"}[$v.verdict // ""]
		// if $deviated then "failed" else "completed" end),
	steady_states: {before: null, during: [], after: (if $checks == [] then null else {steady_state_met: ($checks | all(.result == "ok")),
		probes: [$checks[] | {activity: (activity(.name; "probe") + {tolerance: true}), status: (if .result == "error" then "failed" else "succeeded" end),
			output: .text, tolerance_met: (.result == "ok"), start: ($t0 + $s | utc), end: ($t0 + $s | utc), duration: 0}]} end)},
	run: [$a.faults[] | {activity: activity("\(.action) \(.node // .url // "")"; "action"), status: (if .injected_epoch_s then "succeeded" else "failed" end),
		output: {fault, recovery_time_s, users}, start: (.requested_epoch_s // $t0 | utc), end: (.injected_epoch_s // .requested_epoch_s // $t0 | utc),
		duration: ((.injected_epoch_s // 0) - (.requested_epoch_s // .injected_epoch_s // 0))}],
	rollbacks: [$a.faults[] | select(.revert_requested_epoch_s) | {activity: activity("revert \(.action) \(.node // .url // "")"; "action"),
		status: (if .reverted_epoch_s then "succeeded" else "failed" end), output: null, start: (.revert_requested_epoch_s | utc),
		end: (.reverted_epoch_s // .revert_requested_epoch_s | utc), duration: ((.reverted_epoch_s // .revert_requested_epoch_s) - .revert_requested_epoch_s)}]}

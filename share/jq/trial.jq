# A line of trials.jsonl, of a run's verdict and analysis, and how it ended; null for what the run does not have:
#
#	jq -nc --argjson trial '{"n":1,"run_id":"r.1",…}' --slurpfile verdict … --slurpfile analysis … --argjson code 0 -f trial.jq

($verdict[0] // {}) as $v | ($analysis[0] // {}) as $a
# Of several faults the worst: one that was not seen to recover is worse than any that was.
| def worst(name; bound):
	[$a.faults[]? | if .[name] != null then {v: .[name], c: false}
		elif .[bound] != null then {v: .[bound], c: true}
		elif .absorbed or .affected == false then {v: 0, c: false} else empty end]
	| if . == [] then null else max_by([.c, .v]) end;
# Without a fault and an anomaly there is nothing to recover from.
({value: (if ($a.faults // []) + ($a.anomaly_windows // []) == [] then null else $a.recovery_time_sec end), c: false}
	| if .value == null and $a.censored then worst("recovery_time_s"; "recovery_lower_bound_s") else {v: .value, c} end) as $recovery
| worst("recovery_after_revert_s"; "recovery_after_revert_lower_bound_s") as $after
| $trial + {
	verdict: $v.verdict, exit: ($v.exit // $code), line: $v.line,
	metrics: (if $a == {} then null else
		($a.run_summary | {throughput_rps, error_rate, p50_latency_ms, p95_latency_ms, p99_latency_ms})
		+ {recovery_time_sec: $recovery.v, recovery_after_revert_s: $after.v,
		   blackout_s: ([$a.faults[]?.blackout_s | numbers] | max)} end),
	censored: [if $recovery.c then "recovery_time_sec" else empty end, if $after.c then "recovery_after_revert_s" else empty end],
	expectations: [$v.expectations[]? | {text, phase, fault, load, result, value, bound}]
}

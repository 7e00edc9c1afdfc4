# gitlab: metrics report of GitLab (artifacts:reports:metrics); for its tests use junit
# reads: analysis verdict
# with: cases.jq

cases as $cases | analysis as $a |
def metric($name; $value): if $value == null then empty else "chaos_\($name) \($value)" end;
metric("checks_failed"; $cases | count("failure") + count("error")),
metric("checks_inconclusive"; $cases | map(select(.class | IN("expectation", "gate", "verdict"))) | count("skipped")),
if $a == null then empty else
	metric("recovery_time_seconds"; $a.recovery_time_sec), metric("error_rate"; $a.run_summary.error_rate),
	metric("throughput_rps"; $a.run_summary.throughput_rps), metric("p50_latency_ms"; $a.run_summary.p50_latency_ms),
	metric("p95_latency_ms"; $a.run_summary.p95_latency_ms), metric("p99_latency_ms"; $a.run_summary.p99_latency_ms),
	metric("availability"; $a.availability.request), metric("anomalies"; $a.intervals | length) end

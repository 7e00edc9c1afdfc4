# What was asked of a run and what came of it, from its analysis and its verdict: the cases that JUnit, GitHub
# and GitLab are told of. Input: the array of both, or one. A filter puts its own line behind this.

def num: if . == null then "unknown" elif type == "number" then (. * 1000 | round / 1000 | tostring) else tostring end;
def analysis: map(select(.schema == "chaos-analyze/1")) | first // null;
def verdict: map(select(.schema == "chaos-verdict/1")) | first // null;
def result: {held: "ok", pass: "ok", missed: "failure", fail: "failure", inconclusive: "skipped"}[.];

# A fault's UID, with what it is if the analysis is there.
def named($faults): . as $uid | ([$faults[] | select(.fault == $uid) | "\(.action) \(.node)"] | unique) + [.] | join(", ");

# What was acknowledged with fewer replicas than were asked for, beside what is told of lost writes.
def unreplicated($a; $rule): ($a.audit.unreplicated // 0) | if . > 0 and ($rule | contains("lost_writes")) then "; \(.) unreplicated" else "" end;

# What holds where a gate has not failed: the rule the other way round, or that it was never true for so long.
def contrary: if test("[ \t]for[ \t]") then "never \(.)"
	else capture("^(?<left>[^<>=!]*)(?<op>[<>=!]=?)(?<right>.*)$") // null
	| .left + {">": "<=", ">=": "<", "<": ">=", "<=": ">", "==": "!=", "!=": "=="}[.op] + .right end;

def expectations: analysis as $a | (analysis | .faults // []) as $faults | (verdict | .expectations // [])[] | {
	class: "expectation", name: (([.load, .text] | map(select(.)) | join(": "))
		+ ([.phase, (.fault | if . then named($faults) else null end)] | map(select(.)) | if . == [] then "" else " (\(join(", ")))" end)),
	result: (.result | result), text: "\(.result): \(.text), \(.reason // "it is \(.value | num)")\(unreplicated($a; .text))",
	detail: ([("phase", "load", "fault", "value", "bound") as $k | select(.[$k] != null) | "\($k) \(.[$k] | num)"] | join(", "))};

def gates: analysis as $a | ($a.verdict.gates // [])[] | . as $g | {
	class: "gate", name: (.rule | contrary), result: (.result | result),
	text: ((if .result == "fail" then "gate failed: \(.rule), it is \(.value // .value_lower_bound | num)"
		+ (if .value == null and .value_lower_bound != null then " or more" else "" end)
		elif .result == "inconclusive" then "inconclusive: \(.rule)\(if .doubt then ", in doubt by \({no_failures: "failures: not in this log", no_unanswered: "requests without an answer: not in this log",
			closed_loop: "a closed loop: what was not sent meanwhile is not in this log", no_end: "when requests ended: not in this log",
			shortest_outage_s: "the detection: an outage that short would not be seen", false_alarm_bound: "chance: without a longer baseline it may explain the anomalies"}[.doubt] // .doubt)" else "" end)"
		else "it is \(.value | num)" end) + unreplicated($a; .rule))};

def threshold_names: ["throughput", "errors", "latency", "silence"];
# Of what is not judged: that which is told with its threshold.
def of_threshold: .fault == null and ([.what] | inside(threshold_names));

# What the analysis calls anomalous. No failure: whoever injects faults expects it, and a gate says what is too much.
def thresholds: (analysis // {intervals: null}) as $a | if $a.intervals == null then empty else
	threshold_names[] as $why | [$a.intervals[] | select(.reasons | index($why))] as $seen |
		[if $a.input.seconds_judged == 0 then "no second could be judged"
			elif $why == "latency" and $a.run_summary.p50_latency_ms == null then "not judged: no latency is known"
			elif $why == "throughput" and any($a.baseline, ($a.loads // {})[].baseline; .throughput_rps == 0) then "not judged: nothing succeeded in the baseline"
			else empty end, ($a.not_judged // [] | map(select(of_threshold and .what == $why)
			| "not judged: \(if .load then "\(.load): " else "" end)\(.reason)")[])] as $lacks | {
		class: "threshold", name: $why, result: (if $seen + $lacks == [] then "ok" else "skipped" end),
		text: (if $seen == [] then $lacks | join("; ")
			else "anomalous: \($seen | map("\(.start_s | num) s to \(.end_s | num) s") | join(", ")); no failure by itself" end)} end;

# Metrics against the baseline; a failure where the verdict counts them.
def comparisons: analysis as $a | ($a.compare // [])[] | . as $c | {
	class: "baseline", name: .metric, result: (if .verdict == "fail" and (($a.verdict.reasons // []) | index($c.metric) | not)
		then "skipped" else .verdict | result end),
	text: "\(.verdict): \(.metric) \(.run_value | num), of the baseline \(.baseline_value | num), tolerance \(.tolerance | num)"};

# What stopped the run, or made its verdict more than its gates say. Without an analysis it was stopped.
def run: verdict as $v | analysis as $a |
	if $v != null and (($v.verdict | IN("stopped", "interrupted", "failed", "residue")) or ($a == null and $v.verdict == "inconclusive")) then
		{class: "run", name: "run", result: "error", text: $v.line}
	elif $v == null and $a.verdict != null then
		([$a.verdict.gates[].rule] + [$a.compare[].metric]) as $known |
		($a.verdict.reasons[] | select(. as $r | $known | index($r) | not)) |
		(if IN("nothing_judged", "generator_unsound", "shards_missing", "baseline_unsound", "baseline_unstable", "closed_loop", "baseline_unhealthy", "rows_contradict", "rows_bad", "events_bad")
			then "inconclusive" else $a.verdict.result end) as $result | # a doubt beside what failed is no second failure
		{class: "verdict", name: ., result: ($result | result), text: "\($result): \(.)"}
	else empty end;

def judged: (analysis | .not_judged // [])[] | select(of_threshold | not) | {class: "not judged", result: "skipped",
	name: ([.load, .what, .fault] | map(select(.)) | join(" ")), text: .reason};

def cases: [expectations, gates, run, comparisons, thresholds, judged];
def count($result): map(select(.result == $result)) | length;
# The finding in one line: that of the verdict, else what the gates say.
def line: . as $in | cases as $c | verdict as $v | analysis as $a | if $v != null then $v.line
	elif $a.verdict == null then "no rule was given: recovery \(if $a.censored then "not seen" else "\($a.recovery_time_sec | num) s" end), error rate \($a.run_summary.error_rate | num)"
	else ([$c[] | select(.result == "failure" or .result == "error") | .text] | join("; ")) as $bad |
		if $bad != "" then $bad elif $a.verdict.result == "pass" then "passed: \([$a.verdict.gates[].rule | contrary] | join(", "))"
		else "\($a.verdict.result): \($a.verdict.reasons | join(", "))" end end;
def title: [analysis.run_id, env.to_name, "chaos"] | map(select(. != null and . != "")) | first;

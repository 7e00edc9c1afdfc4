# grafana: annotations, a JSON object a line for POST /api/annotations
# reads: analysis events

def ms: . * 1000 | round;
def tags($run): ["chaos", $run, .action, .node // .url] | map(select(. != null and . != ""));

input as $first | (
if $first.schema == "chaos-analyze/1" then
	$first | .input.start_epoch_s as $t0 | (.run_id // env.to_name) as $run |
	if $t0 == null then empty else
		(.faults[] | select(.requested_epoch_s) | {time: (.requested_epoch_s | ms), timeEnd: (.reverted_epoch_s // .injected_epoch_s // .requested_epoch_s | ms),
			tags: tags($run), text: "\(.action) \(.node // .url // "")\(if .recovery_time_s then ": recovered \(.recovery_time_s) s after it" elif .censored then ": not recovered" else "" end)"}),
		(.intervals[] | {time: ($t0 + .start_s | ms), timeEnd: ($t0 + .end_s | ms), tags: ["chaos", $run, "anomaly", .load | select(. != null and . != "")],
			text: "anomaly: \(.reasons | join(", ")); at worst \(if .max_error_rate == null then "unknown" else "\(.max_error_rate * 1000 | round / 10) %" end) errors"}) end
else
	($first, inputs) | select(.event | IN("fault_injected", "reverted", "revert_failed", "phase_start", "stop_rule")) |
	{time: (.t | ms), tags: (["chaos", .event] + (tags(null) | .[1:])), text: ([.event | gsub("_"; " ")] + [.action, .node, .phase, .message] | map(select(.)) | join(" "))}
end
) | tojson

# One load summary of those of all shards: sums, worst figures, and what the shards differ in. Input: what
# shards.jq writes, summary null for a shard that was lost; $start is the UNIX time of slot 0 here. Percentiles of
# shards cannot be joined: the rows have them.
def all(f): [.[] | .summary | select(. != null) | f];
def agree(name; f): (all(f) | unique | length) as $n | if $n > 1 then "the shards differ in \(name)" else empty end;
def round3: . * 1000 | round / 1000;
. as $shards
| ([$shards[].said | select(. != null)]
	+ [$shards | agree("profile"; .profile), agree("timeout"; .timeout_s), agree("seed"; .seed)]
	+ [$shards[] | select(.after_ms != null) | ((.after_ms - .offset_ms) | fabs) as $d
		| select($d > .error_ms + .after_error_ms + 1)
		| "the clock of \(.host) moved by \($d | round3) ms during the load"]) as $unsound
| ([$shards[] | . as $s | (.summary.reasons // [])[] | "\($s.host): \(.)"]) as $reasons
| all(.)[0] as $first
| if $first == null then error("no shard has a summary") else $first end
| . + {
	start_t: $start,
	shard: null,
	duration_s: ($shards | all(.duration_s) | max),
	nodes: ($shards | all(.nodes) | add | unique),
	ended: ([$shards | all(.ended)[] | select(. != "duration")] | first // "duration"),
	errors: ($shards | all(.errors | to_entries) | add | group_by(.key) | map({key: .[0].key, value: map(.value) | add}) | from_entries),
	sound: (($unsound | length) == 0 and ($shards | all(.sound) | all)),
	reasons: ($unsound + $reasons),
	shards: [$shards[] | del(.gaps, .said) + {due: .summary.due, sound: (.summary.sound and .said == null)}]
}
| reduce ("p50", "p95", "p99") as $p (.; .["\($p)_latency_ms"] = null | .["\($p)_pacing_ms"] = null)
| del(.p95_pacing_ms)
| reduce ("due", "sent", "ok", "rows", "lost", "wait_s", "output_blocked_s", "cpu_user_s", "cpu_system_s", "peak_inflight") as $k
	(.; .[$k] = ($shards | all(.[$k]) | add))
| reduce ("slots", "max_latency_ms", "max_pacing_ms", "max_wait_ms") as $k (.; .[$k] = ($shards | all(.[$k]) | max))

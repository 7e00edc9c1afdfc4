# A page of several analyses, as Markdown: one row a run, in the order given.
def figure: if . == null then "–" elif . >= 100 then round else (. * 10 | round / 10) end | tostring;
def percent: if . == null then "–" else "\(. * 1000 | round / 10) %" end;
def ms: if . == null then "–" else "\(figure) ms" end;
def md: tostring | gsub("[[:cntrl:]\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"; " ") | gsub("(?<c>[\\\\|*`])"; "\\\(.c)");
def recovery: if .censored then "not in the run" elif .recovery_time_sec == null or (.faults + .anomaly_windows == []) then "–" else "\(.recovery_time_sec | figure) s" end;
# What the run itself said, where its trial tells.
def line: .run_id as $id | first($trials[] | select(.run_id? == $id) | .line // empty) // null;
def worst($key): [.[] | select(.run_summary[$key] != null)] | max_by(.run_summary[$key]) | if . == null then "none" else "\(.run_id | md) (\(.run_summary[$key] |
		if $key == "error_rate" then percent else "\(figure) ms" end))" end;
# What a search found, which is what its runs were for.
def answer: ($trials[0] | select(.kind? == "search") | .parameter // "value" | md) as $name
	| (first($trials[] | select(.type? == "end")) // {}) as $last
	| "**\($name): \(if $last.lower_bound then "held up to \($last.lower_bound)" else "nothing held for sure" end), \(
		if $last.upper_bound then "missed from \($last.upper_bound) on" else "nothing was missed for sure" end)\(
		if $last.certain == false then ", not confirmed" else "" end).**", "";
"# \(length) runs", "",
answer,
"**Most errors in \(worst("error_rate")), slowest p99 in \(worst("p99_latency_ms")).** " +
	"Each run is judged by its own normal; what differs between runs may be chance.", "",
"| run | successes/s | errors | p50 | p95 | p99 | anomalies | recovery | finding |",
"|---|---:|---:|---:|---:|---:|---:|---:|---|",
(.[] | .run_summary as $s | "| \(.run_id | md) | \($s.throughput_rps | figure) | \($s.error_rate | percent) | \(
	$s.p50_latency_ms | ms) | \($s.p95_latency_ms | ms) | \($s.p99_latency_ms | ms) | \(
	.anomaly_windows | length) | \(recovery) | \((line // ([.faults[] | "\(.action) of \(.node)"] | unique | join(", "))) | md) |"),
"", "Latency is that of successes. Recovery is from the injection, the longest over the faults of a run."

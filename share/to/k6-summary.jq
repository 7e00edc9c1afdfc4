# k6-summary: JSON as of k6 run --summary-export; what the analysis does not know is left out
# reads: analysis verdict
# with: cases.jq

def known: with_entries(select(.value != null));
analysis as $a | cases as $cases |
if $a == null then "the summary is made of an analysis" | halt_error(2) else $a.run_summary end | . as $s |
($s.error_rate_lower_bound != null) as $some | (if $some then ("failures are left out: this log holds only some of them" | debug | empty) else empty end),
{root_group: {name: "", path: "", id: "d41d8cd98f00b204e9800998ecf8427e", groups: {},
	checks: ([$cases[] | select(.class | IN("expectation", "gate")) | {key: .name, value: {name, path: "::\(.name)", id: .name,
		passes: (if .result == "ok" then 1 else 0 end), fails: (if .result == "ok" then 0 else 1 end)}}] | from_entries)},
 metrics: {
	http_reqs: ({count: $s.due, rate: (if ($s.seconds // 0) > 0 then $s.due / $s.seconds else null end)} | known),
	http_req_failed: ({passes: (if $some then null else $s.err end), fails: (if $s.err then $s.ok else null end), value: $s.error_rate} | known),
	http_req_duration: ({med: $s.p50_latency_ms, "p(95)": $s.p95_latency_ms, "p(99)": $s.p99_latency_ms, max: $s.max_latency_ms} | known)}}

# github-summary: the step summary of a GitHub workflow, in Markdown
# reads: analysis verdict
# with: cases.jq

# Text of others in a table: no Markdown, no HTML, one line.
def cell: tostring | gsub("[[:cntrl:]\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+"; " ") | gsub("&"; "&amp;") | gsub("<"; "&lt;") | gsub(">"; "&gt;")
	| gsub("(?<c>[|`*_\\[\\]!#~@\\\\])"; "\\\(.c)");
def word: {ok: "passed", failure: "**failed**", error: "**error**", skipped: "not decided"}[.];

title as $title | line as $line | cases as $cases | analysis as $a |
"### \($title | cell): \($line | cell)",
"",
"| what | result | |", "|---|---|---|",
($cases[] | "| \(.class | cell): \(.name | cell) | \(.result | word) | \(if .result == "ok" and .class == "threshold" then "" else .text | cell end) |"),
"",
(if $a == null then empty else
	"\($a.run_summary.due | num) requests, \(if $a.run_summary.error_rate_lower_bound then "at least " else "" end)\($a.run_summary.err | num) failed; p50 \($a.run_summary.p50_latency_ms | num) ms, p99 \($a.run_summary.p99_latency_ms | num) ms; "
	+ "recovery \(if $a.censored then "not seen, more than \($a.recovery_lower_bound_s | num) s" else "\($a.recovery_time_sec | num) s" end).", "" end)

# openmetrics: OpenMetrics text; of windows each with its time, or live with --textfile
# reads: analysis windows

def escaped: tostring | gsub("[[:cntrl:]\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"; " ") | gsub("\\\\"; "\\\\") | gsub("\""; "\\\"");
def labels: with_entries(select(.value != null)) | to_entries | map("\(.key)=\"\(.value | escaped)\"") | join(",") | if . == "" then . else "{\(.)}" end;
def seconds: . * 1000 | round / 1000000;
# One family: of rows with a value, labels and perhaps a time.
def family($name; $type; $help; rows): [rows | select(.v != null)] | if . == [] then empty else
	# Counters are there only live, and so in the Prometheus text format, which names the family with its _total.
	($name + if $type == "counter" then "_total" else "" end) as $name |
	"# TYPE \($name) \($type)", (if $name | endswith("_seconds") then "# UNIT \($name) seconds" else empty end), "# HELP \($name) \($help)",
	(.[] | "\($name)\(.l | labels) \(.v)\(if .t then " \(.t)" else "" end)") end;

# Counts of failures that may be too low are no figures for a monitoring system.
def some($is): if $is then ("failures are left out: this log holds only some of them" | debug | empty) else empty end;
def known_err: if .error_rate == null and .due > 0 then null else .err end; # of a window

def of_analysis: . as $a | {run: .run_id} as $l | .run_summary as $s | ($s.error_rate_lower_bound != null) as $some |
	some($some),
	family("chaos_requests"; "gauge"; "Requests that were due, by result.";
		{l: ($l + {result: "ok"}), v: $s.ok}, {l: ($l + {result: "error"}), v: (if $some then null else $s.err end)}),
	family("chaos_errors"; "gauge"; "Failed requests by class."; (if $some then {} else $s.errors // {} end) | to_entries[] | {l: ($l + {class: .key}), v: .value}),
	family("chaos_latency_seconds"; "gauge"; "Percentiles of the latencies of successes.";
		("50", "95", "99") | {l: ($l + {percentile: .}), v: ($s["p\(.)_latency_ms"] | if . then seconds else null end)}),
	family("chaos_throughput_per_second"; "gauge"; "Successes a second."; {l: $l, v: $s.throughput_rps}),
	family("chaos_error_ratio"; "gauge"; "Failures of the requests that were due."; {l: $l, v: $s.error_rate}),
	family("chaos_recovery_time_seconds"; "gauge"; "From the injection to the first healthy seconds."; {l: $l, v: $a.recovery_time_sec}),
	family("chaos_anomalies"; "gauge"; "Anomalous intervals."; {l: $l, v: ($a.intervals | length)}),
	family("chaos_gate_passed"; "gauge"; "1 if the gate passed, 0 if it failed or was inconclusive.";
		$a.verdict.gates // [] | .[] | {l: ($l + {rule}), v: (if .result == "pass" then 1 else 0 end)}),
	"# EOF";

# Of windows, each with its time; live: of the latest one, with counters of all so far.
def of_windows($ws): def rows($key): $ws[] | {l: {load}, v: .[$key], t};
	some($ws | any(known_err != .err)),
	family("chaos_window_due"; "gauge"; "Requests that were due in the window."; rows("due")),
	family("chaos_window_errors"; "gauge"; "Requests due in the window that failed."; $ws[] | {l: {load}, v: known_err, t}),
	family("chaos_window_error_ratio"; "gauge"; "Failures of the requests that were due in the window."; rows("error_rate")),
	family("chaos_window_latency_seconds"; "gauge"; "Percentiles of the latencies of successes.";
		$ws[] | ("50", "99") as $p | {l: {load, percentile: $p}, v: (.["p\($p)_latency_ms"] | if . then seconds else null end), t});

input as $first |
if $first.schema then $first | of_analysis
elif env.to_live == "1" then
	foreach (inputs | select(.type == "window" and .final != false)) as $w ({};
		.[$w.load // ""] |= {ok: (.ok + $w.ok), err: (.err + $w.err), some: (.some or ($w | known_err != .err)), w: $w};
		. as $all | family("chaos_requests"; "counter"; "Requests that were due, by result.";
			$all | to_entries[] | {load: .value.w.load} as $l | .value |
				{l: ($l + {result: "ok"}), v: .ok}, {l: ($l + {result: "error"}), v: (if .some then null else .err end)}),
		of_windows([$all[].w]), "# EOF")
else
	reduce (inputs | select(.type == "window")) as $w ({}; .["\($w.load) \($w.start_s)"] = $w) |
	of_windows([.[] | .t = $first.t0 + .start_s + .length_s] | sort_by(.load, .t)), "# EOF"
end

# influx: line protocol of InfluxDB, a line for each window or event
# reads: windows events

def tag: tostring | gsub("[[:cntrl:]\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"; " ") | gsub("(?<c>[ ,=\\\\])"; "\\\(.c)");
def text: "\"\(tostring | gsub("[[:cntrl:]\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"; " ") | gsub("\\\\"; "\\\\") | gsub("\""; "\\\""))\"";
def tags: to_entries | map(select(.value != null and .value != "") | ",\(.key)=\(.value | tag)") | join("");
def fields: to_entries | map(select(.value != null) | "\(.key)=\(.value | if type == "number" then tostring elif type == "boolean" then tostring else text end)") | join(",");
# ns of UNIX seconds, which as one number would lose the last digits.
def ns: (. * 1000000 | round) as $us | "\($us)000";

input as $first |
if $first.type == "windows" then
	foreach (inputs | select(.type == "window" and .final != false)) as $w (null; # failures that may be more are left out, and told of once
		($w | .error_rate == null and .due > 0) as $some | {told: (.told or $some), now: ($some and (.told | not)), w: ($w | if $some then .err = null else . end)};
		(select(.now) | "failures are left out: this log holds only some of them" | debug | empty), .w) |
	"chaos_window\({run: env.to_name, load} | tags) \({due, ok, err, completed_ok, error_rate, p50_latency_ms, p99_latency_ms,
		max_latency_ms, length_s, unmeasured} | fields) \($first.t0 + .start_s | ns)"
else
	($first, inputs) | select(.event and .t) |
	"chaos_event\({run: (.run_id // env.to_name), event, action, node} | tags) \({fault: (.fault // ""), phase, message, rate_rps, took_ms} | fields) \(.t | ns)"
end

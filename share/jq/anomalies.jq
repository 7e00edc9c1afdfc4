# An analysis in, one line an anomaly out:
#
#	chaos-analyze < samples.csv | jq -r -f share/jq/anomalies.jq
#
# "10 s to 18 s (8 s): errors; at worst 34 % errors, 62 % of the normal successes; after f1"

def percent: . * 1000 | round / 10 | "\(.) %";

.intervals[]
| "\(.start_s) s to \(.end_s) s (\(.end_s - .start_s) s): \(.reasons | join(" and "));"
  + " at worst \(if .max_error_rate == null then "unknown" else .max_error_rate | percent end) errors"
  + (if .min_ratio == null then "" else ", \(.min_ratio | percent) of the normal successes" end)
  + (if .fault == null then "" else "; after \(.fault | gsub("[[:cntrl:]\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"; " "))" end)

# Events in, a readable timeline out, in order of time:
#
#	jq -nRr -f share/jq/timeline.jq runs/run1/events.jsonl
#
# Seconds count from run_start, else from the first event. Lines that are no JSON (the torn last
# line of a writer that was killed) are left out.

def pad($width): tostring | (" " * ($width - length)) + .;
def seconds: (. * 1000 | round) as $ms | ($ms | fabs) as $abs
  | "\(if $ms < 0 then "-" else "" end)\($abs / 1000 | floor).\("00\($abs % 1000)" | .[-3:])";

[inputs | fromjson? | select(type == "object" and (.t | type) == "number" and (.event | type) == "string")]
| sort_by(.t) as $events
| (first($events[] | select(.event == "run_start")) // $events[0]).t as $t0
| $events[]
| "\(.t - $t0 | seconds | pad(9)) s  "
  + ([ (.event | gsub("_"; " ")), .action, .node // .url, .name // .phase, .message,
       (if .rate_rps then "\(.rate_rps)/s" else null end),
       (if .fault then "(\(.fault))" else null end) ]
     | map(select(. != null) | tostring | gsub("[[:cntrl:]\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"; " ")) | join(" "))

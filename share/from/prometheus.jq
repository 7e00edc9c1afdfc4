# prometheus: answer of /api/v1/query_range, of rate() or increase() by status (--as)
# guess: ^[{]"status":"success","data":[{]"resultType":
# lacks: single requests: these are counts by step; latency; what happened between two scrapes

# A series fails whose label says so: code, status, ... of 400 on, or result, outcome of error, failure.
def labels: [.metric | (.code, .status, .status_code, .response_code, .http_status_code, .http_response_status_code,
	.result, .outcome, .grpc_code) // empty | ascii_downcase];
def fails: labels | any(test("^[45]([0-9xX]{2})?$|^(0|-1)?$|err|fail|timeout|refused|unavailable|internal"));
def step: [.[].values | [.[][0]] | [.[1:], .[:-1]] | transpose[] | .[0] - .[1]] | min // null;

if .status != "success" or .data.resultType != "matrix" then
	"this answer is no matrix: ask /api/v1/query_range" | halt_error(2) else .data.result end |
(map(.metric) | map(select(.le or .quantile)) | length) as $parts | (map(.metric.__name__ // empty | select(endswith("_total"))) | first) as $total |
if $parts > 0 then "these series are buckets or quantiles: ask for requests by status" | halt_error(2)
	elif $total != null then "\($total) is a running total: ask for its rate() or increase()" | halt_error(2) else . end |
any(labels != []) as $told |
if $told then . else ("no series has a label of a status: failures are missing" | debug | empty), . end |
. as $all | step as $step | env.from_as as $kind |
if $step == null then "no series has two values: a range of several steps is needed" | halt_error(2) else . end |
(if $kind == "increase" then 1 elif $kind == "rate" or $kind == "" then $step
	else "--as is rate or increase" | halt_error(2) end) as $scale |
"timestamp,node,length_s,ok,err",
# A value at a time tells of the step before it.
(reduce ($all[] | fails as $bad | (.metric.instance // env.from_node) as $node | .values[] |
		{t: .[0], node: $node, bad: $bad, n: (.[1] | tonumber)} | select(.n == .n)) as $v ({};
		.["\($v.t)\t\($v.node)"] |= ((. // {t: $v.t, node: $v.node, ok: 0, err: 0}) |
			if $v.bad then .err += $v.n * $scale else .ok += $v.n * $scale end)) |
	[.[]] | sort_by(.t, .node)[] | [.t - $step, (.node | gsub("[,\"[:cntrl:]]"; "%20")), $step, .ok, if $told then .err else "" end] | map(tostring) | join(","))

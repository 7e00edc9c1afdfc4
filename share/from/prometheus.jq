# prometheus: answer of /api/v1/query_range, of rate() or increase() by status (--as)
# guess: ^[{]"status":"success","data":[{]"resultType":
# lacks: single requests: these are counts by step; latency; what happened between two scrapes
# takes: --as

# Of each label that tells: whether it says failure, null where its word is not known. HTTP statuses and their classes are
# numbers; all else than OK of gRPC is a failure.
def verdicts: [.metric | ((.code, .status, .status_code, .response_code, .http_status_code, .http_response_status_code,
		.result, .outcome) // empty | ascii_downcase | if test("^-?[0-9]+$|^[0-9]xx$") then test("^[1-3]([0-9]{2}|xx)$") | not
		elif . == "" or test("err|fail|timeout|refused|unavailable|internal") then true
		elif test("^(ok|success|successful|succeeded|passed|completed|true|hit|miss)$") then false else null end),
	((.grpc_code, .grpc_status, .grpc_response_status) // empty | ascii_downcase | (. == "ok" or . == "0") | not)];
# A series of unknown words alone fails: what is no success is a failure.
def fails: verdicts | map(select(. != null)) | length == 0 or any;
def step: [.[].values | [.[][0]] | [.[1:], .[:-1]] | transpose[] | .[0] - .[1]] | min // null;

if .status != "success" or .data.resultType != "matrix" then
	"this answer is no matrix: ask /api/v1/query_range" | halt_error(2) else .data.result end |
(map(.metric) | map(select(.le or .quantile)) | length) as $parts | (map(.metric.__name__ // empty | select(endswith("_total"))) | first) as $total |
if $parts > 0 then "these series are buckets or quantiles: ask for requests by status" | halt_error(2)
	elif $total != null then "\($total) is a running total: ask for its rate() or increase()" | halt_error(2) else . end |
any(verdicts != []) as $told |
(map(select($told and (verdicts | all(. == null))).metric | to_entries | map("\(.key)=\(.value)") | join(" "))) as $unknown |
if $unknown == [] then . else
	("\($unknown | length) series count as failures, as they do not say that they are successes, the first \($unknown[0])" | debug | empty), . end |
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

# otel: OpenTelemetry traces as OTLP in JSON, an object a line (file exporter of the Collector)
# guess: ^[{]"resourceSpans":
# lacks: what was not sampled: shares are right if failures are sampled as the rest is
# columns: timestamp,node,latency_ms,error,op,bytes,detail

# A request is a span without a parent, or of kind server or consumer whose parent is of another service,
# which one line cannot tell: hence only those without a parent.
def attr($names): [.attributes[]? | select(.key as $k | $names | index($k)) | .value | (.stringValue, .intValue, .doubleValue) // empty] | first // null | if . == null then null else tostring end;
def quoted: gsub("[[:cntrl:]]+"; " ") | .[0:200] | gsub("\""; "\"\"") | if . == "" then "" else "\"\(.)\"" end;
def plain: gsub("\""; "%22") | gsub(","; "%2C") | gsub("[[:cntrl:]]"; "%20");
def ns: if test("^[0-9]{19}$") then . else error("no time") end;

(.resourceSpans // error("no resourceSpans"))[] | (.resource | attr(["service.name"])) as $service |
(.scopeSpans // .instrumentationLibrarySpans // [])[] | .spans[]? | select((.parentSpanId // "") == "") |
(.startTimeUnixNano | tostring | ns) as $from | (.endTimeUnixNano | tostring | ns) as $to |
(($to[0:10] | tonumber) - ($from[0:10] | tonumber)) as $s | (($to[10:] | tonumber) - ($from[10:] | tonumber)) as $ns |
(attr(["http.response.status_code", "http.status_code"]) // "") as $status |
((.status.code // 0 | tostring) | . == "2" or . == "STATUS_CODE_ERROR") as $failed |
(attr(["error.type", "exception.type"]) // .status.message // "") as $text |
[$from[0:10] + "." + $from[10:16],
 (attr(["server.address", "net.peer.name", "net.host.name"]) // $service // env.from_node | plain),
 ($s * 1000 + $ns / 1e6 | tostring),
 (if ($status | test("^[45]..$")) then "http_\($status[0:1])xx"
	elif $failed | not then "" elif $text | test("timeout|timed out|deadline"; "i") then "timeout"
	elif $text | test("refused"; "i") then "refused" elif $status != "" then "http_content" else "closed" end),
 (.name // "" | plain), "", (if $failed then $text | quoted else "" end)] | join(",")

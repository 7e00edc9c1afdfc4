# jtl: log of JMeter in CSV
# reads: samples

# JMeter 2 knows no sentBytes, and takes a name in quotes at the end for a variable; the report of later ones asks for it.
BEGIN {
	rows_of_failures = 1
	print "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,failureMessage,bytes," \
		"grpThreads,allThreads,URL,Latency,IdleTime,Connect,\"sentBytes\""
}
function quote(s) {
	gsub(/"/, "\"\"", s)
	return s ~ /[",]/ ? "\"" s "\"" : s
}
function sample(    label) {
	label = get("op") == "" ? "request" : get("op")
	printf "%.0f,%.0f,%s,%s,%s,%s,text,%s,%s,%s,1,1,%s,%.0f,0,0,0\n", t * 1000, ms, quote(label),
		status == "" && !ok ? "Non HTTP response code: " error : status == "" ? 200 : status, quote(error), "load 1-1",
		ok ? "true" : "false", quote(ok ? "" : get("detail") == "" ? error : get("detail")), get("bytes") + 0, quote(get("node")), ms
}
END { exit failed }

# k6-json: k6 run --out json=FILE
# guess: ^[{]"(type|metric)":"[^"]*","(data|type|metric)":.*"(Metric|Point)"|^[{]"type":"Metric"
# lacks: latency is without the wait for a connection; a closed loop unless the executor has an arrival rate

NR == 1 { header(1) }

!is_object() { bad(""); next }

# Its time is that of the end.
/"metric":"(http|grpc)_req_duration"/ && /"type":"Point"/ {
	t = epoch(json("time"))
	ms = json("value")
	if (t == "" || ms !~ /^[0-9.]+(e[-+]?[0-9]+)?$/) {
		bad("")
		next
	}
	status = json("status")
	if (status ~ /^0?$/ && /"metric":"grpc_/)
		status = status == "0" ? 200 : ""
	url = json("url")
	text = json("error")
	row(began(t, ms), origin(url), status, sprintf("%.3f", ms), class(status, text, json("error_code") !~ /^0?$/),
		json("method") " " path(url), "", text)
	next
}

/"metric":"dropped_iterations"/ && /"type":"Point"/ {
	if (!dropped)
		note("a dropped iteration counts as one request that was not sent")
	dropped = 1
	for (i = json("value"); i > 0; i--)
		row(epoch(json("time")), "", "", "", "not_sent", "", "", "")
}

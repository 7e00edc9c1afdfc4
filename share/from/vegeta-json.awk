# vegeta-json: vegeta encode --to json
# guess: ^[{]"attack":".*"latency":[0-9]+
# lacks: latency counts from the sending, which may be late where vegeta was the limit

NR == 1 { header(1) }

{
	t = epoch(json("timestamp"))
	ns = json("latency")
	if (!is_object() || t == "" || ns !~ /^[0-9]+$/) {
		bad("")
		next
	}
	status = json("code")
	if (status == "0")
		status = ""
	text = json("error")
	url = json("url")
	row(t, origin(url), status, sprintf("%.3f", ns / 1e6), class(status, text, text != ""),
		url == "" ? "" : json("method") " " path(url), json("bytes_in"), text)
}

# fortio: fortio load -access-log-file FILE -access-log-format json
# guess: ^[{]"latency":[0-9.e-]+,"timestamp":[0-9]+
# lacks: statuses; the node

NR == 1 { header(0) }
{
	t = epoch(json("timestamp"))
	s = json("latency")
	if (!is_object() || t == "" || s !~ /^[0-9.]+(e-?[0-9]+)?$/) {
		bad("")
		next
	}
	failed = json("ok") == "false"
	text = failed ? json("details") : ""
	row(t, "", "", sprintf("%.3f", s * 1000), class("", text, failed), "", "", text)
}

# fortio: fortio load -access-log-file FILE -access-log-format json
# guess: ^[{]"latency":[0-9.e-]+,"timestamp":[0-9]+
# lacks: statuses; a closed loop: -qps paces it, as long as connections are free; the node

NR == 1 {
	told = index($0, "\"ok\":")
	if (!told)
		note("this version does not log what failed: failures are missing")
	header(0, (told ? "" : "no_failures ") "closed_loop")
}
{
	t = epoch(json("timestamp"))
	s = json("latency")
	if (!is_object() || t == "" || s !~ /^[0-9.]+(e-?[0-9]+)?$/ || (told && json("ok") !~ /^(true|false)$/)) {
		bad("")
		next
	}
	failed = json("ok") == "false"
	text = failed ? json("details") : ""
	row(t, "", "", sprintf("%.3f", s * 1000), class("", text, failed), "", "", text)
}

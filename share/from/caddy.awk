# caddy: access log of Caddy in JSON
# guess: ^[{].*"logger":"http[.]log[.]access.*"duration":
# lacks: requests that never came here; the wait before they did

NR == 1 { header(1) }
!is_object() { bad(""); next }
!/"logger":"http[.]log[.]access/ { next }

# Its time is that of the end.
{
	t = epoch(json("ts"))
	s = json("duration")
	status = json("status")
	if (t == "" || s !~ /^[0-9.]+(e-?[0-9]+)?$/ || status !~ /^[0-9]+$/) {
		bad("")
		next
	}
	if (status == 0)
		status = ""
	row(began(t, s * 1000), "http://" json("host"), status, sprintf("%.3f", s * 1000), class(status, "", 0),
		json("method") " " path(json("uri")), json("size"), status == "" ? "no answer was written" : "")
}

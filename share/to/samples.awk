# What hgrm, hlog and jtl share: the rows of samples, by the names of their columns; see chaos-formats(5).

function get(name) { return name in column ? F[column[name]] : "" }

NR == 1 || /^timestamp,/ {
	sub(/^\357\273\277/, "")
	sub(/\r$/, "")
	split("", column)
	width = csv($0, ",")
	for (i = 1; i <= width; i++)
		column[F[i]] = i
	if (!("timestamp" in column) || !("latency_ms" in column)) {
		print "chaos-to: no timestamp and latency_ms in the header of line " NR > "/dev/stderr"
		exit fatal = 2
	}
	next
}
{
	sub(/\r$/, "")
	if (csv($0, ",") < width || F[column["timestamp"]] !~ /^[0-9]+([.][0-9]*)?$/) {
		bad++
		next
	}
	error = get("error")
	if (error == "aborted" || (error == "local" && get("op") == "output"))
		next
	t = get("timestamp")
	digits = index(t ".", ".") - 1
	if (digits > 10)
		t = sprintf("%.6f", t / (digits == 13 ? 1e3 : digits == 16 ? 1e6 : 1e9))
	ms = get("latency_ms")
	status = get("status_code")
	ok = error == "" && (!("status_code" in column) || (status ~ /^[1-3][0-9][0-9]$/))
	if (ms !~ /^[0-9.]+([eE][-+]?[0-9]+)?$/) {
		if (ok)
			bad++
		if (ok || !rows_of_failures)
			next
		ms = 0
	}
	sample()
}
END {
	if (fatal)
		exit fatal
	if (bad)
		print "chaos-to: " bad " rows could not be read" > "/dev/stderr"
}

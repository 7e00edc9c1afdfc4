# What hgrm, hlog and jtl share: the rows of samples, by the names of their columns; see chaos-formats(5).

function split_csv(line, f,    n, at, text) {
	if (index(line, "\"") == 0)
		return split(line, f, ",")
	n = 0
	while (1) {
		if (substr(line, 1, 1) == "\"") {
			text = ""
			line = substr(line, 2)
			while ((at = index(line, "\"")) && substr(line, at + 1, 1) == "\"") {
				text = text substr(line, 1, at)
				line = substr(line, at + 2)
			}
			if (!at)
				return n
			f[++n] = text substr(line, 1, at - 1)
			line = substr(line, at + 1)
		} else {
			at = index(line, ",")
			f[++n] = at ? substr(line, 1, at - 1) : line
			line = at ? substr(line, at) : ""
		}
		if (substr(line, 1, 1) != ",")
			return n
		line = substr(line, 2)
	}
}
function get(name) { return name in column ? F[column[name]] : "" }

NR == 1 || /^timestamp,/ {
	sub(/^\357\273\277/, "")
	sub(/\r$/, "")
	split("", column)
	width = split_csv($0, F)
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
	if (split_csv($0, F) < width || F[column["timestamp"]] !~ /^[0-9]+([.][0-9]*)?$/) {
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

# What hgrm, hlog and jtl share: the rows of samples, by the names of their columns. What is a failure, and what a
# bad row, chaos-formats(5) says; with more than 1 % bad ones it fails.

function get(name) { return name in column ? F[column[name]] : "" }

# A success has a status from 100 to 399, if there are statuses, and nothing that says otherwise.
function is_failure(    code) {
	if (error != "" || get("error_code") !~ /^0*$/ || tolower(get("success")) ~ /^(false|0)$/)
		return 1
	code = status
	sub(/ .*/, "", code)
	return "status_code" in column && \
		!(code ~ /^[0-9]+([.][0-9]*)?$/ && code + 0 >= 100 && code + 0 < 400 && code + 0 == int(code))
}

BEGIN { reads = "^(timestamp|latency_ms|error|error_code|status_code|success|op|node|bytes|detail)$" }
{
	sub(/\r$/, "")
	sub(/^\357\273\277/, "")
	n = csv($0, ",")
	if ($0 ~ /^[ \t]|[ \t],|,[ \t]|[ \t]$/)
		for (i = 1; i <= n; i++)
			gsub(/^[ \t]+|[ \t]+$/, "", F[i])
}
NR == 1 || (/timestamp/ && /latency_ms/ && get("timestamp") !~ /^[0-9]/) {
	split("", column)
	width = n
	for (i = 1; i <= n; i++) {
		if (F[i] in column && F[i] ~ reads) {
			print "chaos-to: there are two columns '" F[i] "' in line " NR > "/dev/stderr"
			exit fatal = 3
		}
		column[F[i]] = i
	}
	if (!("timestamp" in column) || !("latency_ms" in column)) {
		print "chaos-to: no timestamp and latency_ms in the header of line " NR > "/dev/stderr"
		exit fatal = 3
	}
	if (rows_of_failures && !("error" in column || "error_code" in column || "status_code" in column || "success" in column)) {
		print "chaos-to: the rows do not tell what failed, and here each has to" > "/dev/stderr"
		exit fatal = 3
	}
	if (rows_of_failures && "no_unanswered" in column)
		print "chaos-to: requests without an answer are missing in the rows" > "/dev/stderr"
	next
}
{
	t = get("timestamp")
	if (n < width || t !~ /^[0-9]+([.][0-9]*)?$/) {
		bad += $0 != ""
		next
	}
	error = get("error")
	if (error == "aborted" || (error == "local" && get("op") == "output"))
		next
	digits = index(t ".", ".") - 1
	if (digits > 10)
		t = sprintf("%.6f", t / (digits == 13 ? 1e3 : digits == 16 ? 1e6 : 1e9))
	ms = get("latency_ms")
	status = get("status_code")
	ok = !is_failure()
	if (ms !~ /^([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?$/ || (ok && "success" in column && tolower(get("success")) !~ /^(true|1)$/)) {
		if (ok)
			bad++
		if (ok || !rows_of_failures)
			next
		ms = 0
	}
	rows++
	sample()
}
END {
	if (fatal)
		exit fatal
	if (bad)
		print "chaos-to: " bad " rows could not be read" > "/dev/stderr"
	if (100 * bad > rows + bad)
		failed = 4
}

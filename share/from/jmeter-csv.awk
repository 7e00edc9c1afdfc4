# jmeter-csv: jmeter -l FILE.jtl, with or without names, any delimiter
# guess: ^(timeStamp|[0-9]{13}|[0-9]{4}/[0-9][0-9]/[0-9][0-9] [0-9:.]+)[,;|	](elapsed|[0-9]+)[,;|	]
# lacks: a closed loop unless a timer paces it; the time is that of the start, unless sampleresult.timestamp.start is false (--times end)
# takes: --times

NR == 1 {
	match($0, /[,;|\t]/)
	by = substr($0, RSTART, 1)
	if (read_header($0, by) && "timeStamp" in col) {
		no_name_twice()
		told = "success" in col || "responseCode" in col
		if (!told)
			note("line 1 names neither success nor responseCode: failures are missing")
		header(told, told ? "" : "no_failures")
		next
	}
	header(told = 1)
	# The order in which JMeter writes them without names; what comes later differs between versions.
	split("", col)
	n = split("timeStamp elapsed label responseCode responseMessage threadName dataType success", names, " ")
	for (i = 1; i <= n; i++)
		col[names[i]] = i
	width = n
}

{
	n = csv($0, by)
	t = epoch(field("timeStamp"))
	ms = field("elapsed")
	if (n < width || t == "" || ms !~ /^[0-9]+$/) {
		if (!/^timeStamp/) # of a log that was put behind another
			bad("")
		next
	}
	said = field("responseMessage")
	if (said ~ /^Number of samples in transaction/)
		next # a sum of what has rows of its own
	status = field("responseCode")
	text = ""
	failed = told ? has_failed(field("success"), status) : 0
	if (failed < 0) {
		bad("success is '" field("success") "'")
		next
	}
	if (status !~ /^[1-5][0-9][0-9]$/) {
		text = status == "" ? said : status
		status = failed ? "" : 200
	}
	if (failed && text ~ /^Non HTTP/)
		text = text " " said
	if (failed && field("failureMessage") != "")
		text = field("failureMessage")
	row(begins(t, ms), origin(field("URL")), status, ms, class(status, failed ? text : "", failed), field("label"), field("bytes"),
		failed ? (text == "" ? said : text) : "")
}

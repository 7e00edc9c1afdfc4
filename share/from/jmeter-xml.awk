# jmeter-xml: jmeter with jmeter.save.saveservice.output_format=xml
# guess: ^<[?]xml |^<testResults
# lacks: a closed loop unless a timer paces it; the time is that of the start, unless sampleresult.timestamp.start is false (--times end)
# takes: --times

# What a sample holds (redirects, embedded resources) is part of it.
function attribute(name,    s) {
	if (!match($0, " " name "=\"[^\"]*\""))
		return ""
	s = substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4)
	if (index(s, "&")) {
		gsub(/&lt;/, "<", s)
		gsub(/&gt;/, ">", s)
		gsub(/&quot;/, "\"", s)
		gsub(/&apos;/, "'", s)
		gsub(/&#(x[0-9a-fA-F]+|[0-9]+);/, " ", s) # a control character: JMeter writes all others themselves
		gsub(/&amp;/, "\\&", s)
	}
	return s
}

function flush_sample() {
	if (open_sample)
		row(begins(t, ms), origin(url), status, ms, class(status, failed ? text : "", failed), op, bytes, failed ? text : "")
	open_sample = 0
	url = ""
}

NR == 1 { header(1) }
/<testResults/ { is_log = 1 }
/<\/testResults>/ { complete = 1 }

/<(httpSample|sample) / {
	if (depth++ == 0) {
		flush_sample()
		t = epoch(attribute("ts"))
		ms = attribute("t")
		status = attribute("rc")
		failed = has_failed(attribute("s"), status)
		if (t == "" || ms !~ /^[0-9]+$/ || $0 !~ />/ || failed < 0) {
			bad("")
		} else {
			op = attribute("lb")
			text = attribute("rm")
			bytes = attribute("by")
			if (status !~ /^[1-5][0-9][0-9]$/) {
				text = status " " text
				status = failed ? "" : 200
			}
			open_sample = text !~ /^ ?Number of samples in transaction/
			if (!open_sample && $0 !~ /\/>/) # its children are the requests
				depth = 0
		}
	}
	if ($0 ~ /\/>[ \t]*$/)
		depth -= depth > 0
}
depth == 1 && match($0, /<java.net.URL>[^<]*/) { url = substr($0, RSTART + 14, RLENGTH - 14) }
/<\/(httpSample|sample)>/ {
	depth -= depth > 0
	if (depth == 0)
		flush_sample()
}

END {
	if (!is_log) {
		note("this XML is no log of JMeter: it has no testResults")
		exit 3
	}
	if (depth == 0)
		flush_sample()
	if (!complete && !torn)
		torn = 1
}

# combined: access log of nginx or Apache in the formats common or combined, without a duration
# guess: ^[^ ]+ [^ ]+ .*\[[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9:]{8} [-+][0-9]{4}\] ".*" [0-9]{3} 
# lacks: latency: these are counts by second; whether that of the start, as of Apache, or of the end, as of nginx (--times); log $request_time (nginx) or %D (Apache) behind the rest to have it
# takes: --times
# rank: 2

NR == 1 { counts_header(at_end ? "" : "no_end") }

function flush_second() {
	if (second != "")
		counts(second, "", 1, ok + 0, err + 0, "", "", "")
	ok = err = 0
}

{
	at = index($0, "] \"")
	from = index($0, " [")
	if (!at || !from || from > at || (t = epoch(substr($0, from + 2, at - from - 2))) == "" || \
		!match(substr($0, at + 3), /" [0-9][0-9][0-9] /)) {
		bad("")
		next
	}
	if (t != second) {
		flush_second()
		second = t
	}
	status = substr($0, at + 3 + RSTART + 1, 3)
	if (status >= 100 && status < 400)
		ok++
	else
		err++
}
END { flush_second() }

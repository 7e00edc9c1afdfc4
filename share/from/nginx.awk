# nginx: access log in the format combined, with $request_time behind it, and $msec if you like
# guess: ^[^ ]+ [^ ]+ .*\[[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9:]{8} [-+][0-9]{4}\] ".*" [0-9]{3} .* "?(rt=)?[0-9]+[.][0-9]{3}"?( |$)
# lacks: requests that never came here; the wait before they did; the node (--node), unless upstream= tells it
# rank: 1

NR == 1 { header(1) }

# 1.2.3.4 - - [27/Nov/2026:12:35:35 +0000] "GET / HTTP/1.1" 200 615 "-" "curl" 0.012; the time is that of the end.
{
	if (!access()) {
		bad("")
		next
	}
	ms = upstream = ""
	rest = Q[n < 6 ? 2 : 6] # behind the user agent; in the format common there is none
	for (i = 7; i <= n; i++)
		rest = rest " " Q[i]
	m = split(rest, W, " ")
	for (i = n < 6 ? 3 : 1; i <= m; i++) {
		word = W[i]
		sub(/^[a-z_]*=/, "", word)
		if (word ~ /^[0-9]+[.][0-9][0-9][0-9]$/) {
			if (length(word) == 14)
				t = word
			else if (ms == "")
				ms = word * 1000
		} else if (W[i] ~ /^upstream=/)
			upstream = word
	}
	if (ms == "") {
		bad("no $request_time")
		next
	}
	text = status == "499" ? "499 the client closed the connection" : ""
	if (text != "")
		status = ""
	row(began(t, ms), upstream ~ /^[0-9a-z]/ ? "http://" upstream : "", status, ms, class(status, text, 0), op, bytes, text)
}

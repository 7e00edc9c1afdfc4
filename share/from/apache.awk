# apache: access log in the format combined, with %D (microseconds) behind it
# guess: ^[^ ]+ [^ ]+ .*\[[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9:]{8} [-+][0-9]{4}\] ".*" [0-9]{3} [-0-9]+( ".*")? [0-9]+$
# lacks: requests that never came here; starts to less than a second; the node (--node)
# rank: 1

NR == 1 { header(1) }

# 1.2.3.4 - - [27/Nov/2026:12:35:35 +0000] "GET / HTTP/1.1" 200 615 "-" "curl" 12345; the time is that of the start.
{
	if (!access() || $NF !~ /^[0-9]+$/) {
		bad("")
		next
	}
	row(t, "", status, $NF / 1000, class(status, "", 0), op, bytes == "-" ? 0 : bytes, "")
}

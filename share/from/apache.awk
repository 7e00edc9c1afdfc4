# apache: access log in the format combined, with %D (microseconds) behind it
# guess: ^[^ ]+ [^ ]+ .*\[[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9:]{8} [-+][0-9]{4}\] ".*" [0-9]{3} [-0-9]+( ".*")? [0-9]+$
# lacks: requests that never came here; starts to less than a second; the node (--node)
# rank: 1

NR == 1 { header(1) }

# 1.2.3.4 - - [27/Nov/2026:12:35:35 +0000] "GET / HTTP/1.1" 200 615 "-" "curl" 12345; the time is that of the start.
{
	at = index($0, "] \"")
	from = index($0, " [")
	if (!at || !from || from > at || (t = epoch(substr($0, from + 2, at - from - 2))) == "" || $NF !~ /^[0-9]+$/) {
		bad("")
		next
	}
	n = split(substr($0, at + 3), Q, "\"")
	if (n < 2 || split(Q[2], S, " ") < 2 || S[1] !~ /^[0-9][0-9][0-9]$/) {
		bad("")
		next
	}
	k = split(Q[1], R, " ")
	row(t, "", S[1], $NF / 1000, class(S[1], "", 0), k > 1 ? R[1] " " path(R[2]) : "", S[2] == "-" ? 0 : S[2], "")
}

# envoy: access log of Envoy in its default format
# guess: ^\[[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z\] "[^"]*" [0-9]+ 
# lacks: requests that never came here; the wait before they did

NR == 1 { header(1) }

# [START] "METHOD PATH PROTOCOL" STATUS FLAGS [DETAILS...] IN OUT MS UPSTREAM_MS "..." "UPSTREAM"
{
	at = index($0, "] \"")
	n = split(substr($0, at + 3), Q, "\"")
	if (!at || (t = epoch(substr($0, 2, at - 2))) == "" || n < 3 || split(Q[1], R, " ") < 2) {
		bad("")
		next
	}
	# Newer versions have texts in quotes between the flags and the numbers.
	split(Q[2], S, " ")
	status = S[1]
	flags = S[2]
	numbers = 0
	for (i = 2; i <= n && !numbers; i += 1)
		if (Q[i] ~ /(^| )[0-9]+ [0-9]+ [0-9]+ ([0-9]+|-) *$/)
			numbers = split(Q[i], N, " ")
	if (!numbers) {
		bad("")
		next
	}
	ms = N[numbers - 1]
	bytes = N[numbers - 2]
	upstream = Q[n - 1]
	sub(/^tcp:\/\//, "", upstream)
	# Reset or given up while the answer was on its way: it has a status, but was not answered.
	if (status == "0" || (status < 400 && flags ~ /(^|,)(DC|UC|UR|LR|UPE|DPE|SI|UT)(,|$)/))
		status = ""
	row(t, upstream ~ /:[0-9]+$/ ? "http://" upstream : "", status, ms, class(status, flags ~ /UT|SI/ ? "timeout" : "", 0), R[1] " " path(R[2]), bytes,
		flags == "-" ? "" : "flags " flags)
}

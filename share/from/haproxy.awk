# haproxy: HTTP log of haproxy (option httplog)
# guess: [^ ]+:[0-9]+ \[[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9:.]{12}\] [^ ]+ [^ ]+/[^ ]+ -?[0-9]+/-?[0-9]+/-?[0-9]+/-?[0-9]+/[+]?[0-9]+ 
# lacks: requests that never came here; its times have no zone: they are taken as of --zone

NR == 1 { header(1) }

# ... CLIENT:PORT [27/Nov/2026:12:35:35.123] FRONTEND BACKEND/SERVER TR/Tw/Tc/Tr/Ta STATUS BYTES - - TERM ...
{
	if (!match($0, /\[[0-9][0-9]\/[A-Z][a-z][a-z]\/[0-9][0-9][0-9][0-9]:[0-9:.]+\] /)) {
		if ($0 !~ /haproxy\[[0-9]+\]: /) # it also logs what its servers do
			bad("")
		next
	}
	n = split(substr($0, RSTART + RLENGTH), P, " ")
	t = epoch(substr($0, RSTART + 1, RLENGTH - 3))
	if (t == "" || n < 8 || split(P[3], T, "/") < 5 || P[4] !~ /^-?[0-9]+$/) {
		bad("")
		next
	}
	sub(/^[+]/, "", T[5])
	# One that ended while the answer was on its way has a status, but was not answered.
	status = P[4] > 0 && P[8] !~ /^[A-Za-z]D/ ? P[4] : ""
	text = P[8] == "----" || P[8] == "--NI" || P[8] == "--VN" ? "" : "haproxy " P[8]
	said = status != "" ? "" : P[8] ~ /^[cs]/ ? "timeout" : "closed"
	if (match($0, /"[A-Z]+ [^" ]+/)) {
		split(substr($0, RSTART + 1, RLENGTH - 1), R, " ")
		op = R[1] " " path(R[2])
	} else
		op = ""
	error = class(status, said, 0)
	row(t, P[2] ~ /<NOSRV>/ ? "" : P[2], status, T[5], error, op, P[5] + 0, error == "" ? "" : text)
}

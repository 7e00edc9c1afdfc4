# vegeta-csv: vegeta encode --to csv
# guess: ^[0-9]{19},[0-9]{1,3},[0-9]+,[0-9]+,[0-9]+,
# lacks: latency counts from the sending, which may be late where vegeta was the limit

NR == 1 { header(1) }

{
	n = csv($0, ",")
	if (n < 9 || F[1] !~ /^[0-9]+$/ || length(F[1]) != 19 || F[2] !~ /^[0-9]+$/ || F[3] !~ /^[0-9]+$/) {
		bad("")
		next
	}
	status = F[2] == "0" ? "" : F[2]
	row(substr(F[1], 1, 10) "." substr(F[1], 11, 6), origin(F[11]), status, sprintf("%.3f", F[3] / 1e6),
		class(status, F[6], F[6] != ""), n > 10 ? F[10] " " path(F[11]) : "", F[5], F[6])
}

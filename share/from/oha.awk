# oha: oha --output-format csv
# guess: ^request-start,DNS,DNS[+]dialup,
# lacks: requests without an answer, which oha leaves out; a closed loop unless -q paces it; the time of day (--start)
# takes: --start

NR == 1 {
	read_header($0, ",")
	no_name_twice()
	header(1, "no_unanswered closed_loop")
	next
}
{
	if (csv($0, ",") < width || field("request-start") !~ /^[0-9.]+$/ || field("request-duration") !~ /^[0-9.]+$/) {
		bad("")
		next
	}
	status = field("status")
	row(sprintf("%.6f", start + field("request-start")), "", status, sprintf("%.3f", field("request-duration") * 1000),
		class(status, "", 0), "", field("bytes"), "")
}

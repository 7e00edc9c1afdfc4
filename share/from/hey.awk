# hey: hey -o csv
# guess: ^response-time,DNS[+]dialup,DNS,
# lacks: requests without an answer, which hey leaves out; a closed loop; the time of day (--start)
# takes: --start

NR == 1 {
	read_header($0, ",")
	no_name_twice()
	if (!("offset" in col)) {
		note("the header has no offset")
		exit fatal = 2
	}
	header(1, "no_unanswered closed_loop")
	next
}
{
	if (csv($0, ",") < width || field("response-time") !~ /^[0-9.]+$/ || field("offset") !~ /^[0-9.]+$/) {
		bad("")
		next
	}
	status = field("status-code")
	row(sprintf("%.6f", start + field("offset")), "", status, sprintf("%.3f", field("response-time") * 1000),
		class(status, "", 0), "", "", "")
}

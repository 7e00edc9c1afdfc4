# k6-csv: k6 run --out csv=FILE
# guess: ^metric_name,timestamp,metric_value
# lacks: latency is without the wait for a connection; a closed loop unless the executor has an arrival rate

NR == 1 {
	if ($0 !~ /^metric_name,timestamp,metric_value/) {
		note("line 1 is not the header of such a log")
		exit fatal = 2
	}
	read_header($0, ",")
	no_name_twice()
	header(1)
	t_at = col["timestamp"]; status_at = col["status"]; url_at = col["url"]; method_at = col["method"]
	error_at = col["error"]; code_at = col["error_code"]
	next
}

# Its time is that of the end.
/^(http|grpc)_req_duration,/ {
	if (csv($0, ",") < width || (t = epoch(F[t_at])) == "" || F[3] !~ /^[0-9.]+$/) {
		bad("")
		next
	}
	status = F[status_at]
	if (status ~ /^0?$/ && $0 ~ /^g/)
		status = status == "0" ? 200 : ""
	error = class(status, F[error_at], F[code_at] !~ /^0?$/)
	row(began(t, F[3]), origin(F[url_at]), status, F[3], error, F[method_at] " " path(F[url_at]), "", F[error_at])
	next
}

# What an executor with an arrival rate could not start in time.
/^dropped_iterations,/ {
	if (csv($0, ",") < 3 || (t = epoch(F[t_at])) == "") {
		bad("")
		next
	}
	if (!dropped)
		note("a dropped iteration counts as one request that was not sent")
	dropped = 1
	for (i = 0; i < F[3]; i++)
		row(t, "", "", "", "not_sent", "", "", "")
	next
}

!/^[a-z_A-Z0-9]+,[0-9T:.Z+-]+,/ { bad("") }

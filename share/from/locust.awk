# locust: FILE_stats_history.csv of locust --csv
# guess: ^"?Timestamp"?,"?User Count"?,
# lacks: single requests: these are counts, and percentiles of the last ten seconds in two digits; a closed loop

NR == 1 {
	read_header($0, ",")
	no_name_twice()
	if (!("Total Request Count" in col) || !("Total Failure Count" in col)) {
		note("the header has no Total Request Count and Total Failure Count")
		exit fatal = 2
	}
	counts_header("closed_loop")
	next
}

# Only the sum over all names; its counts rise. A time is the end of what is counted.
{
	if (csv($0, ",") < width || (t = epoch(field("Timestamp"))) == "" || \
		field("Total Request Count") !~ /^[0-9]+$/ || field("Total Failure Count") !~ /^[0-9]+$/) {
		bad("")
		next
	}
	if (field("Name") != "Aggregated")
		next
	all = field("Total Request Count")
	err = field("Total Failure Count")
	if (all < last_all) { # the statistics were reset
		last_all = last_err = 0
	}
	if (last_t != "" && t > last_t) {
		p50 = field("50%"); p95 = field("95%"); p99 = field("99%")
		if (p50 p95 p99 ~ /N/)
			p50 = p95 = p99 = ""
		counts(last_t, "", t - last_t, all - last_all - (err - last_err), err - last_err, p50, p95, p99)
	} else if (last_t != "")
		next
	last_t = t
	last_all = all
	last_err = err
}

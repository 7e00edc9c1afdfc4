# Samples in, one line a second out:
#
#	awk -f share/awk/per-second.awk samples.csv
#
# Columns, with a header, tabs between them: second (from the earliest due time), due, ok, errors,
# error_rate (0-1), mean_ms and max_ms (of successes; empty if there were none). due, errors and
# latency count by due time, ok by completion, as in chaos-analyze(1). Seconds without a
# request have their line too. What was in flight when the load was stopped (aborted) is not counted.

# Splits a CSV line into field[1..]; returns their number. Quotes are rare, hence the short way.
function split_csv(line, field,    n, at, text) {
	if (line !~ /"/)
		return split(line, field, ",")
	n = 0
	while (1) {
		if (substr(line, 1, 1) == "\"") {
			text = ""
			line = substr(line, 2)
			while ((at = index(line, "\"")) && substr(line, at + 1, 1) == "\"") {
				text = text substr(line, 1, at)
				line = substr(line, at + 2)
			}
			if (!at)
				return n
			field[++n] = text substr(line, 1, at - 1)
			line = substr(line, at + 1)
		} else {
			at = index(line, ",")
			field[++n] = at ? substr(line, 1, at - 1) : line
			line = at ? substr(line, at) : ""
		}
		if (substr(line, 1, 1) != ",")
			return n
		line = substr(line, 2)
	}
}

BEGIN { OFS = "\t" }

{ sub(/\r$/, "") }

NR == 1 {
	width = split_csv($0, field)
	for (i = 1; i <= width; i++)
		column[field[i]] = i
	if (!("timestamp" in column) || !("latency_ms" in column)) {
		print "per-second.awk: no timestamp and latency_ms in the header" > "/dev/stderr"
		failed = 2
		exit failed
	}
	next
}

{
	n = split_csv($0, field)
	t = field[column["timestamp"]]
	if (n < width || t !~ /^[0-9]+(\.[0-9]*)?$/ || field[column["op"]] == "output")
		next # torn, bad, or the marker of lost rows
	due_at[++rows] = t + 0
	aborted[rows] = field[column["error"]] == "aborted"
	latency[rows] = field[column["latency_ms"]] + 0
	fails[rows] = field[column["error"]] != "" || field[column["status_code"]] >= 400
	if (rows == 1 || t + 0 < t0)
		t0 = t + 0
}

END {
	if (failed)
		exit failed
	last = -1
	for (i = 1; i <= rows; i++) {
		second = int(due_at[i] - t0 + 1e-6)
		if (second > last)
			last = second
		if (aborted[i])
			continue
		due[second]++
		if (fails[i]) {
			errors[second]++
			continue
		}
		ok[int(due_at[i] - t0 + latency[i] / 1000 + 1e-6)]++
		n_ok[second]++
		sum[second] += latency[i]
		if (latency[i] > max[second] + 0)
			max[second] = latency[i]
	}
	print "second", "due", "ok", "errors", "error_rate", "mean_ms", "max_ms"
	for (s = 0; s <= last; s++)
		print s, due[s] + 0, ok[s] + 0, errors[s] + 0, sprintf("%.4f", due[s] ? errors[s] / due[s] : 0),
			n_ok[s] ? sprintf("%.3f", sum[s] / n_ok[s]) : "", n_ok[s] ? sprintf("%.3f", max[s]) : ""
}

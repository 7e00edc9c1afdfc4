# Samples in, one line a second out:
#
#	awk -f share/awk/per-second.awk samples.csv
#
# Columns, with a header, tabs between them: second (from the earliest due time), due, ok, errors,
# error_rate (0-1), mean_ms and max_ms (of successes; empty if there were none). due, errors and
# latency count by due time, ok by completion, as in chaos-analyze(1). Seconds without a
# request have their line too. What was in flight when the load was stopped (aborted) is not counted.
# What is a failure, and what a bad row, chaos-formats(5) says; exit status 3 if more than 1 % are bad.

# Splits a CSV line into field[1..]; returns their number. Quotes are rare, hence the short way.
function split_csv(line, field,    n, at, text) {
	if (line !~ /"/)
		return split(line, field, ",")
	n = 0
	while (1) {
		sub(/^[ \t]+/, "", line)
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
			sub(/^[ \t]+/, "", line)
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

# Finds the columns of a header; 0 if it lacks one, or has two of one name.
function find_columns(    i) {
	split("", column)
	for (i = 1; i <= width; i++) {
		if (field[i] in column && field[i] ~ reads)
			return 0
		column[field[i]] = i
	}
	text_last = field[width] !~ numbers
	return "timestamp" in column && "latency_ms" in column
}

# A field without the blanks around it; "" if there is no such column.
function get(name) { return name in column ? field[column[name]] : "" }

# UNIX time in s, also of ms, us and ns, which have 13, 16 and 19 digits; -1 if it is none.
function seconds(t,    digits) {
	if (t !~ /^[0-9]+([.][0-9]*)?$/)
		return -1
	digits = index(t ".", ".") - 1
	return t / (digits == 13 ? 1e3 : digits == 16 ? 1e6 : digits == 19 ? 1e9 : 1)
}

# A success has a status from 100 to 399, if there are statuses, and nothing that says otherwise.
function is_failure(    status, code) {
	code = get("error_code")
	if (get("error") != "" || code !~ /^0*$/ || tolower(get("success")) ~ /^(false|0)$/)
		return 1
	status = get("status_code")
	sub(/ .*/, "", status)
	return "status_code" in column && \
		!(status ~ number && status + 0 >= 100 && status + 0 < 400 && status + 0 == int(status))
}

# Whether a row that is no failure says all that a success says; a latency of more than ten days is none.
function is_whole() {
	return get("latency_ms") ~ number && get("latency_ms") + 0 <= 864e6 && \
		(!("success" in column) || tolower(get("success")) ~ /^(true|1)$/)
}

BEGIN {
	OFS = "\t"
	number = "^([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?$"
	numbers = "^(timestamp|status_code|latency_ms|service_ms|slot|success|error_code|replicas)$"
	reads = "^(timestamp|latency_ms|error|error_code|status_code|success|op)$"
}

{
	sub(/\r$/, "")
	sub(/^\357\273\277/, "")
	if ($0 ~ /^[ \t]*$/ && NR > 1)
		next
	n = split_csv($0, field)
	for (i = 1; i <= n; i++)
		gsub(/^[ \t]+|[ \t]+$/, "", field[i])
	header = NR == 1 || field[1] == "timestamp"
	for (i = 1; i <= n; i++) # of another file; one of counts has no latency_ms, and ends it
		header = header || field[i] == "latency_ms" || (field[i] == "timestamp" && seconds(get("timestamp")) < 0)
}

header {
	width = n
	if (!find_columns()) {
		print "per-second.awk: no timestamp and latency_ms in the header of line " NR ", or one twice" > "/dev/stderr"
		failed = 2
		exit failed
	}
	next
}

{
	t = seconds(get("timestamp"))
	fault = is_failure()
	if (n >= width && get("op") == "output" && get("error") == "local")
		next # the marker of lost rows
	if (n < width || (n > width + (field[n] == "") && !text_last) || t < 0 || !(fault || is_whole())) {
		if (!bad++)
			first_bad = NR
		if (n < width)
			torn = NR
		next
	}
	due_at[++rows] = t
	aborted[rows] = get("error") == "aborted"
	latency[rows] = get("latency_ms") + 0
	fails[rows] = fault
	if (rows == 1 || t < t0)
		t0 = t
}

END {
	if (failed)
		exit failed
	if (torn == NR && NR > 1)
		bad-- # the last line: its writer was killed
	if (bad)
		print "per-second.awk: rows skipped: " bad " bad, the first in line " first_bad > "/dev/stderr"
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
	if (100 * bad > rows + bad)
		exit 3
}

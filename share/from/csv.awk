# csv: any CSV with a time and a duration (--time, --latency, --unit, --status, --success, --op)
# guess: ^"?(@?[Tt]ime([Ss]tamp)?|TIMESTAMP|[Dd]ate([Tt]ime)?|[Ss]tart(_time)?)"?[,;|	]
# lacks: whether its time is that of the start, which it is taken for (--times); what a request is
# takes: --time --latency --unit --status --success --op --times
# rank: 3

# The first of the names, whatever their case, that is a column.
function find(wanted, names,    n, W, i, k, at, name) {
	at = 0
	if (wanted != "") {
		if (!(wanted in col)) {
			note("there is no column '" wanted "' in line " NR)
			exit fatal = 2
		}
		at = col[name = wanted]
	}
	n = wanted != "" ? 0 : split(names, W, " ")
	for (i = 1; i <= n && !at; i++)
		for (k in col)
			if (tolower(k) == W[i]) {
				if (at)
					twice[k]
				at = col[name = k]
			}
	if (at && name in twice) {
		note("there are two columns '" tolower(name) "' in line " NR)
		exit fatal = 2
	}
	return at
}

# Which column is what, by a header.
function find_columns() {
	read_header($0, by)
	time_at = find(ENVIRON["from_time"], "timestamp @timestamp time datetime start start_time date")
	latency_at = find(ENVIRON["from_latency"], "latency_ms duration_ms elapsed_ms response_time_ms latency_us duration_us " \
		"latency_ns duration_ns latency_s duration_s elapsed latency duration response_time time_total")
	status_at = find(ENVIRON["from_status"], "status_code status code response_code http_status")
	op_at = find(ENVIRON["from_op"], "op operation label name endpoint path url")
	error_at = find("", "error error_message exception")
	node_at = find("", "node host target server")
	if (!time_at || !latency_at) {
		note("line " NR " names no column of a " (time_at ? "duration: say --latency" : "time: say --time") " COLUMN")
		exit fatal = 2
	}
	unit = ENVIRON["from_unit"]
	for (k in col)
		if (col[k] == latency_at && unit == "" && match(k, /_(s|ms|us|ns)$/))
			unit = substr(k, RSTART + 1)
	if (unit == "") {
		for (k in col)
			if (col[k] == latency_at)
				note("the unit of '" k "' is not in its name: say --unit s, ms, us or ns")
		exit fatal = 2
	}
	scale = unit == "s" ? 1000 : unit == "ms" ? 1 : unit == "us" ? 0.001 : 0.000001
}

# The class of a row whose status is no HTTP status, by what it says there: 000, 0, -1 and nothing are none.
function class_of_text(said, text,    s) {
	if (said in succeeds)
		return ""
	s = class("", said " " text, 1)
	if (s != "closed" || said == "" || said ~ /^(0+|-1)$/) {
		none += text == "" && s == "closed"
		return s
	}
	unknown++
	if (++times[said] > times[oftenest])
		oftenest = said
	return "protocol"
}

# The header of another file of the same columns, as "cat a b" has it.
function is_header(n,    i) {
	sub(/^\357\273\277/, "", F[1])
	for (i = 1; i <= n; i++)
		if (!(trim(F[i]) in col))
			return 0
	return n == width
}

NR == 1 {
	by = match($0, /[;\t|]/) ? substr($0, RSTART, 1) : ","
	find_columns()
	if (!status_at && !error_at)
		note("line 1 names no column of a status or an error: failures are missing")
	if (ENVIRON["from_success"] != "" && !status_at) {
		note("--success goes with a column of statuses: say --status COLUMN")
		exit fatal = 2
	}
	for (i = split(ENVIRON["from_success"], W, ","); i > 0; i--)
		succeeds[trim(W[i])]
	header(status_at && ENVIRON["from_success"] == "", status_at || error_at ? "" : "no_failures")
	next
}

{
	n = csv($0, by)
	if (n > width && !(n == width + 1 && F[n] == "")) {
		bad(n " fields, not " width (by == "," ? " (a decimal comma?)" : ""))
		next
	}
	t = n < width ? "" : epoch(F[time_at])
	ms = trim(F[latency_at])
	if (by != ",")
		sub(/,/, ".", ms)
	text = error_at ? trim(F[error_at]) : ""
	if (t == "" || (ms !~ /^[0-9]*[.]?[0-9]+(e[-+]?[0-9]+)?$/ && text == "")) {
		if (is_header(n)) {
			sub(/^\357\273\277/, "")
			find_columns()
		} else
			bad("")
		next
	}
	said = status = status_at ? trim(F[status_at]) : ""
	if (status !~ /^[1-5][0-9][0-9]$/)
		status = ""
	if (!status_at || status != "" && !(said in succeeds))
		s = class(status, text, text != "")
	else if ((s = class_of_text(said, text)) != "" && text == "")
		text = said
	row(begins(t, ms * scale), node_at ? F[node_at] : "", status, scale == 1 ? ms : sprintf("%.6f", ms * scale), s,
		op_at ? F[op_at] : "", "", text)
}

END {
	if (unknown * 2 > rows) {
		note("the status is no HTTP status in " unknown " of " rows " rows, most often '" oftenest "' (" times[oftenest] \
			"): say --status COLUMN, or which values are successes, as in --success ok")
		refused = 1
	} else if (none * 2 > rows)
		note("there is no HTTP status in " none " of " rows " rows, which count as failures (closed); if they are successes: --success VALUE")
}

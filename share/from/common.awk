# What the filters of chaos-from share; last.awk is their end. A filter calls header() or counts_header()
# once, then row() or counts() for each request or each span of time, and bad() for a line that it cannot
# read. Its first comment lines say what it is, how it is guessed, and what its log cannot tell.
#
# Times are texts of UNIX seconds with their decimals: a number of awk has no room for nanoseconds.

BEGIN {
	filter = ENVIRON["from_filter"]
	node = ENVIRON["from_node"]
	offset_of_zone = zone_s(ENVIRON["from_zone"])
	start = ENVIRON["from_start"]
	at_end = ENVIRON["from_times"] == "end"
	split("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", names, " ")
	for (i in names)
		month[names[i]] = i + 0
}

# The mark that chaos-from puts behind the input: alone on its line if the last line was whole.
/\001$/ {
	torn = length($0) > 1
	next
}
NR == 1 { sub(/^\357\273\277/, "") }
/\r$/ { sub(/\r$/, "") }

function note(text) { print "chaos-from: " filter ": " text > "/dev/stderr" }

# A line without the form of this log: counted, and passed on as a row that readers count as bad.
function bad(why) {
	if (!bad_lines++)
		first_bad = "line " NR (why == "" ? "" : ": " why)
	print "?"
}

# status: the log has HTTP statuses; lacks: what it does not tell, columns without values: no_unanswered, closed_loop
# or no_end of chaos-formats(5), or no_failures, which is no column: then there is none of errors.
function header(status, lacks) {
	has_errors = !sub(/no_failures ?/, "", lacks)
	has_status = status
	has_header = 1
	empty = lacking(lacks)
	print "timestamp,node," (status ? "status_code," : "") "latency_ms," (has_errors ? "error," : "") "op,bytes," marks "detail"
}
# Sets marks to "WORD," of each; returns as many commas.
function lacking(lacks,    commas) {
	marks = lacks
	gsub(/ +/, ",", marks)
	if (marks != "")
		marks = marks ","
	commas = marks
	gsub(/[^,]/, "", commas)
	return commas
}

# What would need quotes in a node or an op is %-encoded.
function plain(s) {
	if (s ~ /[",\001-\037]/) {
		gsub(/"/, "%22", s)
		gsub(/,/, "%2C", s)
		gsub(/[\001-\037]/, "%20", s)
	}
	return s
}

function row(t, at, status, ms, error, op, bytes, detail) {
	rows++
	if (detail != "") {
		gsub(/[\001-\037]+/, " ", detail)
		gsub(/"/, "\"\"", detail)
		detail = "\"" substr(detail, 1, 200) "\""
	}
	if ((op at) ~ /[",\001-\037]/) {
		op = plain(op)
		at = plain(at)
	}
	print t "," (at == "" ? node : at) "," (has_status ? status "," : "") ms "," (has_errors ? error "," : "") op "," bytes "," empty detail
}

function counts_header(lacks) {
	has_header = 1
	empty = lacking(lacks)
	print "timestamp,node,length_s," marks "ok,err,p50_ms,p95_ms,p99_ms"
}

function counts(t, at, length_s, ok, err, p50, p95, p99) {
	rows++
	print t "," plain(at == "" ? node : at) "," length_s "," empty ok "," err "," p50 "," p95 "," p99
}

# The class of a failure; "" of a success. A status decides, without one the text; failed: the log says so.
function class(status, text, failed,    s) {
	if (status ~ /^[1-3][0-9][0-9]$/) {
		if (!failed)
			return ""
		if (text == "")
			return "http_content"
	} else if (status ~ /^[45][0-9][0-9]$/)
		return "http_" substr(status, 1, 1) "xx"
	if (text == "" && !failed && !has_status)
		return ""
	s = tolower(text)
	if (s ~ /refused/) return "refused"
	if (s ~ /time.?out|timed out|deadline exceeded/) return "timeout"
	if (s ~ /reset|broken pipe/) return "reset"
	if (s ~ /no such host|unknown ?host|name resolution|resolve|lookup|getaddrinfo|nxdomain/) return "dns"
	if (s ~ /unreachable|no ?route/) return "unreachable"
	if (s ~ /certificate|x509|handshake|tls|ssl/) return "tls"
	if (match(s, /found [45][0-9][0-9]/)) return "http_" substr(s, RSTART + 6, 1) "xx"
	if (status ~ /^[1-3][0-9][0-9]$/) return "http_content"
	if (status ~ /^[6-9][0-9][0-9]$/) return "http_other"
	return "closed"
}

# Whether a sample of JMeter failed, by what it says of its success, else by its response code; -1: nobody can tell.
function has_failed(success, code) {
	success = tolower(success)
	if (success == "")
		return code == "" ? -1 : code !~ /^[1-3][0-9][0-9]$/
	return success == "false" ? 1 : success == "true" ? 0 : -1
}

function trim(s) {
	if (s ~ /^[ \t]|[ \t]$/)
		gsub(/^[ \t]+|[ \t]+$/, "", s)
	return s
}

# Numbers the columns of a header in col[name], the first of a name, and marks twice[name]; returns how many there are.
function read_header(line, by,    i, name) {
	split("", col)
	split("", twice)
	width = csv(line, by)
	for (i = 1; i <= width; i++) {
		name = trim(F[i])
		if (name in col)
			twice[name]
		else
			col[name] = i
	}
	return width
}
# Ends it where the header has a name twice: which of the two is meant, nobody knows.
function no_name_twice(    name) {
	delete twice[""]
	for (name in twice) {
		note("there are two columns '" name "' in line " NR)
		exit fatal = 2
	}
}
function field(name) { return name in col ? F[col[name]] : "" }

# Days from 1970-01-01 to that of the proleptic Gregorian calendar (H. Hinnant, days_from_civil).
function days(y, m, d,    era, yoe, doy) {
	m += 0 # substr makes texts, which compare as such
	y -= m <= 2
	era = int(y / 400)
	yoe = y - era * 400
	doy = int((153 * (m + (m > 2 ? -3 : 9)) + 2) / 5) + d - 1
	return era * 146097 + yoe * 365 + int(yoe / 4) - int(yoe / 100) + doy - 719468
}

# "+0130", "-01:30", "Z", "UTC" as seconds east.
function zone_s(z,    sign) {
	if (z !~ /^[-+][0-9][0-9]:?[0-9]?[0-9]?$/)
		return 0
	sign = substr(z, 1, 1) == "-" ? -1 : 1
	gsub(/[-+:]/, "", z)
	return sign * (substr(z, 1, 2) * 3600 + substr(z, 3, 2) * 60)
}

# A date and time as UNIX time: ISO 8601 with any separators ("2026-11-27T12:35:35.5+01:00", "2026/11/27
# 12:35:35,500"), that of the common log format ("27/Nov/2026:12:35:35 +0000"), or UNIX time in s,
# ms, us or ns. Without a zone it is in that of --zone. "" if it is none.
function epoch(t,    fraction, zone, part, at, n) {
	sub(/^[^0-9]+/, "", t)
	if (t ~ /^[0-9]+([.,][0-9]*)?$/) {
		sub(/,/, ".", t)
		at = index(t ".", ".") - 1
		if (at == 13 || at == 16 || at == 19)
			return substr(t, 1, 10) "." substr(t, 11, at - 10) substr(t, at + 2)
		return t
	}
	if (substr(t, 1, 10) != day_text) {
		if (t ~ /^[0-9][0-9]\/[A-Z][a-z][a-z]\/[0-9][0-9][0-9][0-9]:/) {
			if (!(substr(t, 4, 3) in month))
				return ""
			day_long = 1
			day_s = 86400 * days(substr(t, 8, 4), month[substr(t, 4, 3)], substr(t, 1, 2))
		} else if (t ~ /^[0-9][0-9][0-9][0-9][-\/.][01][0-9][-\/.][0-3][0-9][T _,;]/) {
			day_long = 0
			day_s = 86400 * days(substr(t, 1, 4), substr(t, 6, 2), substr(t, 9, 2))
		} else
			return ""
		day_text = substr(t, 1, 10)
	}
	if (day_long && substr(t, 11, 1) == ":") # 27/Nov/2026: is one byte short of the year
		return ""
	n = day_long ? 13 : 12
	if (substr(t, n, 8) !~ /^[0-2][0-9]:[0-5][0-9]:[0-6][0-9]$/)
		return ""
	at = substr(t, n, 2) * 3600 + substr(t, n + 3, 2) * 60 + substr(t, n + 6, 2)
	part = substr(t, n + 8)
	fraction = ""
	if (match(part, /^[.,][0-9]+/)) {
		fraction = "." substr(part, 2, RLENGTH - 1)
		part = substr(part, RLENGTH + 1)
	}
	sub(/^ +/, "", part)
	if (part != zone_text) {
		if (part != "" && part !~ /^([-+][0-9][0-9](:?[0-9][0-9])?|Z|UTC|GMT)$/)
			return ""
		zone_text = part
		zone_of_text = part == "" ? offset_of_zone : zone_s(part)
	}
	return sprintf("%d", day_s + at - (part == "" ? offset_of_zone : zone_of_text)) fraction
}

# A line of an access log, of nginx or Apache: sets t (of its date), op, status, bytes, and Q, what the quotes part from
# the request on, n pieces. 0: it is none. Apache writes a quote with a backslash before it, and a backslash too.
function access(    at, from, S, R) {
	if (index($0, "\\")) {
		gsub(/\\\\/, "%5C")
		gsub(/\\"/, "%22")
	}
	at = index($0, "] \"")
	from = index($0, " [")
	if (!at || !from || from > at || (t = epoch(substr($0, from + 2, at - from - 2))) == "")
		return 0
	n = split(substr($0, at + 3), Q, "\"")
	if (n < 2 || split(Q[2], S, " ") < 2 || S[1] !~ /^[0-9][0-9][0-9]$/)
		return 0
	op = split(Q[1], R, " ") > 1 ? R[1] " " path(R[2]) : ""
	status = S[1]
	bytes = S[2]
	return 1
}

# When a request began that ended at that time and took so many ms. Where the time is of whole
# seconds, so is the answer: the middle of that second less the latency, cut off.
function began(end, ms) {
	return index(end, ".") ? sprintf("%.6f", end - ms / 1000) : sprintf("%d", end + 0.5 - ms / 1000)
}

# The same of a log whose times --times tells.
function begins(t, ms) { return at_end ? began(t, ms) : t }

# The value of a key in a line of JSON, as text: a key in quotes with a colon behind it stands in no string of
# JSON, whose own quotes have a backslash before them. "" if it is not there, or null.
function json(key,    at, s, n) {
	at = index($0, "\"" key "\":")
	if (!at)
		return ""
	s = substr($0, at + length(key) + 3, 2100)
	sub(/^ +/, "", s)
	if (substr(s, 1, 1) != "\"") {
		match(s, /^[^],} ]*/)
		s = substr(s, 1, RLENGTH)
		return s == "null" ? "" : s
	}
	s = substr(s, 2)
	n = 0
	while ((at = index(substr(s, n + 1), "\"")) && is_escaped(s, n + at))
		n += at
	s = substr(s, 1, at ? n + at - 1 : 200)
	return index(s, "\\") ? unescaped(s) : s
}
# Whether an odd number of backslashes stands before that place.
function is_escaped(s, at) {
	return substr(s, at - 1, 1) == "\\" && match(substr(s, 1, at - 1), /\\+$/) && RLENGTH % 2
}
# The text of a string of JSON; a control character is a blank.
function unescaped(s,    out, at, c) {
	while (at = index(s, "\\")) {
		out = out substr(s, 1, at - 1)
		c = substr(s, at + 1, 1)
		s = substr(s, at + 2)
		if (c == "u") {
			c = hex(substr(s, 1, 4))
			s = substr(s, 5)
			if (c >= 55296 && c < 56320 && s ~ /^\\u[dD][c-fC-F]/) { # half a character: the other one follows
				c = (c - 55296) * 1024 + hex(substr(s, 3, 4)) - 56320 + 65536
				s = substr(s, 7)
			}
			c = utf8(c)
		} else if (c ~ /[bfnrt]/)
			c = " "
		out = out c
	}
	return out s
}
function hex(digits,    i, n) {
	for (i = 1; i <= length(digits); i++)
		n = n * 16 + index("0123456789abcdef", tolower(substr(digits, i, 1))) - 1
	return n
}
# In bytes, which are what sprintf writes: the locale is C.
function utf8(c) {
	if (c < 32 || (c > 126 && c < 160) || (c >= 55296 && c < 57344)) # no character to be seen
		return " "
	if (c < 128)
		return sprintf("%c", c)
	if (c < 2048)
		return sprintf("%c%c", 192 + int(c / 64), 128 + c % 64)
	if (c < 65536)
		return sprintf("%c%c%c", 224 + int(c / 4096), 128 + int(c / 64) % 64, 128 + c % 64)
	return sprintf("%c%c%c%c", 240 + int(c / 262144), 128 + int(c / 4096) % 64, 128 + int(c / 64) % 64, 128 + c % 64)
}
# Whether the line looks like a whole object.
function is_object() { return $0 ~ /^[ \t]*[{].*[}][ \t,]*$/ }

# http://host:8080 of http://host:8080/path?query, and the path alone.
function origin(url) { return match(url, /^[a-z]+:\/\/[^\/?#]+/) ? substr(url, 1, RLENGTH) : "" }
function path(url) {
	if (match(url, /^[a-z]+:\/\/[^\/?#]+/))
		url = substr(url, RLENGTH + 1)
	sub(/[?#].*/, "", url)
	return url == "" ? "/" : url
}

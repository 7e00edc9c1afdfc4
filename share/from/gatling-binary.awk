# gatling-binary: simulation.log of Gatling from 3.12 on (binary)
# guess: ^[[:cntrl:]]3[.](1[2-9]|[2-9][0-9])[.][0-9]
# lacks: statuses of successes, and of failures beyond what a check says; the node
# through: od -An -v -tu1 -w1

# A line is a byte. A record begins with its kind; numbers have their high byte first, and times count from the start.
function byte() {
	if (ended || (getline) <= 0 || /\001/) {
		ended = 1
		return 0
	}
	bytes++
	return $1 + 0
}
function int4(    a, b, c) {
	a = byte(); b = byte(); c = byte()
	return ((a * 256 + b) * 256 + c) * 256 + byte() - (a >= 128) * 4294967296
}
# Latin-1, or UTF-16 with the low byte first, which the byte behind it tells.
function text(    n, i, s, B) {
	n = int4()
	for (i = 1; i <= n && !ended; i++)
		B[i] = byte()
	if (ended)
		return ""
	if (n > 0 && byte() == 1)
		for (i = 1; i < n; i += 2)
			s = s utf8(B[i] + 256 * B[i + 1])
	else
		for (i = 1; i <= n; i++)
			s = s utf8(B[i])
	return s
}
# A text by its number; negative where it was written before.
function cached(    n) {
	n = int4()
	if (n < 0)
		return seen[-n]
	return seen[n] = text()
}
function skip(n) {
	while (n-- > 0 && !ended)
		byte()
}
function bad_record(why) {
	bad("")
	if (bad_lines == 1)
		first_bad = "byte " at ": " why
}

NR == 1 {
	header(0)
	version = text(); simulation = text()
	began_ms = int4() * 4294967296
	began_ms += (n = int4()) + (n < 0) * 4294967296
	text()
	for (n = int4(); n > 0 && !ended; n--)
		text()
	for (n = int4(); n > 0 && !ended; n--)
		skip(int4())
	while (!ended) {
		kind = byte()
		if (ended)
			exit
		at = bytes
		if (kind == 2) {
			skip(9)
		} else if (kind == 1 || kind == 3) {
			for (n = int4(); n > 0 && !ended; n--)
				cached()
			name = kind == 1 ? cached() : ""
			from = int4(); ms = int4() - from
			if (kind == 3)
				skip(5)
			else {
				failed = !byte()
				said = cached()
				if (!ended && ms < 0)
					bad_record("it ends before it starts")
				else if (!ended)
					row(sprintf("%.3f", (began_ms + from) / 1000), "", "", ms, class("", said, failed), name, "", failed ? said : "")
			}
		} else if (kind == 4) {
			cached()
			int4()
		} else {
			bad_record("a record of kind " kind ", behind which nothing can be read")
			exit
		}
	}
	torn = 1
}

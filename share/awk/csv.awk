# What chaos-from and chaos-to share.

# Splits a line of CSV into F[1..]; returns their number, 0 if a quote is left open. Quotes are rare.
function csv(line, by,    n, at, text) {
	if (index(line, "\"") == 0)
		return split(line, F, by == "|" ? "[|]" : by)
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
				return 0
			F[++n] = text substr(line, 1, at - 1)
			line = substr(line, at + 1)
		} else {
			at = index(line, by)
			F[++n] = at ? substr(line, 1, at - 1) : line
			line = at ? substr(line, at) : ""
		}
		if (substr(line, 1, 1) != by)
			return n
		line = substr(line, 2)
	}
}

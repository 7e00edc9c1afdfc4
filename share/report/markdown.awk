# The Markdown that this toolkit's reports are made of, as HTML: headings, paragraphs, lists, tables, fenced
# blocks, bold and code. Everything else is text. The figures come before the second heading.
function escaped(s) { gsub(/&/, "\\&amp;", s); gsub(/</, "\\&lt;", s); gsub(/>/, "\\&gt;", s); return s }
# A backslash keeps what follows it from meaning anything.
function words(s,  out, c, bold, code) {
	out = ""
	while (length(s)) {
		c = substr(s, 1, 1)
		if (c == "\\" && length(s) > 1 && !code) { out = out escaped(substr(s, 2, 1)); s = substr(s, 3); continue }
		if (c == "`") { out = out (code ? "</code>" : "<code>"); code = !code; s = substr(s, 2); continue }
		if (substr(s, 1, 2) == "**" && !code) { out = out (bold ? "</strong>" : "<strong>"); bold = !bold; s = substr(s, 3); continue }
		out = out escaped(c)
		s = substr(s, 2)
	}
	return out (code ? "</code>" : "") (bold ? "</strong>" : "")
}
function close_block() {
	if (open == "p") print "</p>"
	else if (open == "ul") print "</ul>"
	else if (open == "table") print "</tbody>\n</table>\n</section>"
	open = ""
}
function show_figures(  line) {
	if (figures == "" || shown++) return
	while ((getline line < figures) > 0) print line
}
# Cells of a row, split at bars that no backslash keeps.
function cells(line,  n, i, c, cell) {
	sub(/^\|/, "", line); sub(/\|[ ]*$/, "", line)
	n = 0; cell = ""
	for (i = 1; i <= length(line); i++) {
		c = substr(line, i, 1)
		if (c == "\\") { cell = cell c substr(line, ++i, 1); continue }
		if (c == "|") { row[++n] = cell; cell = ""; continue }
		cell = cell c
	}
	row[++n] = cell
	for (i = 1; i <= n; i++) { gsub(/^ +| +$/, "", row[i]) }
	return n
}
function put_row(n, tag,  i, how) {
	printf "<tr>"
	for (i = 1; i <= n; i++) {
		how = right[i] ? " class=\"n\"" : ""
		if (tag == "th" && row[i] == "") printf "<td%s></td>", how
		else printf "<%s%s%s>%s</%s>", tag, tag == "th" ? " scope=\"col\"" : "", how, words(row[i]), tag
	}
	print "</tr>"
}
/^```/ { close_block(); fenced = !fenced; print fenced ? "<pre tabindex=\"0\">" : "</pre>"; next }
fenced { print escaped($0); next }
/^#+ / {
	close_block()
	level = index($0, " ") - 1
	if (level > 1) show_figures()
	heading = words(substr($0, level + 2))
	printf "<h%d>%s</h%d>\n", level, heading, level
	next
}
/^\|/ {
	if (open != "table") {
		close_block()
		open = "table"
		header = $0
		if ((getline rule) <= 0) rule = ""
		n = cells(rule)
		for (i = 1; i <= n; i++) right[i] = row[i] ~ /:$/
		for (i = n + 1; i <= 40; i++) right[i] = 0
		printf "<section class=\"wide\" tabindex=\"0\" aria-label=\"table %d\">\n<table>\n<thead>\n", ++tables
		put_row(cells(header), "th")
		print "</thead>\n<tbody>"
		next
	}
	put_row(cells($0), "td")
	next
}
/^[-*] / {
	if (open != "ul") { close_block(); open = "ul"; print "<ul>" }
	printf "<li>%s</li>\n", words(substr($0, 3))
	next
}
/^[ \t]*$/ { close_block(); next }
{
	if (open == "ul" && /^  /) { printf "<li class=\"on\">%s</li>\n", words($0); next }
	if (open != "p") { close_block(); open = "p"; printf lead++ ? "<p>" : "<p class=\"verdict\">" } else print ""
	printf "%s", words($0)
}
END { close_block(); show_figures() }

# A picture of chaos-plot for a page: first its gnuplot script, which holds the values, then its SVG. Ids
# become those of this figure alone, for several stand in one page.
function escaped(s) { gsub(/&/, "\\&amp;", s); gsub(/</, "\\&lt;", s); gsub(/>/, "\\&gt;", s); gsub(/"/, "\\&quot;", s); return s }
FNR == 1 { file++ }
file == 1 {
	if (/<<EOD$/) { block = substr($1, 2); blocks++ }
	else if (/^EOD$/) block = ""
	# Of several loads each has a block: the sum is told.
	else if (block == "rates" && NF && !((blocks, $1) in seen)) {
		seen[blocks, $1] = 1
		if (!($1 in due)) at[++n] = $1
		due[$1] += $2; ok[$1] += $3; err[$1] += $4
	}
	else if (block == "latency") slow[$1] = $2 "," $3
	else if (/^set lmargin at screen/ && left == "") { left = $5; right = $10; sub(/;/, "", left) }
	else if (/^set xrange \[0:/) { to = $3; gsub(/[^0-9.]|^\[0:/, "", to) }
	next
}
file == 2 && !began && /^<svg/ {
	began = 1
	printf "<figure>\n<svg class=\"%s\" role=\"img\" aria-label=\"%s\"", kind, escaped(kind ": " ENVIRON["finding"])
	if (kind == "throughput" && n) {
		printf " tabindex=\"0\" data-left=\"%s\" data-right=\"%s\" data-to=\"%s\" data-windows=\"[", left, right, to
		# The last point only ends the last window's step.
		for (i = 1; i <= n && at[i] + 0 < to + 0; i++) {
			split((at[i] in slow) ? slow[at[i]] : ",", s, ",")
			printf "%s[%s,%s,%s,%s]", (i > 1 ? "," : ""), at[i], due[at[i]] "," ok[at[i]] "," err[at[i]], number(s[1]), number(s[2])
		}
		printf "]\""
	}
	print ""
	next
}
function number(s) { return s ~ /^[0-9.e+]+$/ ? s : "null" }
# The size is the page's to say; the terminal's own title would show as a tooltip.
file == 2 && began {
	if (/^ width=/ || /xmlns/ || /^<title>/ || /^<desc>/) next
	gsub(/id=['"]/, "&" kind "-")
	gsub(/href=['"]#/, "&" kind "-")
	gsub(/url\(#/, "&" kind "-")
	gsub(/xlink:href/, "href")
	if (/^[ \t]*<polygon/) gsub(/ = '/, "='")
	gsub(/[ \t]+/, " ")
	# A bar of no height, as one without errors, is four elements that nobody sees.
	if (/d='M[^L]*'\/> ?<g [^>]*crispEdges'>$/) { sub(/^.*\/> ?/, ""); held = $0; next }
	if (held != "") {
		flat = match($0, /points='/) && is_flat(substr($0, RSTART + 8))
		if (!flat) print held
		held = ""
		if (flat) { getline; next }
	}
	if ($0 !~ /^ ?$/) print
}
# True if all points are at one height.
function is_flat(points,  n, i, xy, p) {
	sub(/ ?'.*/, "", points)
	n = split(points, p, " ")
	for (i = 1; i <= n; i++) {
		split(p[i], xy, ",")
		if (i > 1 && xy[2] != first_y) return 0
		first_y = xy[2]
	}
	return 1
}
END { if (began) print "</figure>" }

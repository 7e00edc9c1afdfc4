# A picture of chaos-plot for a page: first its gnuplot script, which holds the values, then its SVG, a tag a record
# (RS='<'). Ids become those of this figure alone, for several stand in one page; what shows nothing goes, and lines are
# written relative, to a tenth of a pixel.
function escaped(s) { gsub(/&/, "\\&amp;", s); gsub(/</, "\\&lt;", s); gsub(/>/, "\\&gt;", s); gsub(/"/, "\\&quot;", s); return s }
BEGIN { PARTS_MAX = 4000 }
FNR == 1 { file++ }
file == 1 {
	if (/<<EOD$/) { block = substr($1, 2); blocks += block == "rates" }
	else if (/^EOD$/) block = ""
	# Of several loads each has a block: the sum is told.
	else if (block == "rates" && NF && !((blocks, $1) in seen)) {
		seen[blocks, $1] = 1
		if (!($1 in due)) at[++n] = $1
		due[$1] += $2; ok[$1] += $3; err[$1] += $4
		unknown[$1] = unknown[$1] || $4 == "nan" # rows that cannot tell
		of[blocks, $1] = "[" $2 "," ($4 == "nan" ? "null" : $4) "]"
	}
	# A panel each: of nodes, of loads.
	else if (/^set label '/ && / requests per second' at screen/) { name = $0; sub(/^set label '/, "", name); sub(/(: )?requests per second' at screen.*/, "", name); part[blocks] = name }
	else if (block == "latency") slow[$1] = number($2) "," number($3)
	else if (/^set lmargin at screen/) { area = $5 + 0 "," $10 + 0 }
	else if (/^set tmargin at screen/) low = 800 * (1 - $10)
	else if (/^set xrange \[0:[^;]*$/) {
		end = $3; gsub(/[^0-9.]|^\[0:/, "", end)
		if (to == "") to = end
		if (end == to && low > bottom) bottom = low
		if (end == to && !(area in areas)) { areas[area] = 1; all_areas = all_areas (all_areas == "" ? "" : ",") "[" area "]" }
	}
	next
}
function number(s) { return s ~ /^[0-9.e+]+$/ ? sprintf("%.4g", s) : "null" }
# The name of a panel, and what was due and failed in each window.
function a_part(b,  i, s, name) {
	name = part[b]
	gsub(/["\\]/, " ", name)
	for (i = 1; i <= n && at[i] + 0 < to + 0; i++) s = s (i > 1 ? "," : "") (((b, at[i]) in of) ? of[b, at[i]] : "null")
	return "[\"" name "\",[" s "]]"
}
# What the pointer tells is of the whole run, so each picture over its time tells it, by the values of the first.
function begin(  i, b, parts) {
	printf "<figure%s>\n<svg class=\"%s\" viewBox=\"0 0 1200 800\" fill=\"none\" font-family=\"Sans\" role=\"img\" aria-label=\"%s\"",
		kind == "compare" || kind == "trials" ? " tabindex=\"0\"" : "", kind, escaped(kind ": " ENVIRON["finding"])
	# What is wider than a small screen is moved by the keys.
	if (kind != "compare" && kind != "trials") printf " tabindex=\"0\" data-areas=\"[%s]\" data-bottom=\"%d\" data-to=\"%s\"", all_areas, bottom, to
	if (kind == "throughput" && n) {
		printf " data-windows=\"["
		# The last point only ends the last window's step.
		for (i = 1; i <= n && at[i] + 0 < to + 0; i++)
			printf "%s[%s,%s,%s]", (i > 1 ? "," : ""), at[i], due[at[i]] "," ok[at[i]] "," (unknown[at[i]] ? "null" : err[at[i]]),
				(at[i] in slow) ? slow[at[i]] : "null,null"
		printf "]\""
	} else if (n && blocks * n <= PARTS_MAX) {
		for (b = 1; b <= blocks; b++) if (part[b] != "") parts = parts (parts == "" ? "" : ",") a_part(b)
		if (parts != "") printf " data-parts=\"[%s]\"", escaped(parts)
	}
	print ">"
}
/^svg/ { began = 1; begin(); next }
!began { next }
# The terminal's own titles would show as tooltips.
/^\/?(title|desc)/ { next }
/^defs/ { in_defs++ }
{
	gsub(/[ \t\n]+/, " ")
	sub(/^g id=[^ >]+ ?>/, "g>")
	gsub(/ (stroke-linecap="butt"|stroke-linejoin="miter"|stroke-width="1.00"|fill="none"|font-family="Sans")/, "")
	gsub(/id=['"]/, "&" kind "-")
	gsub(/href=['"]#/, "&" kind "-")
	gsub(/url\(#/, "&" kind "-")
	sub(/xlink:href/, "href")
	gsub(/ = '/, "='")
	while (match($0, /rgb\( *[0-9]+, *[0-9]+, *[0-9]+\)/)) {
		split(substr($0, RSTART + 4, RLENGTH - 5), rgb, ",")
		$0 = substr($0, 1, RSTART - 1) sprintf("#%02x%02x%02x", rgb[1], rgb[2], rgb[3]) substr($0, RSTART + RLENGTH)
	}
	if (/^path/ && match($0, /d='M[^a-y']*'/)) {
		d = shrunk(substr($0, RSTART + 3, RLENGTH - 4))
		if (d == "") next
		$0 = substr($0, 1, RSTART + 2) d substr($0, RSTART + RLENGTH - 1)
	}
	if (/^polygon/ && match($0, /points='[^']*'/)) {
		d = substr($0, RSTART + 8, RLENGTH - 9)
		sub(/^ +/, "", d)
		gsub(/ +/, " L", d); sub(/ L$/, "", d)
		d = shrunk("M" d)
		if (d !~ /v/ && d !~ /l/) next # a bar without a height
		$0 = "path" substr($0, 8, RSTART - 8) "d='" d "z'" substr($0, RSTART + RLENGTH)
	}
	sub(/> $/, ">")
	# A text of nothing, a group of nothing.
	if (/^\/text>/ && piece[count] == "text>") { count--; next }
	if (/^\/g>/ && count && piece[count] ~ /^g[ >][^>]*>? *$/) { count--; next }
	piece[++count] = $0
	used = used (/^use/ && !in_defs ? "." : "")
	if (/^\/defs/) in_defs--
}
# Points to a tenth of a pixel, each from that before it; nothing if they are all one.
function shrunk(d,  n, i, w, xy, x, y, px, py, out, kind, sum) {
	n = split(d, w, / /)
	for (i = 1; i <= n; i++) {
		if (w[i] == "") continue
		if (w[i] ~ /^[Zz]/) { out = out turned(kind, sum) "z"; kind = ""; continue }
		split(substr(w[i], 2), xy, ",")
		x = int(xy[1] * 10 + 0.5); y = int(xy[2] * 10 + 0.5)
		if (w[i] ~ /^M/) { out = out turned(kind, sum) "M" x / 10 "," y / 10; kind = "" }
		else if (y == py && x != px) {
			if (kind != "h" || sum * (x - px) < 0) { out = out turned(kind, sum); kind = "h"; sum = 0 }
			sum += x - px
		} else if (x == px && y != py) {
			if (kind != "v" || sum * (y - py) < 0) { out = out turned(kind, sum); kind = "v"; sum = 0 }
			sum += y - py
		} else if (x != px || y != py) { out = out turned(kind, sum) "l" (x - px) / 10 "," (y - py) / 10; kind = "" }
		px = x; py = y
	}
	out = out turned(kind, sum)
	return out ~ /[hvl]/ ? out : ""
}
function turned(kind, sum) { return kind == "" ? "" : kind sum / 10 }
END {
	if (!began) exit
	for (i = 1; i <= count; i++) {
		# Without a mark in the picture, nobody needs those of the terminal.
		if (piece[i] ~ /^defs/ && !done && used == "") { while (piece[i] !~ /^\/defs/) i++; done = 1; continue }
		printf "<%s", piece[i]
		if (piece[i] ~ /^\/(g|svg)>/) print ""
	}
	print "</figure>"
}

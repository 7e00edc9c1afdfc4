# gatling: simulation.log of Gatling up to 3.11 (text)
# guess: ^(RUN|ASSERTION|REQUEST|USER)	
# lacks: statuses of successes, and of failures beyond what a check says; the node

BEGIN { FS = "\t" }
NR == 1 { header(0) }

# Versions differ in what stands before the name; the result is the first OK or KO behind two times.
$1 == "REQUEST" {
	for (i = 5; i <= NF; i++)
		if (($i == "OK" || $i == "KO") && $(i - 1) ~ /^[0-9]+$/ && $(i - 2) ~ /^[0-9]+$/)
			break
	if (i > NF || length($(i - 2)) != 13 || (ms = $(i - 1) - $(i - 2)) < 0) {
		bad("")
		next
	}
	text = $i == "KO" ? $(i + 1) : ""
	row(substr($(i - 2), 1, 10) "." substr($(i - 2), 11), "", "", ms, $i == "KO" ? class("", text, 1) : "", $(i - 3), "", text)
	next
}
!/^(RUN|ASSERTION|USER|GROUP|ERROR)\t/ { bad("") }

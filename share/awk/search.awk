# Where a system breaks: what to try next, by the trials so far, as MLRsearch does it. Each line of input is a trial, in
# their order: the value, 1 if it was of full length, and held or missed. Prints "try VALUE FULL" or "done LOWER UPPER
# CERTAIN", "-" for a bound that is not in the range; with
#
#	from, to	the range; width: the largest ratio of the bounds (1.15), where none moves; most: so many trials at most (20)
#	shorter		1 if short trials can narrow the range; else all are of full length
#
# Short trials halve the range, on a logarithmic scale, until it is narrow enough, with a margin for those that erred.
# Then full ones confirm: each bound needs three that agree. A value that held once and was missed once is no bound: that bound moves outwards.

function ask(v, full) {
	v = sprintf("%.3g", v) + 0 # as it will be written
	wanted = v
	wanted_full = full
}
# The bound that was to hold has not, or the other way round: the search goes on outside.
function lower_failed(v) {
	if (v <= from) { if (held[v]) give_up(); else done_with("-", v); return }
	if (missed[v] && !held[v]) hi = v
	lo = v / width
	if (lo < from) lo = from
	lo = sprintf("%.3g", lo) + 0
}
function upper_failed(v) {
	if (v >= to) { if (missed[v]) give_up(); else done_with(v, "-"); return }
	if (held[v] && !missed[v]) lo = v
	hi = v * width
	if (hi > to) hi = to
	hi = sprintf("%.3g", hi) + 0
}
function outwards(ratio) {
	if (lo > from) lo = sprintf("%.3g", lo / ratio < from ? from : lo / ratio) + 0
	if (hi < to) hi = sprintf("%.3g", hi * ratio > to ? to : hi * ratio) + 0
}
function done_with(lower, upper) { answer = lower " " upper " 1" }

# What the trial at index i, of the value that was wanted, teaches.
function take(v, full, good) {
	if (full) { if (good) held[v]++; else missed[v]++ }
	if (stage == "from") {
		stage = good ? "to" : "from full" # a second one, before it is said of the whole range
	} else if (stage == "from full") {
		if (good) stage = "to"; else done_with("-", v)
	} else if (stage == "to") {
		stage = good ? "to full" : "halve"
	} else if (stage == "to full") {
		if (good) done_with(v, "-"); else stage = "halve"
	} else if (stage == "halve") {
		if (good) lo = v; else hi = v
	} else if (stage == "lower") {
		if (!good) lower_failed(v)
	} else if (good) upper_failed(v)
}
function plan(   middle) {
	if (stage ~ /^from/) { ask(from, stage == "from full" || !shorter); return }
	if (stage ~ /^to/) { ask(to, stage == "to full" || !shorter); return }
	if (stage == "halve") {
		middle = sprintf("%.3g", sqrt(lo * hi)) + 0
		if (hi / lo > width ^ (1 / 3) && middle > lo && middle < hi) { ask(middle, !shorter); return }
		# the last trials may have been wrong by a little: a third of the width on each side
		outwards(width ^ (1 / 3))
		stage = "lower"
	}
	if (held[lo] < 3 || missed[lo]) { stage = "lower"; ask(lo, 1); return }
	if (missed[hi] < 3 || held[hi]) { stage = "upper"; ask(hi, 1); return }
	done_with(lo, hi)
}
# A value with both outcomes cannot become a bound.
function skip_mixed() {
	while (answer == "" && held[lo] && missed[lo]) lower_failed(lo)
	while (answer == "" && held[hi] && missed[hi]) upper_failed(hi)
}
# After most trials, and where an end of the range has both outcomes: what full ones have shown so far.
function give_up(   v, lower, upper) {
	lower = upper = "-"
	for (v in held) if (held[v] && !missed[v] && (lower == "-" || v + 0 > lower + 0)) lower = v
	for (v in missed) if (missed[v] && !held[v] && (upper == "-" || v + 0 < upper + 0) && (lower == "-" || v + 0 > lower + 0)) upper = v
	answer = lower " " upper " 0"
}
function begin() {
	split("", held); split("", missed)
	if (width == "") width = 1.15
	if (most == "") most = 20
	lo = from + 0; hi = to + 0
	answer = ""; stage = "from"; trials = 0
	plan()
}
function step(good) {
	trials++
	take(wanted, wanted_full, good)
	if (answer == "" && stage !~ /^(from|to)/) skip_mixed()
	if (answer == "") plan()
	if (answer == "" && trials >= most) give_up()
}

BEGIN { if (!simulated) begin() }
!simulated && NF == 3 && answer == "" { step($3 == "held") }
END { if (!simulated) print answer == "" ? "try " wanted " " wanted_full : "done " answer }

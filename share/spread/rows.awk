# The rows of one shard, as they come, with their times on the clock of the machine that started it. Lines that
# begin with # are of agent.sh. shift_us: what the clock there is ahead, in microseconds; header: of the rows;
# every: the distance between slots. At the end, what is known of the shard goes to the file out, as lines
# ABOUT <tab> KEY <tab> VALUE. One write each row, since other shards write the same output.
function here(t, dot, us, s) {
	if (shift_us == 0) return t
	dot = index(t, ".")
	us = substr(t, 1, dot - 1) * 1000000 + substr(substr(t, dot + 1) "000000", 1, 6) - shift_us
	s = int(us / 1000000)
	return s sprintf(".%06d", us - s * 1000000)
}
# Slots that have come, as few runs: from[last slot] is the first one of a run, to[first slot] the last one.
function came(slot, first, last) {
	if (slot in from || slot in to) return
	first = last = slot
	if (slot - every in from) { first = from[slot - every]; delete from[slot - every] }
	if (slot + every in to) { last = to[slot + every]; delete to[slot + every] }
	from[last] = first
	to[first] = last
}
function known(key, value) { print about "\t" key "\t" value "\n" >> out }
BEGIN {
	ORS = ""
	for (i = columns = split(header, column, ","); i > 0; i--) at[column[i]] = i
}
/^#summary / { known("summary", substr($0, 10)); next }
/^#end / { known("code", substr($0, 6)); exit }
/^#/ { next }
NF < columns { # an empty line, or a row torn by the end of the load or of the link
	if (!match($0, /#end [0-9]+$/)) next
	known("code", substr($0, RSTART + 5))
	exit
}
{
	comma = index($0, ",")
	t = here(substr($0, 1, comma - 1))
	rest = substr($0, comma)
	marker = rest ~ /,local,[^,]*,output,/ && match(rest, /count=[0-9]+ from=[0-9.]+ to=[0-9.]+/)
	if (marker) {
		split(substr(rest, RSTART, RLENGTH), span, /[= ]/)
		marked += span[2]
		rest = substr(rest, 1, RSTART - 1) "count=" span[2] " from=" here(span[4]) " to=" here(span[6]) \
			substr(rest, RSTART + RLENGTH)
	}
	print t rest "\n"
	fflush()
	if (marker) next
	rows++
	if (t > last_t) last_t = t
	if (first_t == "" || t < first_t) first_t = t
	if ("slot" in at && $at["slot"] != "") came($at["slot"] + 0)
	if ($at["error"] == "") ok++
	else failed[$at["error"]]++
}
END {
	known("rows", rows + 0)
	known("marked", marked + 0)
	known("first", first_t)
	known("last", last_t)
	known("ok", ok + 0)
	for (class in failed) known("error", class " " failed[class])
	for (first in to) known("slots", first " " to[first])
}

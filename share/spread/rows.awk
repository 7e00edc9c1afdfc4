# The rows of one shard, as they come, with their times on the clock of the machine that started it. Lines that
# begin with # are of agent.sh. shift_us: what the clock there is ahead, in microseconds. At the end, what is
# known of the shard goes to the file out, as lines KEY <tab> VALUE. One write each row, since other shards
# write the same output.
function here(t, dot, us, s) {
	if (shift_us == 0) return t
	dot = index(t, ".")
	us = substr(t, 1, dot - 1) * 1000000 + substr(substr(t, dot + 1) "000000", 1, 6) - shift_us
	s = int(us / 1000000)
	return s sprintf(".%06d", us - s * 1000000)
}
BEGIN { ORS = "" }
/^#summary / { print "summary\t" substr($0, 10) "\n" > out; next }
/^#end / { print "code\t" substr($0, 6) "\n" > out; exit }
/^#/ { next }
{
	comma = index($0, ",")
	t = here(substr($0, 1, comma - 1))
	rest = substr($0, comma)
	if (shift_us && rest ~ /,local,[^,]*,output,/ && match(rest, /from=[0-9.]+ to=[0-9.]+/)) {
		split(substr(rest, RSTART, RLENGTH), span, /[= ]/)
		rest = substr(rest, 1, RSTART - 1) "from=" here(span[2]) " to=" here(span[4]) substr(rest, RSTART + RLENGTH)
	}
	print t rest "\n"
	fflush()
	rows++
	if (t > last) last = t
}
END { print "rows\t" rows + 0 "\nlast\t" last "\n" > out }

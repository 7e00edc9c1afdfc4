# hgrm: percentiles of the successes as HdrHistogram prints them, in ms
# reads: samples

# Counted by 1/1000 of the value: three digits.
function sample(    us, unit) {
	if (!ok)
		return
	us = int(ms * 1000 + 0.5)
	for (unit = 1; us / unit >= 2048; unit *= 2)
		;
	us = int(us / unit) * unit + unit - 1
	if (!(us in count))
		order[++kinds] = us
	count[us]++
	total++
	sum += ms
	squares += ms * ms
	if (ms > max)
		max = ms + 0
}

# Heapsort: the input may be large, and awk has no sort.
function sift(i, n,    child, value) {
	value = order[i]
	while ((child = 2 * i) <= n) {
		if (child < n && order[child] < order[child + 1])
			child++
		if (order[child] <= value)
			break
		order[i] = order[child]
		i = child
	}
	order[i] = value
}
function sort_order(    i, top) {
	for (i = int(kinds / 2); i >= 1; i--)
		sift(i, kinds)
	for (i = kinds; i > 1; i--) {
		top = order[1]; order[1] = order[i]; order[i] = top
		sift(1, i - 1)
	}
}

END {
	if (fatal)
		exit fatal
	sort_order()
	printf "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)"
	# Five steps each time the rest is halved, as HdrHistogram has them.
	level = 0
	for (i = 1; i <= kinds; i++) {
		seen += count[order[i]]
		while (total && 100 * seen / total >= level && level < 100) {
			printf "%12.3f %2.12f %10d", order[i] / 1000, level / 100, seen
			printf level < 100 ? " %14.2f\n" : "\n", 1 / (1 - level / 100)
			halves = int(log(100 / (100 - level)) / log(2) + 1e-9) + 1
			level += 100 / (5 * 2 ^ halves)
			if (seen == total)
				break
		}
	}
	if (total)
		printf "%12.3f %2.12f %10d\n", order[kinds] / 1000, 1, total
	mean = total ? sum / total : 0
	variance = total ? squares / total - mean * mean : 0 # rounding may take it below 0, and wild times beyond any number
	printf "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n", mean, (variance > 0 ? sqrt(variance) : 0)
	printf "#[Max     = %12.3f, Total count    = %12d]\n", max, total
	printf "#[Buckets = %12d, SubBuckets     = %12d]\n", 22, 2048
	exit failed
}

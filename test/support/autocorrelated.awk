# Samples of a healthy system whose latency, and on demand its rate, varies by itself; see pairs.
function uniform() {
	# 31 bits of Lehmer's generator: the same numbers in every awk
	state = (state * 48271) % 2147483647
	return state / 2147483647
}
function normal() { return sqrt(-2 * log(uniform())) * cos(6.283185307 * uniform()) }

BEGIN {
	if (cv == "") cv = 0.15
	if (rps == "") rps = 50
	if (seconds == "") seconds = 60
	if (slower == "") slower = 1
	if (tail == "") tail = 1
	state = (seed * 7919 + 12345) % 2147483646 + 1
	# Not as many for each seed: those of two neighbours would differ by the same all along.
	for (i = 0; i < 20 + seed * 31 % 97; i++) uniform()
	phase = 6.283185307 * uniform()
	period = seconds * (3 + 3 * uniform())
	level = normal()
	print "timestamp,latency_ms,error"
	for (k = 0; k < seconds; k++) {
		level = rho * level + sqrt(1 - rho * rho) * normal()
		x = cv * (wave ? sqrt(2) * sin(phase + 6.283185307 * k / period) : level)
		n = 0
		mean = arrivals ? rps * (1 + x) : rps
		for (t = arrivals ? -log(uniform()) / mean : 0; t < 1; t += arrivals ? -log(uniform()) / mean : 1 / rps) {
			ms = 20 * slower * exp(x + 0.3 * normal())
			if (tail != 1 && ms > 20 * slower * 1.8)
				ms *= tail
			printf "%.6f,%.3f,\n", 1766500000 + k + t, ms
		}
	}
}

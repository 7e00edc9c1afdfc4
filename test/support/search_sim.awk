# Searches on systems of known capacity: awk -v simulated=1 -v searches=200 -f share/awk/search.awk -f this. Prints
# how many had the true value between their bounds, the most and the mean of trials, and the mean ratio of the bounds.
# A trial holds below the capacity, which differs from trial to trial: by 5 % (standard deviation) in a short one, by
# 2 % in one of full length.
function gauss() { return sqrt(-2 * log(1 - rand())) * cos(6.283185307 * rand()) }
BEGIN {
	srand(seed == "" ? 1 : seed)
	for (s = 0; s < searches; s++) {
		from = 50; to = 2000; shorter = s % 4 != 3; width = 1.15; most = 20
		capacity = from * exp(rand() * log(to / from))
		begin()
		while (answer == "") step(wanted < capacity * (1 + (wanted_full ? 0.02 : 0.05) * gauss()))
		split(answer, a, " ")
		good = (a[1] == "-" || a[1] + 0 <= capacity) && (a[2] == "-" || a[2] + 0 >= capacity) && a[1] a[2] != "--"
		inside += good
		sum += trials
		if (trials > highest) highest = trials
		if (a[1] != "-" && a[2] != "-") { ratios += a[2] / a[1]; both++ }
	}
	printf "%d %d %.1f %.3f %d\n", inside, highest, sum / searches, ratios / both, both
	exit
}

#include "grid/hist.h"

#include "base/buf.h"

#include <math.h>
#include <string.h>

_Static_assert(sizeof(struct hist) == 17432, "the header states the size");

void hist_init(struct hist *h)
{
	memset(h, 0, sizeof *h);
	h->min_ns = INT64_MAX;
	h->max_ns = INT64_MIN;
}

struct hist *hist_new(void)
{
	struct hist *h = mem_alloc(sizeof *h);
	hist_init(h);
	return h;
}

int64_t hist_bucket_ns(unsigned bucket)
{
	unsigned octave = bucket >> HIST_SUB_BITS, sub = bucket & ((1U << HIST_SUB_BITS) - 1);
	unsigned width_bits = HIST_LINEAR_BITS - HIST_SUB_BITS;
	int64_t low = (int64_t)sub << width_bits;
	if (octave) {
		width_bits += octave - 1;
		low = (INT64_C(1) << (HIST_LINEAR_BITS + octave - 1)) +
		      ((int64_t)sub << width_bits);
	}
	return low + ((INT64_C(1) << width_bits) >> 1);
}

static void widen(struct hist *h, int64_t min_ns, int64_t max_ns)
{
	if (min_ns < h->min_ns)
		h->min_ns = min_ns;
	if (max_ns > h->max_ns)
		h->max_ns = max_ns;
}

void hist_record_n(struct hist *h, int64_t ns, uint64_t n)
{
	if (n == 0)
		return;
	widen(h, ns, ns);
	h->counts[hist_bucket(ns)] += n;
	h->total += n;
}

void hist_merge(struct hist *h, const struct hist *from)
{
	widen(h, from->min_ns, from->max_ns);
	for (unsigned i = 0; i < HIST_BUCKETS; i++)
		h->counts[i] += from->counts[i];
	h->total += from->total;
}

int64_t hist_quantile_ns(const struct hist *h, double q)
{
	if (h->total == 0)
		return -1;
	/* The tolerance keeps products such as 0.07 * 100 at their whole number. */
	double rank = ceil(q * (double)h->total - 1e-9);
	uint64_t need = rank < 1 ? 1 : rank > (double)h->total ? h->total : (uint64_t)rank;
	/* Minimum and maximum are exact, and the last bucket has no upper edge. */
	if (need == 1)
		return h->min_ns;
	if (need == h->total)
		return h->max_ns;
	uint64_t seen = 0;
	unsigned i = 0;
	while ((seen += h->counts[i]) < need)
		i++;
	int64_t ns = hist_bucket_ns(i);
	return ns < h->min_ns ? h->min_ns : ns > h->max_ns ? h->max_ns : ns;
}

/* Records the ranks (from, to] in equal steps over (low_ns, high_ns]. */
static void record_between(struct hist *h, uint64_t from, uint64_t to, int64_t low_ns,
			   int64_t high_ns)
{
	enum { STEPS = 16 };
	uint64_t n = to - from, done = 0;
	for (uint64_t i = 1; i <= STEPS; i++) {
		uint64_t until = n * i / STEPS;
		hist_record_n(h, low_ns + (high_ns - low_ns) * (int64_t)i / STEPS, until - done);
		done = until;
	}
}

static uint64_t rank_of(double q, uint32_t n)
{
	return (uint64_t)ceil(q * n - 1e-9);
}

void hist_record_quantiles(struct hist *h, uint32_t n, int64_t p50_ns, int64_t p95_ns,
			   int64_t p99_ns)
{
	uint64_t half = rank_of(0.5, n), most = rank_of(0.95, n), nearly_all = rank_of(0.99, n);
	hist_record_n(h, p50_ns, half);
	record_between(h, half, most, p50_ns, p95_ns);
	record_between(h, most, nearly_all, p95_ns, p99_ns);
	hist_record_n(h, p99_ns, n - nearly_all);
}

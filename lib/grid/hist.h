/* A log-linear histogram of latencies, in nanoseconds.
 *
 * Error: a quantile lies within 0.8 % of a recorded value, from 512 ns to 73 minutes.
 *   Derivation: every octave [2^e, 2^(e+1)) is cut into 64 buckets of width 2^(e-6); a
 *   bucket's middle is at most half a width, 2^(e-7), from any value in it, and every value in it
 *   is at least 2^e: 1/128. Values below 512 ns share 64 buckets of 8 ns; values of
 *   73 minutes (2^42 ns) and more share the last bucket. min and max are exact.
 * Memory: sizeof(struct hist), 17,432 bytes, whatever is recorded.
 * Recording neither allocates nor fails. */
#ifndef GRID_HIST_H
#define GRID_HIST_H

#include <stdint.h>

enum {
	HIST_SUB_BITS = 6,    /* 64 buckets an octave */
	HIST_LINEAR_BITS = 9, /* below 2^9 ns the buckets are of equal width */
	HIST_TOP_BITS = 42,   /* values from 2^42 ns on share the last bucket */
	HIST_BUCKETS = (HIST_TOP_BITS - HIST_LINEAR_BITS + 1) << HIST_SUB_BITS,
};

struct hist {
	uint64_t counts[HIST_BUCKETS];
	uint64_t total;
	int64_t min_ns, max_ns; /* exact; while total is 0, what any value changes */
};

void hist_init(struct hist *h); /* empty; there is nothing to release */
struct hist *hist_new(void);	/* empty; the caller frees */

/* The bucket of a value; negative values count as 0. */
static inline unsigned hist_bucket(int64_t ns)
{
	uint64_t v = (uint64_t)ns;
	if (v >= UINT64_C(1) << HIST_TOP_BITS)
		v = ns < 0 ? 0 : (UINT64_C(1) << HIST_TOP_BITS) - 1;
	/* The octave; values below the first octave share its lower half. */
	unsigned e = 63U - (unsigned)__builtin_clzll(v | UINT64_C(1) << HIST_LINEAR_BITS);
	return ((e - HIST_LINEAR_BITS) << HIST_SUB_BITS) + (unsigned)(v >> (e - HIST_SUB_BITS));
}

/* The middle of a bucket, in ns. */
int64_t hist_bucket_ns(unsigned bucket);

/* A value whose bucket is known. */
static inline void hist_record_in(struct hist *h, unsigned bucket, int64_t ns)
{
	h->counts[bucket]++;
	h->total++;
	if (ns < h->min_ns)
		h->min_ns = ns;
	if (ns > h->max_ns)
		h->max_ns = ns;
}

static inline void hist_record(struct hist *h, int64_t ns)
{
	hist_record_in(h, hist_bucket(ns), ns);
}

void hist_record_n(struct hist *h, int64_t ns, uint64_t n);

/* Records n values of which only three quantiles are known, in rising order: half at the median,
 * the rest in equal steps from quantile to quantile, none above the last. An empty h then has
 * these quantiles. */
void hist_record_quantiles(struct hist *h, uint32_t n, int64_t p50_ns, int64_t p95_ns,
			   int64_t p99_ns);

/* Adds everything in from to h. */
void hist_merge(struct hist *h, const struct hist *from);

/* The nearest-rank quantile in ns: the least value that at least the fraction q
 * (0 to 1) of the values do not exceed. -1 if the histogram is empty. */
int64_t hist_quantile_ns(const struct hist *h, double q);

#endif

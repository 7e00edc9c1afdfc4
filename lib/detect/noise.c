#include "base/buf.h"
#include "base/num.h"
#include "base/units.h"
#include "detect/sequential.h"
#include "detect/spread.h"
#include "grid/pack.h"

#include <math.h>
#include <stdlib.h>

enum {
	BLOCK_MAX = 16,	    /* longest block, in windows */
	BLOCKS_MIN = 4,	    /* least number of blocks for a variance */
	SAMPLED_MAX = 2000, /* most windows whose latencies are read */
	LATENCIES_MIN = 50,
	BLOCK_LATENCIES = 50,
};

/* Index of dispersion of the sums of length windows in a row, at most limit: 1 for Poisson.
 * Generators more regular than Poisson have less than 1; at least 0.2 is assumed, plus three
 * standard errors of the variance estimate. */
static double dispersion(const struct counted *c, size_t limit)
{
	double most = 0;
	for (size_t length = 1; length <= limit && (length == 1 || c->n / length >= BLOCKS_MIN); length *= 2) {
		size_t blocks = c->n / length;
		double sum = 0, squares = 0, want = 0;
		for (size_t i = 0; i < blocks; i++) {
			double s = 0;
			for (size_t k = i * length; k < (i + 1) * length; k++) {
				s += c->x[k] - c->expected[k];
				want += c->expected[k];
			}
			sum += s;
			squares += s * s;
		}
		double variance = fmax(0, squares - sum * sum / (double)blocks) / (double)(blocks - 1);
		most = fmax(most, want > 0 ? variance / (want / (double)blocks) : 0);
	}
	if (most >= 1 || c->n < 8)
		return fmax(1, most);
	return fmin(1, fmax(0.2, most * (1 + 3 * sqrt(2 / (double)c->n))));
}

static double median_of(double *v, size_t n)
{
	if (n == 0)
		return 0;
	qsort(v, n, sizeof *v, num_by_double);
	return v[n / 2];
}

/* The windows used, with their counts. */
struct series {
	size_t n, *at;
	double *ok, *want, *err, *due, *slow, *good;
};

static void series_init(struct series *s, size_t n)
{
	s->n = 0;
	s->at = mem_alloc((n + 1) * sizeof *s->at);
	double **all[] = {&s->ok, &s->want, &s->err, &s->due, &s->slow, &s->good};
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		*all[i] = mem_alloc((n + 1) * sizeof(double));
}

static void series_release(struct series *s)
{
	double *all[] = {s->ok, s->want, s->err, s->due, s->slow, s->good};
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		free(all[i]);
	free(s->at);
}

/* A first estimate by medians, robust while fewer than half of the windows are anomalous. */
static void guess(struct noise *n, const struct detection *d, const struct grid *g, size_t from,
		  size_t to)
{
	size_t count = 0;
	double *off = mem_alloc((to - from + 1) * sizeof *off);
	double *rate = mem_alloc((to - from + 1) * sizeof *rate), want = 0, due = 0;
	for (size_t k = from; k < to; k++) {
		const struct judgement *j = &d->windows[k];
		if (!j->judged || !(j->expected > 0))
			continue;
		off[count] = fabs(g->windows[k].completed_ok - j->expected);
		rate[count++] = grid_error_rate(&g->windows[k]);
		want += j->expected;
		due += g->windows[k].due;
	}
	/* from the median absolute deviation to the standard deviation of a normal distribution */
	double sd = 1.4826 * median_of(off, count);
	n->dispersion = n->dispersion_1 = count ? fmax(1, sd * sd / (want / (double)count)) : 1;
	n->error_rate = fmax(0.5 / (due + 1), median_of(rate, count));
	n->error_dispersion = n->slow_dispersion = 1;
	n->windows = count;
	free(off);
	free(rate);
}

/* Adds the latencies of a window but those that reach beyond window number to, where a fault began: what was in
 * flight then is not normal. */
static void add_ended(const struct grid *g, size_t k, size_t to, struct hist *out)
{
	unsigned last = hist_bucket((int64_t)(to - k) * g->window_ns);
	struct hist *h;
	if (to >= g->count || !hist_packed_above(g->windows[k].packed, last)) {
		grid_latency_add(g, k, k + 1, out);
		return;
	}
	h = hist_new();
	grid_latency_add(g, k, k + 1, h);
	for (unsigned i = 0; i <= last; i++)
		if (h->counts[i])
			hist_record_n(out, hist_bucket_ns(i), h->counts[i]);
	free(h);
}

/* Judged windows, at most about SAMPLED_MAX. Multiples of the golden ratio choose them, so that what comes
 * periodically keeps its share. */
static size_t sample(size_t *at, const struct detection *d, size_t from, size_t to)
{
	size_t judged = 0, n = 0;
	double turn = 0;
	for (size_t k = from; k < to; k++)
		judged += d->windows[k].judged;
	for (size_t k = from; k < to; k++) {
		if (!d->windows[k].judged)
			continue;
		turn = fmod(turn + 0.6180339887498949, 1);
		if (turn * (double)judged < SAMPLED_MAX)
			at[n++] = k;
	}
	return n;
}

/* Sampled windows in a row with enough latencies together for a 90th percentile: smaller blocks would
 * look fast only because the slow requests lie in other blocks. */
struct block {
	size_t from, to; /* half-open, of the sample */
	double p90_ns;
};

static size_t find_blocks(struct block *blocks, const size_t *at, size_t n, const struct grid *g, size_t to)
{
	struct hist *h = hist_new();
	size_t count = 0, start = 0;
	for (size_t i = 0; i < n; i++) {
		add_ended(g, at[i], to, h);
		if (h->total < BLOCK_LATENCIES)
			continue;
		blocks[count++] = (struct block){start, i + 1, (double)hist_quantile_ns(h, 0.9)};
		hist_init(h);
		start = i + 1;
	}
	free(h);
	return count;
}

/* Latencies of the half of the blocks with the lower 90th percentiles. */
static void pool_faster_half(const struct detection *d, const struct grid *g, size_t from, size_t to,
			     struct hist *pool)
{
	size_t *at = mem_alloc((to - from + 1) * sizeof *at), n = sample(at, d, from, to);
	struct block *blocks = mem_alloc((n + 1) * sizeof *blocks);
	size_t count = find_blocks(blocks, at, n, g, to);
	double *all = mem_alloc((count + 1) * sizeof *all);
	for (size_t i = 0; i < count; i++)
		all[i] = blocks[i].p90_ns;
	double middle = median_of(all, count);
	for (size_t i = 0; i < count; i++)
		for (size_t k = blocks[i].from; blocks[i].p90_ns <= middle && k < blocks[i].to; k++)
			add_ended(g, at[k], to, pool);
	free(all);
	free(blocks);
	free(at);
}

static void guess_latency(struct noise *n, const struct detection *d, const struct grid *g,
			  size_t from, size_t to, const struct detect_params *p)
{
	struct hist *pool = hist_new();
	pool_faster_half(d, g, from, to, pool);
	n->slow_rate = 0.01;
	if (pool->total >= LATENCIES_MIN) {
		double usual_ns = (double)hist_quantile_ns(pool, 1 - p->error_rate);
		double more_ns = fmax((p->latency_factor - 1) * usual_ns, p->latency_min_ms * NS_PER_MS);
		n->slow_ns = (int64_t)fmin(usual_ns + more_ns, (double)INT64_MAX / 2);
		n->p99_ns = hist_quantile_ns(pool, 0.99);
	}
	free(pool);
}

/* Counts of the windows that no test marks as anomalous. */
static void collect(struct series *s, const struct detection *d, const struct grid *g,
		    const struct baseline *b, const struct detect_params *p, size_t from, size_t to)
{
	struct evidence slow = evidence_of_latency(d, g, b, p);
	for (size_t k = from; k < to; k++) {
		const struct judgement *j = &d->windows[k];
		if (!j->judged || j->anomalous)
			continue;
		const struct grid_window *w = &g->windows[k];
		s->at[s->n] = k;
		s->ok[s->n] = w->completed_ok;
		s->want[s->n] = fmax(0, j->expected);
		s->err[s->n] = w->err;
		s->due[s->n] = w->due;
		s->slow[s->n] = slow.count[k];
		s->good[s->n++] = w->ok;
	}
	evidence_release(&slow);
}

static double total(const double *x, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += x[i];
	return sum;
}

/* Turns each window's number of trials into its expected number of failures, in place. Returns
 * the failure share. */
static double share_of(const double *bad, double *tries, size_t n, double extra)
{
	double share = (total(bad, n) + extra) / (total(tries, n) + 1);
	for (size_t i = 0; i < n; i++)
		tries[i] *= share;
	return share;
}

static double longest_gap_s(const struct series *s, const struct grid *g)
{
	double length_s = ns_to_s(g->window_ns), longest = 0;
	for (size_t i = 1; i < s->n; i++) {
		const struct grid_window *a = &g->windows[s->at[i - 1]], *b = &g->windows[s->at[i]];
		if (s->at[i] == s->at[i - 1] + 1 && a->completed_ok && b->completed_ok)
			longest = fmax(longest, length_s + b->first_ok_us / 1e6 - a->last_ok_us / 1e6);
	}
	return longest;
}

void noise_learn(struct baseline *b, const struct grid *g, const double *planned, size_t from,
		 size_t to, const struct detect_params *p)
{
	struct detect_params bare = *p, test = *p;
	struct detection d;
	struct noise *n = &b->noise;
	struct series s;
	*n = (struct noise){0};
	to = to > g->count ? g->count : to;
	if (from >= to || b->windows == 0)
		return;
	bare.detector = DETECTOR_THRESHOLD;
	bare.warmup_s = test.warmup_s = ns_to_s(g->window_ns) * (double)from;
	test.detector = DETECTOR_AUTO;
	test.healthy_windows = 1;
	detect(&d, g, planned, b, &bare);
	guess(n, &d, g, from, to);
	/* A permanent error rate is part of the baseline and must be learned too. */
	test.error_rate = fmax(test.error_rate, n->error_rate);
	guess_latency(n, &d, g, from, to, p);
	detection_release(&d);
	detect(&d, g, planned, b, &test);
	series_init(&s, to - from);
	collect(&s, &d, g, b, p, from, to);
	n->windows = s.n;
	n->failed = total(s.err, s.n);
	n->tried = total(s.due, s.n);
	if (s.n >= 2) {
		const struct counted ok = {s.ok, s.want, s.n}, slow = {s.slow, s.good, s.n};
		n->dispersion = dispersion(&ok, BLOCK_MAX);
		n->dispersion_1 = dispersion(&ok, 1);
		n->error_rate = share_of(s.err, s.due, s.n, 0.5);
		n->error_dispersion = fmax(1, dispersion(&(struct counted){s.err, s.due, s.n}, BLOCK_MAX));
		n->slow_rate = fmax(0.01, share_of(s.slow, s.good, s.n, 0.5));
		struct spread spread = spread_of(&slow, 1, 1, 1, &spread_within_run, NULL);
		double doubt = spread_half(&spread, 0.1) / critical_value(0.1, 0);
		n->slow_dispersion = doubt * doubt;
		n->longest_gap_s = longest_gap_s(&s, g);
	}
	detection_release(&d);
	series_release(&s);
}

#include "judge/impact/attribution.h"

#include "judge/impact/blackout.h"

#include "base/units.h"

#include <math.h>
#include <string.h>

/* A row, with what all faults ask of it. UNIX seconds. */
struct request {
	const struct record *row;
	double due, end;
	bool slow;
};

static bool overlaps(const struct judged_fault *f, const struct request *q)
{
	/* false for NaN: no start; true for NaN: no end */
	return q->end >= fault_start(f) && !(q->due > f->reverted);
}

static double recovered(const struct judged_fault *f)
{
	return f && f->after.affected ? (double)f->after.recovered * f->window_s : 0;
}

static struct judged_fault *part(const struct fault_parts *p, unsigned number)
{
	return number < FAULT_PARTS ? p->numbered[number] : NULL;
}

/* True if it was due after the fault and before all that it touches had recovered. */
static bool follows(const struct judged_fault *f, const struct request *q, double t0_s)
{
	double until_s = fmax(recovered(f), fmax(recovered(part(&f->nodes, q->row->node)),
						 recovered(part(&f->ops, q->row->op))));
	return q->due > f->reverted && q->due < t0_s + until_s;
}

static void tally(struct tally *t, const struct request *q)
{
	t->due++;
	t->err += q->row->failed;
	t->slow += q->slow;
}

/* Keeps the slowest successes, the slowest first. */
static void note_slow(struct judged_fault *f, const struct record *row)
{
	size_t i = FAULT_SLOWEST;
	while (i > 0 && (!f->slowest[i - 1] || f->slowest[i - 1]->latency_us < row->latency_us))
		i--;
	if (i == FAULT_SLOWEST)
		return;
	memmove(&f->slowest[i + 1], &f->slowest[i], (FAULT_SLOWEST - 1 - i) * sizeof *f->slowest);
	f->slowest[i] = row;
}

static void count(struct judged_fault *f, const struct request *q, enum share share, double t0_s)
{
	if (!f)
		return;
	tally(&f->shares[share], q);
	if (q->row->failed)
		f->first_error_s = fmin(f->first_error_s, fmax(f->at_s, q->end - t0_s));
	else if (share != SHARE_AFTER)
		note_slow(f, q->row);
}

static void count_all(struct judged_fault *f, const struct request *q, enum share share, double t0_s)
{
	count(f, q, share, t0_s);
	count(part(&f->nodes, q->row->node), q, share, t0_s);
	count(part(&f->ops, q->row->op), q, share, t0_s);
}

static void attribute(struct faults *f, const struct request *q, double t0_s)
{
	size_t hits = 0;
	struct judged_fault *last = NULL;
	for (size_t i = 0; i < f->count; i++)
		hits += overlaps(&f->all[i], q);
	for (size_t i = 0; i < f->count; i++) {
		struct judged_fault *x = &f->all[i];
		if (hits && overlaps(x, q))
			count_all(x, q, hits > 1 ? SHARE_SHARED : SHARE_OWN, t0_s);
		else if (!hits && follows(x, q, t0_s) && (!last || x->reverted >= last->reverted))
			last = x;
	}
	if (hits > 1)
		tally(&f->shared, q);
	if (last)
		count_all(last, q, SHARE_AFTER, t0_s);
}

static void expect(struct judged_fault *f)
{
	f->counted = true;
	f->first_error_s = (double)NAN;
}

static void sum_up(struct judged_fault *f)
{
	f->lost = (double)(f->shares[SHARE_OWN].err + f->shares[SHARE_AFTER].err) + f->missing;
	f->outage_equiv_s = f->normal_per_s > 0 ? f->lost / f->normal_per_s : (double)NAN;
}

static void each(struct faults *f, void (*what)(struct judged_fault *))
{
	for (size_t i = 0; i < f->count; i++) {
		struct judged_fault *x = &f->all[i];
		what(x);
		for (size_t k = 0; k < x->nodes.count; k++)
			what(&x->nodes.all[k]);
		for (size_t k = 0; k < x->ops.count; k++)
			what(&x->ops.all[k]);
	}
}

void faults_attribute(struct faults *f, const struct run_data *r, int64_t slow_ns)
{
	const struct records *rows = &r->records;
	double t0_s = ns_to_s(r->grid.t0_ns);
	/* The start may be rounded differently from the rows. */
	int64_t first_ns = r->grid.t0_ns - NS_PER_MS;
	if (!rows->wanted || rows->exceeded || r->counts || f->unsteady)
		return;
	each(f, expect);
	for (size_t i = 0; i < rows->count; i++) {
		const struct record *x = &rows->all[i];
		int64_t due_ns = record_due_ns(x);
		const struct request q = {x, ns_to_s(due_ns), ns_to_s(record_end_ns(x)),
					  !x->failed && slow_ns > 0 && x->latency_us > slow_ns / NS_PER_US};
		if (due_ns >= first_ns)
			attribute(f, &q, t0_s);
	}
	each(f, sum_up);
	for (size_t i = 0; i < f->count; i++)
		blackout_of_rows(&f->all[i], r);
}

/* The end of what a fault does, in UNIX seconds. */
static double over(const struct judged_fault *f, double t0_s)
{
	return isnan(f->reverted) ? (double)INFINITY : fmax(f->reverted, t0_s + recovered(f));
}

bool faults_together(const struct judged_fault *a, const struct judged_fault *b, double t0_s)
{
	return fault_start(a) < over(b, t0_s) && fault_start(b) < over(a, t0_s);
}

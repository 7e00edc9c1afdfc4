#include "detect/detect.h"

#include <math.h>

/* How often the system was not well again while the fault went on. */
static size_t relapses_until(const struct detection *d, size_t from, double until)
{
	size_t relapses = 0;
	bool well = true;
	for (size_t k = from; k < d->count && (double)k < until; k++) {
		const struct judgement *j = &d->windows[k];
		if (!j->judged)
			continue;
		relapses += well && j->anomalous && !j->healthy;
		well = !j->anomalous || j->healthy;
	}
	return relapses;
}

/* Looks for one kind of trouble, given by its reasons, from the first anomalous window on. */
static struct trouble trouble_of(const struct detection *d, const struct recovery *r,
				 unsigned reasons, double next, size_t healthy_windows)
{
	const double enough = 0.5; /* ratio of successes that tells how fast they are */
	struct trouble t = {0};
	size_t in_a_row = 0;
	for (size_t k = r->first; k < d->count && !t.over; k++) {
		const struct judgement *j = &d->windows[k];
		if ((double)(k + 1) >= floor(next) && t.seen && in_a_row) {
			t.over = true;
			break;
		}
		bool slow = j->reasons & REASON_LATENCY;
		bool bad = reasons & REASON_LATENCY ? slow : !j->served;
		if (j->unmeasured || (j->judged && bad))
			in_a_row = 0;
		if (k < r->recovered && j->judged)
			t.seen = t.seen || (j->reasons & reasons);
		if (!j->judged || bad || (reasons & REASON_LATENCY && !(j->ratio >= enough)))
			continue;
		if (in_a_row++ == 0)
			t.end = k;
		t.over = t.seen && in_a_row >= healthy_windows;
	}
	return t;
}

/* Returns whether the system was well since its first anomalous window. */
static bool note_anomalous(struct recovery *r, const struct judgement *j, size_t k, bool well)
{
	bool again = r->affected;
	if (!again)
		r->first = k;
	r->relapses += well && !j->healthy;
	r->affected = true;
	return j->healthy && (well || again);
}

static struct recovery follow(const struct detection *d, double at, double until, double next,
			      size_t healthy_windows)
{
	struct recovery r = {0};
	size_t in_a_row = 0, well_since = SIZE_MAX; /* healthy ones within an interval count for that */
	bool well = false; /* a healthy window followed the first anomalous one */
	for (size_t k = at > 0 ? (size_t)at : 0; k < d->count; k++) {
		const struct judgement *j = &d->windows[k];
		/* Requests in flight at the next fault are due in its window or in the one before. */
		bool next_has_it = (double)(k + 1) >= floor(next) && (double)k >= until;
		if (next_has_it && (!r.affected || well_since != SIZE_MAX)) {
			r.recovered = r.affected ? well_since : r.recovered;
			return r;
		}
		if (j->unmeasured)
			in_a_row = 0;
		/* A planned pause neither counts nor ends a row of healthy windows. */
		if (!j->judged)
			continue;
		well_since = j->healthy ? (k < well_since ? k : well_since) : SIZE_MAX;
		if (j->anomalous || (r.affected && !j->healthy)) {
			well = j->anomalous && note_anomalous(&r, j, k, well);
			in_a_row = 0;
			continue;
		}
		if (in_a_row++ == 0)
			r.recovered = k;
		well = r.affected;
		if (!r.affected && !((double)r.recovered >= until))
			in_a_row = 0;
		if (in_a_row == healthy_windows) {
			r.relapses += relapses_until(d, k + 1, until);
			r.settled = well_since <= r.recovered;
			return r;
		}
	}
	r.censored = r.affected;
	r.well_since = well_since;
	r.recovered = r.affected ? d->count : r.recovered;
	return r;
}

struct recovery recovery_after(const struct detection *d, double at, double until, double next,
			       size_t healthy_windows)
{
	struct recovery r = follow(d, at, until, next, healthy_windows);
	if (r.affected) {
		const unsigned slow = REASON_LATENCY;
		r.errors = trouble_of(d, &r, ~slow, next, healthy_windows);
		r.latency = trouble_of(d, &r, slow, next, healthy_windows);
	}
	return r;
}

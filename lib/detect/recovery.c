#include "detect/detect.h"

/* Looks for one kind of trouble, given by its reasons, from the first anomalous window on. */
static struct trouble trouble_of(const struct detection *d, const struct recovery *r,
				 unsigned reasons, size_t healthy_windows)
{
	const double enough = 0.5; /* ratio of successes that tells how fast they are */
	struct trouble t = {0};
	size_t in_a_row = 0;
	for (size_t k = r->first; k < d->count && !t.over; k++) {
		const struct judgement *j = &d->windows[k];
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

static struct recovery follow(const struct detection *d, double at, double until,
			      size_t healthy_windows)
{
	struct recovery r = {0};
	size_t in_a_row = 0;
	bool well = false; /* a healthy window followed the first anomalous one */
	for (size_t k = at > 0 ? (size_t)at : 0; k < d->count; k++) {
		const struct judgement *j = &d->windows[k];
		if (j->unmeasured)
			in_a_row = 0;
		/* A planned pause neither counts nor ends a row of healthy windows. */
		if (!j->judged)
			continue;
		if (j->anomalous) {
			if (!r.affected)
				r.first = k;
			r.relapses += well && !j->healthy;
			well = j->healthy && (well || r.affected);
			r.affected = true;
			in_a_row = 0;
			continue;
		}
		if (r.affected && !j->healthy) {
			in_a_row = 0;
			well = false;
			continue;
		}
		if (in_a_row++ == 0)
			r.recovered = k;
		well = r.affected;
		if (!r.affected && !((double)r.recovered >= until))
			in_a_row = 0;
		if (in_a_row == healthy_windows)
			return r;
	}
	if (r.affected) {
		r.censored = true;
		r.recovered = d->count;
	}
	return r;
}

struct recovery recovery_after(const struct detection *d, double at, double until,
			       size_t healthy_windows)
{
	struct recovery r = follow(d, at, until, healthy_windows);
	if (r.affected) {
		const unsigned slow = REASON_LATENCY;
		r.errors = trouble_of(d, &r, ~slow, healthy_windows);
		r.latency = trouble_of(d, &r, slow, healthy_windows);
	}
	return r;
}

#include "detect/detect.h"

struct recovery recovery_after(const struct detection *d, double at, double until,
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

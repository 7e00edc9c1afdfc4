#include "detect/detect.h"

#include "base/buf.h"
#include "detect/sequential.h"

#include <math.h>
#include <stdlib.h>

void detect(struct detection *d, const struct grid *g, const double *planned,
	    const struct baseline *b, const struct detect_params *p)
{
	*d = (struct detection){.count = g->count, .alarm_level = NAN, .settled = g->count};
	d->windows = mem_alloc((g->count + 1) * sizeof *d->windows);
	for (size_t k = 0; k < g->count; k++) {
		d->windows[k] = judge_window(g, planned, b, p, k);
		d->judged += d->windows[k].judged;
	}
	if (p->detector == DETECTOR_AUTO && b && b->noise.windows)
		detect_sequentially(d, g, b, p);
	else
		judge_intervals(d, g);
	size_t last_ok = 0;
	for (size_t k = 0; k < g->count; k++) {
		d->anomalous += d->windows[k].anomalous;
		last_ok = g->windows[k].completed_ok ? k : last_ok;
	}
	d->settled = last_ok < d->settled ? last_ok : d->settled;
}

void detection_release(struct detection *d)
{
	free(d->windows);
	free(d->intervals);
	*d = (struct detection){0};
}

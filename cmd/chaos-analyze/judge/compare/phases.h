/* The phases of a run: those of its scenario, from the events phase_start; without them, the time
 * before, during and after its faults ("pre", "fault", "post"). */
#ifndef ANALYZE_COMPARE_PHASES_H
#define ANALYZE_COMPARE_PHASES_H

#include "judge/compare/comparison.h"

struct phase {
	const char *name;	   /* borrowed from the events */
	struct part *parts;	   /* of the run and of each baseline run, as for compare_parts; owned */
	bool aligned;		   /* every baseline run has that phase */
	struct comparisons result; /* without a baseline, the summary of the run alone */
};

struct phases {
	struct phase *all; /* by time, none of them empty; owned */
	size_t count;
};

/* A baseline run's part is its phase of the same name (the nth, if there are several), or the
 * whole run if it has none. Runs without phases and faults have no phases. */
/* Result is left to the caller. */
void phases_find(struct phases *p, const struct analysis *a);
void phases_release(struct phases *p);

#endif

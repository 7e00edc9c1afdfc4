/* The phases of a run: those of its scenario, told by the events phase_start; without them, before,
 * during and after its faults ("pre", "fault", "post"). */
#ifndef ANALYZE_JUDGE_PHASES_H
#define ANALYZE_JUDGE_PHASES_H

#include "judge/comparison.h"

struct phase {
	const char *name;   /* borrowed from the events */
	struct part *parts; /* of the run and of each baseline run, as for compare_parts; owned */
};

struct phases {
	struct phase *all; /* by time, none of them empty; owned */
	size_t count;
};

/* A baseline run's part is its phase of the same name (the nth of it, if there are several), and
 * the whole of it if it has none. Without phases and faults there are none. */
void phases_find(struct phases *p, const struct analysis *a);
void phases_release(struct phases *p);

#endif

/* How far the numbers of an analysis can be relied on. */
#ifndef ANALYZE_JUDGE_SENSITIVITY_H
#define ANALYZE_JUDGE_SENSITIVITY_H

#include "judge/analysis.h"

struct sensitivity {
	double shortest_outage_s; /* a total outage so long is seen wherever it lies; NaN if unknown */
	double false_alarm_bound; /* of healthy runs raise one, at most about; NaN if unknown */
	bool may_be_chance;	  /* more than a tenth would, and no anomaly is much beyond that */
	bool baseline_short;	  /* fewer than 20 windows tell what is normal */
	bool baseline_unstable;	  /* the normal itself wanders by more than 15 % over 16 windows */
	bool generator_unsound;	  /* the load generator says so itself */
	bool baseline_unsound;	  /* that of a baseline run does */
	bool baseline_unhealthy;  /* more of the normal requests failed than is allowed */
	bool closed_loop;	  /* fewer requests were offered when fewer succeeded */
};

struct sensitivity sensitivity_of(const struct analysis *a);

/* The run, or a baseline run, of which too many rows could not be read; NULL if there is none. */
const struct run *sensitivity_much_unread(const struct analysis *a);

#endif

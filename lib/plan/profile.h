/* A planned course of the rate, as people write it, steps separated by commas:
 *	30s@50		50 a second for 30 s; 0 is a pause
 *	20s@50..500	a ramp from 50 to 500
 *	60s@50..500/4	a staircase of four stairs, the first at 50 and the last at 500
 *	60s@50~20/10s	a wave around 50, 20 up and down, with a period of 10 s: a sine, as straight
 *			ramps, PROFILE_WAVE_RAMPS to a period
 */
#ifndef PLAN_PROFILE_H
#define PLAN_PROFILE_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum {
	PROFILE_WAVE_RAMPS = 16, /* at most 2 % of the amplitude off the sine */
	PROFILE_STEPS_MAX = 100000,
};

struct profile_step {
	int64_t at_ns, length_ns;
	double from, to; /* equal, or a ramp over the whole step */
};

struct rate_profile {
	struct profile_step *steps; /* owned */
	size_t count, alloc;
	int64_t length_ns; /* of all steps */
};

/* Returns 0, or -1 with reason and column in e. Release in either case. */
int rate_profile_parse(const char *text, double max_rate, struct rate_profile *p, struct err *e);
void rate_profile_release(struct rate_profile *p); /* accepts a zeroed one */

#endif

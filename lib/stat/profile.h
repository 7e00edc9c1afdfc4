/* A planned course of the rate, as people write it: "30s@50, 20s@50..500, 10s@0" is 50 a second for
 * 30 s, a ramp from 50 to 500 over 20 s, and a pause of 10 s. */
#ifndef STAT_PROFILE_H
#define STAT_PROFILE_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct profile_step {
	int64_t at_ns, length_ns;
	double from, to; /* equal, or a ramp over the whole step */
};

struct rate_profile {
	struct profile_step *steps; /* owned */
	size_t count, alloc;
	int64_t length_ns; /* of all steps */
};

/* Returns 0, or -1 with the step that is wrong in e. Release in either case. */
int rate_profile_parse(const char *text, double max_rate, struct rate_profile *p, struct err *e);
void rate_profile_release(struct rate_profile *p); /* accepts a zeroed one */

#endif

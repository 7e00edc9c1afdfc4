/* Rates of successes and failures in the samples so far, for the progress line. */
#ifndef SCENARIO_CHILDREN_TALLY_H
#define SCENARIO_CHILDREN_TALLY_H

#include "base/buf.h"

#include <stdint.h>
#include <sys/types.h>

struct tally {
	int fd;	     /* of samples.csv, borrowed; read by position */
	off_t at;    /* the read position */
	size_t header; /* bytes of the header line, which stays in text */
	struct buf text;
	int64_t counted_ns;	   /* monotonic: when the rates were computed */
	double ok_rps, failed_rps; /* since the computation before */
};

void tally_init(struct tally *t, int fd, int64_t now_ns);
void tally_release(struct tally *t);

/* Computes the rates again if at least a second has passed. */
void tally_update(struct tally *t, int64_t now_ns);

#endif

/* What the samples of the running run say, second by second, for the status line. */
#ifndef SCENARIO_CHILDREN_TALLY_H
#define SCENARIO_CHILDREN_TALLY_H

#include "base/buf.h"

#include <stdint.h>
#include <sys/types.h>

struct tally {
	int fd;	     /* of samples.csv, borrowed; read by position */
	off_t at;    /* up to where it has been read */
	size_t header; /* bytes of the header line, which stays in text */
	struct buf text;
	int64_t counted_ns;	   /* monotonic: when the present numbers were taken */
	double ok_rps, failed_rps; /* answers since the count before */
};

void tally_init(struct tally *t, int fd, int64_t now_ns);
void tally_release(struct tally *t);

/* Counts anew if a second has passed. */
void tally_update(struct tally *t, int64_t now_ns);

#endif

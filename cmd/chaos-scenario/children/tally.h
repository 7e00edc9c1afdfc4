/* Successes and failures in the samples so far: rates for the progress line, and what failed. */
#ifndef SCENARIO_CHILDREN_TALLY_H
#define SCENARIO_CHILDREN_TALLY_H

#include "base/buf.h"
#include "grid/hist.h"

#include <stdint.h>
#include <sys/types.h>

enum { TALLY_KINDS = 8 };

struct tally_kind {
	char what[120]; /* "501 to POST /work" */
	uint64_t count;
};

struct tally {
	int fd;	     /* of samples.csv, borrowed; read by position */
	off_t at;    /* the read position */
	size_t header; /* bytes of the header line, which stays in text */
	struct buf text;
	int64_t read_ns, counted_ns; /* monotonic: when it was read; when the rates were computed */
	double ok_rps, failed_rps;   /* since the computation before */
	uint64_t ok, failed, counted_ok, counted_failed; /* so far; at that computation */
	struct tally_kind kinds[TALLY_KINDS]; /* of failures */
	/* Of requests due from then on, UNIX ns: latencies of the successes, and failures. */
	int64_t normal_from_ns;
	uint64_t normal_failed;
	struct hist normal;
	struct hist recent, last; /* of successes since the rates were computed; in the time of the rates */
	size_t seconds; /* so often they were computed */
};

void tally_init(struct tally *t, int fd, int64_t now_ns);
void tally_release(struct tally *t);

/* Reads the rows that are new, at any time. */
void tally_read(struct tally *t);
/* Reads the rows that are new, several times a second at most; computes the rates again once a second. */
void tally_update(struct tally *t, int64_t now_ns);

/* What most failures were; "" if there was none. */
const char *tally_most(const struct tally *t);

#endif

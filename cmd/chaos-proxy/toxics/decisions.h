/* What the seed has decided: which connections a toxic acts on, and each random delay, loss, slice and
 * error. Each is a function of the seed, the names of proxy and toxic, the number of the connection and
 * the position in its stream, so that the set of them is the same for the same traffic. */
#ifndef PROXY_DECISIONS_H
#define PROXY_DECISIONS_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DECISIONS_KEPT = 1 << 18,
	BLOCK_BYTES = 16384, /* a stream is cut here at least, so that each block has a draw of its own */
};

struct decision {
	const char *proxy, *toxic; /* kept by whoever made them, as long as the decisions */
	const char *kind;	   /* "hit", "delay_ms", "stall_ms", "slice_bytes", "status", … */
	int64_t connection;	   /* below 0: before the toxic */
	uint64_t block;		   /* or the number of a request */
	double value;
	int stream; /* 0: upstream, 1: downstream */
	bool seeded; /* by a seed of the toxic's own: */
	uint64_t seed;
};

struct decisions {
	struct decision *kept; /* owned; a ring once it is full */
	size_t alloc;
	uint64_t count; /* of all that were made */
	char **names;	/* owned */
	size_t name_count, name_alloc;
};

void decisions_release(struct decisions *d);
void decisions_add(struct decisions *d, const struct decision *one);
/* The same text, kept as long as the decisions. */
const char *decisions_name(struct decisions *d, const char *name);

/* Number of the first that is still kept. */
uint64_t decisions_first(const struct decisions *d);
/* Appends number n, which is kept, as a line of JSON. */
void decisions_line(const struct decisions *d, uint64_t n, struct buf *out);

/* A hash of what it says. */
uint64_t decisions_sum(const struct decision *one);

/* A number from 0 to 1, 1 excluded. */
double draw(uint64_t base, uint64_t key, uint64_t position);

#endif

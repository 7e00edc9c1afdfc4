/* The dose that a toxic gives one direction of one connection: how data is cut, and when each piece leaves.
 *
 * Nothing waits inside a toxic. A piece gets its time as it comes in, as a function of when it came and of
 * the pieces before it, through all toxics in turn. When a toxic comes, goes or changes, the times of the
 * pieces that still wait are computed again, from the state that the pieces already gone have left: so
 * nothing can hang in a toxic that is removed, and nothing is lost. */
#ifndef PROXY_DOSE_H
#define PROXY_DOSE_H

#include "toxics/decisions.h"
#include "toxics/toxic.h"

#define DUE_NEVER INT64_MAX	  /* held until something changes */
#define DUE_DROP  (INT64_MAX - 1) /* swallowed */

struct dose_state {
	int64_t free_ns; /* bandwidth, slicer: until when it is taken */
	int64_t busy_ns; /* the same without what the toxics before it delay: until when to read no more */
	uint64_t bytes;	 /* limit_data, stall: that went through */
	bool reached;	 /* limit_data: the connection ends behind what is queued */
};

struct dose {
	struct toxic *toxic;
	int64_t since_ns; /* on this connection */
	uint64_t from;	  /* where its positions count from; 0: the beginning of the stream */
	struct dose_state tail;	  /* behind all pieces that came in */
	struct dose_state head;	  /* behind all that have left */
	uint64_t slice_from, slice_end; /* the slice found last */
};

struct piece {
	struct piece *next;
	int64_t came_ns, due_ns;
	int64_t shared_ns;	 /* when a bandwidth that connections share lets it go */
	uint64_t shared_version; /* of the toxic that said so; 0: none */
	uint64_t at;	   /* position of its first byte in the stream */
	uint32_t skip;	   /* of data, that are not of it any more */
	uint32_t len, off; /* behind skip; off: that have been written */
	uint32_t match;	   /* of its message: see struct toxic */
	bool known;	   /* its draws have been told of */
	char data[];
};

/* What draws depend on besides the toxic, and where they are told of. */
struct dose_context {
	struct decisions *decisions; /* NULL: a draw is repeated, and not told again */
	const char *proxy;
	uint64_t key;		   /* of the proxy */
	const struct peer_address *peer;
	uint64_t connection, base; /* base: of the seed, the proxy and the connection */
};

/* Tells of a draw of the toxic at a block, or a request, of that number. */
void dose_note(const struct dose_context *c, struct toxic *t, uint64_t block, const char *kind, double value);

/* What draws of the toxic on that connection begin with. */
uint64_t dose_base(const struct dose_context *c, const struct toxic *t);

/* How many of len bytes at that position go as one piece, at least 1. */
size_t dose_cut(struct dose *d, const struct dose_context *c, uint64_t at, size_t len);

/* When a piece that reaches this toxic at that time leaves it, or DUE_NEVER or DUE_DROP; s: the
 * dose's head or tail. */
int64_t dose_due(struct dose *d, struct dose_state *s, const struct dose_context *c,
		 struct piece *p, int64_t at_ns);

/* Whether the toxic acts on that connection: drawn once for both. */
bool dose_hits(struct toxic *t, const struct dose_context *c);

/* When the connection has to be ended for it; 0: never. */
int64_t dose_ends_ns(const struct dose *d);

#endif

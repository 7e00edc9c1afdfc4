/* A connection as requests and answers: what each request asks for, which answer belongs to it, and answers of our own
 * in place of the server's. A request that is answered here never gets to the server; the answer goes out behind
 * those of the requests before it, so that a connection that is kept open stays in step.
 *
 * What is not the protocol passes untouched from there on. */
#ifndef PROXY_DIALOG_H
#define PROXY_DIALOG_H

#include "toxics/toxic.h"

struct dialog;

struct dialog_verdict {
	struct buf answer; /* not empty: in place of the server's */
	uint32_t match;	   /* bits of the toxics whose match takes this message and its answer */
};

struct dialog_calls {
	/* Passes data on. */
	void (*emit)(void *arg, enum toxic_stream to, const char *data, size_t len, uint32_t match);
	/* number: of the request on its connection, from 0, as far as they were read. */
	void (*decide)(void *arg, const char *verb, const char *path, uint64_t number,
		       struct dialog_verdict *v);
	void (*over)(void *arg); /* the client wants no more after what was emitted: an answer of our own */
	void *arg;
};

/* silent: nothing has gone through yet. Otherwise the dialog joins when the client next speaks after the
 * server, last being who spoke last. */
struct dialog *dialog_new(enum toxic_protocol protocol, bool silent, enum toxic_stream last,
			  const struct dialog_calls *calls);
void dialog_free(struct dialog *d); /* accepts NULL */

void dialog_take(struct dialog *d, enum toxic_stream from, const char *data, size_t len);
/* One side has ended: what was held back of it goes out. */
void dialog_ended(struct dialog *d, enum toxic_stream from);

/* It was found not to be the protocol. */
bool dialog_is_other(const struct dialog *d);

#endif

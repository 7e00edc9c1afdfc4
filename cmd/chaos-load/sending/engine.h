/* The life of a slot: sent at once if its node has a free connection, else queued; not sent if the
 * in-flight bound is reached; given up at the timeout, which runs from the due time. Every slot
 * produces exactly one sample. Both bounds are divided among the nodes, so that a hung node does
 * not affect the others; nodes that a topology tells of later are shared with from then on. */
#ifndef LOAD_SENDING_ENGINE_H
#define LOAD_SENDING_ENGINE_H

#include "base/clock.h"
#include "net/transport.h"
#include "grid/hist.h"
#include "sending/waits.h"
#include "csv/csv_write.h"

#include <stdbool.h>

struct engine;

struct engine_config {
	struct loop *loop;
	const struct transport_ops *transport;
	struct transport_config *transport_config; /* the engine sets done and arg */
	char *const *node_names;		   /* one a node, as in a sample */
	int64_t connections, max_inflight, timeout_ns;
	bool connections_each, max_inflight_each; /* for each node, and not shared out among them */
	struct anchor anchor;
	unsigned columns; /* further ones of a sample: enum sample_column */
	/* One ended slot. The sample and its strings live for the call. */
	void (*sample)(void *arg, const struct sample *s);
	/* The last slot has ended: called after engine_finish. */
	void (*idle)(void *arg);
	void (*ready)(void *arg); /* the transport knows what it needs; may come before engine_new
				     returns */
	void (*note)(void *arg, const char *text); /* what the transport has to say */
	void *arg;
};

struct engine_counts {
	uint64_t due, sent, ok;
	uint64_t errors[ERROR_COUNT];
	uint64_t inflight, peak_inflight; /* queued and sent */
	struct hist latency;		  /* of successes */
};

/* config must outlive the engine. NULL on error. */
struct engine *engine_new(const struct engine_config *c, struct err *e);
void engine_free(
	struct engine *g); /* accepts NULL; engine_abort comes first if anything is under way */

/* Slot number slot is due; its due time and now are monotonic. */
void engine_due(struct engine *g, uint64_t slot, int64_t due, int64_t now);

/* No more slots will come: idle is called when the last has ended, perhaps at once. */
void engine_finish(struct engine *g);

/* Ends all that is under way as aborted, and whatever falls due from now on. */
void engine_abort(struct engine *g);

const struct engine_counts *engine_counts(const struct engine *g);
const struct waits *engine_waits(const struct engine *g);

#endif

/* What was read back, as a file of JSON Lines, from which alone the verdict can be computed again:
 * a header with the servers and how rest was seen, then a line for each piece of each server that had
 * it. See "Audit marks" in chaos-formats(5). */
#ifndef AUDIT_SERVERS_SAVED_H
#define AUDIT_SERVERS_SAVED_H

#include "rows/slots.h"
#include "servers/topology.h"
#include "stream/json.h"

#include <stdio.h>

#define SAVED_SCHEMA "chaos-audit-marks/1"
enum { PIECE_SLOTS = 1 << 18, PIECE_BYTES = PIECE_SLOTS / 8 };

struct saved_what {
	const char *prefix;   /* of the keys that hold marks; NULL: looked for on the servers */
	int64_t first_due_ns; /* of the rows, UNIX time: proves whose marks they are */
	uint64_t pieces;
};

/* Waits for rest and reads the pieces of the marks from every server, again if they did not rest
 * meanwhile. Without rest until the deadline the file says why, and no mark. -1, EXIT_USAGE: no prefix, and the
 * keys of the servers prove none. */
int saved_write(FILE *to, struct topology *t, const struct saved_what *what, int64_t timeout_ns, struct err *e);

/* What a file told, beside the marks. */
struct saved {
	struct json *header;	/* owned */
	uint64_t done;		/* slots that have been set */
	uint64_t notable;	/* of those, the ones that are not fine */
	uint64_t strays;	/* marks without a row */
	uint64_t disputed;	/* marks that only replicas have; they stay unread */
};

/* Sets all slots by a file, from its start. */
int saved_read(struct saved *s, FILE *from, const char *name, struct slots *m, struct err *e);
void saved_release(struct saved *s); /* accepts a zeroed one */

#endif

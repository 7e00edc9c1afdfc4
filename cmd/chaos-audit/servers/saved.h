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
	bool typed;	      /* somebody typed it: nothing says that it is that of the rows */
	bool unproved;	      /* that, or the servers are typed: no mark at all is no proof that all were lost */
	int64_t first_due_ns; /* of the rows, UNIX time: proves whose marks they are */
	uint64_t pieces;
};

/* Waits for rest and reads the pieces of the marks from every server, again if they did not rest
 * meanwhile. Without rest until the deadline the file says why, and no mark. -1, EXIT_USAGE: no prefix, and the
 * keys of the servers prove none. */
int saved_write(FILE *to, struct topology *t, const struct saved_what *what, int64_t timeout_ns, struct err *e);

/* The parts of such a file, for who has read the writes of a store: its servers have the role "store". */
struct saved_header {
	const char *prefix;	/* of the keys that hold marks; NULL: none */
	const char *op, *read;	/* of a store: of the writes, and what reads one back; NULL: none */
	bool quiet;		   /* the servers were at rest, and all was read */
	double waited_s;
	char how[512];	      /* rest was seen, or what is against it */
	const char *against;  /* why the marks are not those of the rows; NULL: nothing */
	struct json *servers; /* given to saved_put_header */
};
struct saved_piece {
	size_t server;
	uint64_t number;
	unsigned char bits[PIECE_BYTES], unread[PIECE_BYTES]; /* of which a store did not tell */
};
int saved_put_header(FILE *to, const struct saved_header *h, struct err *e);
int saved_put_piece(FILE *to, const struct saved_piece *p, struct err *e);

/* What a file told, beside the marks. */
struct saved {
	struct json *header;	/* owned */
	uint64_t done;		/* slots that have been set */
	uint64_t notable;	/* of those, the ones that are not fine */
	uint64_t strays;	/* marks without a row */
	uint64_t disputed;	/* marks that only replicas have, or some nodes of a store; they stay unread */
};

/* The op of the writes, of a file that has what was read back from a store; else NULL. The caller frees. */
char *saved_op(const char *path);

/* Sets all slots by a file, from its start. */
int saved_read(struct saved *s, FILE *from, const char *name, struct slots *m, struct err *e);
void saved_release(struct saved *s); /* accepts a zeroed one */

#endif

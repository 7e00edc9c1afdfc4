/* What became of each write, counted: in all, by window of the run and by node. */
#ifndef AUDIT_RESULT_FATES_H
#define AUDIT_RESULT_FATES_H

#include "rows/brief.h"
#include "rows/rows.h"

#include <stdbool.h>
#include <stdio.h>

enum fate { ACKNOWLEDGED, LOST, PHANTOM, RECOVERED, IN_DOUBT, UNREPLICATED, FATES };
extern const char *const fate_names[FATES];

enum window { BEFORE, DURING, AFTER_PROMOTION, AFTER_HEAL, WINDOWS };

/* UNIX times; INT64_MAX: never. */
struct times {
	bool known; /* there are events: the windows mean something */
	int64_t begun_ns, promoted_ns, healed_ns;
};

struct fates_node {
	char *name; /* owned */
	size_t len;
	uint64_t counts[FATES], holes;
	int64_t first_ns;	      /* of what it acknowledged; INT64_MAX: nothing */
	int64_t survivor_ns[WINDOWS]; /* the latest due time of what it acknowledged and is there */
};

struct loss {
	int64_t end_ns;
	uint32_t node;
	enum window window;
};

struct fates {
	struct slots marks;
	struct slot_set outdone; /* slots of which a row before the one that counts was not acknowledged */
	struct brief brief;
	struct times times;
	int64_t wait; /* replicas that were asked for; 0: none */
	FILE *list; /* a row for each write that is lost, phantom or recovered; NULL: not wanted */
	const char *mutant; /* for tests: the mistake to make; NULL: none */
	uint64_t duplicate; /* rows of slots that had one */
	uint64_t too_high;  /* rows whose slot is none of a load */
	uint64_t refused, unanswered;
	uint64_t total[FATES], windows[WINDOWS][FATES];
	int64_t first_ns[FATES], last_ns[FATES];
	struct fates_node *nodes, *last_node; /* owned; of nodes or NULL */
	size_t node_count, node_alloc;
	struct loss *losses; /* owned; the first LOSSES_MAX of them */
	size_t loss_count, loss_alloc;
};

enum { LOSSES_MAX = 1 << 18 };

/* For rows_each: how each slot was answered, which counts once: acknowledged if any of its rows is. */
void fates_note(void *fates, const struct csv_row *row, enum answer a);

/* Behind the last row: the promotion is the first write acknowledged by a node that had
 * acknowledged none before the fault. */
void fates_find_promotion(struct fates *t);

/* When the marks have been read back: what became of what is not fine, and windows. */
int fates_count(struct fates *t, struct err *e);

/* After it: which losses are holes, lost before a write that the same node acknowledged later in
 * the same window and that is there. */
void fates_find_holes(struct fates *t);
void fates_release(struct fates *t);

#endif

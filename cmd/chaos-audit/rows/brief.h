/* What the counting needs of each audited write, in a file without a name: rows are read once, from
 * a pipe as well, and scanning them again would cost more. Eight bytes a write as a rule, which
 * tell the difference to the one before it. */
#ifndef AUDIT_ROWS_BRIEF_H
#define AUDIT_ROWS_BRIEF_H

#include "base/err.h"
#include "rows/slots.h"

#include <stdio.h>

struct write {
	uint64_t slot;
	int64_t due_ns, end_ns; /* UNIX time; the end is that of row_end_ns */
	uint32_t node;
	enum answer answer;
	bool is_short; /* fewer replicas than asked for */
};

enum { BRIEF_WORDS = 4095 };

struct brief {
	FILE *file; /* owned */
	struct err why;
	bool failed; /* to write, as why says */
	struct brief_block {
		size_t used;
		uint64_t words[BRIEF_WORDS];
	} block;
	struct write last;
};

/* An error is told by brief_each: whoever never reads does not need what could not be kept. */
void brief_add(struct brief *b, const struct write *w);

/* All of them in their order, once. */
int brief_each(struct brief *b, void (*take)(void *arg, const struct write *w), void *arg,
	       struct err *e);
void brief_release(struct brief *b); /* accepts a zeroed one */

#endif

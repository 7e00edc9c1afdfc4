/* Statements on a run: all that a text may say of it. Each is a clause with its subject and its
 * numbers, under an id that a placeholder can cite. Pure. */
#ifndef REPORT_STATEMENTS_H
#define REPORT_STATEMENTS_H

#include "report/facts/aliases.h"
#include "report/facts/facts.h"

#include <stdbool.h>
#include <stddef.h>

struct statement {
	char *id, *text; /* "p99_change", "p99 latency rose from 148 ms to 301 ms" */
};

struct statements {
	struct statement *all;
	size_t count, alloc;
	char **names; /* how the statements call each node of the aliases */
	size_t name_count, name_alloc;
};

/* Fills s from an analysis. redact: nodes are called by their aliases, else by their names as
 * Markdown. Either way the statements and the names are the same ones in the same order. */
void statements_build(struct statements *s, const struct json *analysis, const struct facts *facts,
		      const struct aliases *aliases, bool redact);
void statements_release(struct statements *s); /* accepts a zeroed one */

/* Appends a statement and takes the heap string id. */
void statements_add(struct statements *s, char *id, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void statements_add_name(struct statements *s, char *name); /* takes the heap string */

/* The statement with the id of len bytes; s->count if there is none. */
size_t statements_find(const struct statements *s, const char *id, size_t len);

#endif

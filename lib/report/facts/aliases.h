/* The nodes of a run, each with its name, its URL, and the alias that replaces both in what leaves
 * this machine. */
#ifndef REPORT_ALIASES_H
#define REPORT_ALIASES_H

#include "base/buf.h"
#include "stream/json.h"

#include <stdbool.h>
#include <stddef.h>

enum { ALIAS_MAX = 16 };

struct alias {
	const char *name, *url; /* borrowed from the analysis; either may be NULL */
	bool faulted;
};

struct aliases {
	struct alias *all;
	size_t count, alloc;
	bool all_known; /* the node of every fault is one of the analysis' nodes */
};

void aliases_init(struct aliases *a, const struct json *analysis);
void aliases_release(struct aliases *a);

/* The node that an entry of the analysis' nodes or faults is about; a->count if it is none of these. */
size_t aliases_find(const struct aliases *a, const struct json *entry);

const char *aliases_name(const struct aliases *a, size_t i);  /* the name, else the URL */
const char *alias_text(size_t i, char out[static ALIAS_MAX]); /* "node-A" … "node-Z", "node-AA" */

/* Appends text with names, URLs and hosts of the nodes as aliases; other addresses, host names and
 * long tokens become "[address]", "[host]", "[token]". */
void aliases_redact(const struct aliases *a, const char *text, struct buf *out);

#endif

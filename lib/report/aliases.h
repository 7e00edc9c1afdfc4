/* Who appears in a run: its nodes, each with its name and URL, and the alias that stands for it
 * in what leaves this machine. */
#ifndef REPORT_ALIASES_H
#define REPORT_ALIASES_H

#include "base/buf.h"
#include "stream/json.h"

#include <stdbool.h>
#include <stddef.h>

enum { ALIAS_MAX = 16 };

struct actor {
	const char *name, *url; /* borrowed from the analysis; either may be NULL */
	bool faulted;
	bool failing; /* requests to it failed */
};

struct cast {
	struct actor *all;
	size_t count, alloc;
	bool whole; /* each fault was on a node that is known */
};

void cast_init(struct cast *c, const struct json *analysis);
void cast_release(struct cast *c);

/* The index of that node, or c->count. Either may be NULL. */
size_t cast_find(const struct cast *c, const char *name, const char *url);

const char *cast_name(const struct cast *c, size_t i);		       /* the name, else the URL */
const char *cast_alias(size_t i, char out[static ALIAS_MAX]); /* "node-A" … "node-Z", "node-AA" */

/* Appends text with names, URLs and hosts of the cast as aliases; other addresses, host names and
 * long tokens as "[address]", "[host]", "[token]". */
void cast_redact(const struct cast *c, const char *text, struct buf *out);

#endif

/* What the keys of the marks start with, and whether those are the marks of the rows. */
#ifndef AUDIT_SERVERS_PREFIX_H
#define AUDIT_SERVERS_PREFIX_H

#include "servers/topology.h"

/* Sets the prefix of the keys that hold marks, if the keys prove that they are of these rows. -1: they do not; 1: a
 * server could not be read, as how says. */
int prefix_find(struct topology *t, char **prefix, int64_t first_due_ns, struct err *e);

/* The prefix that was meant: as it was typed, or without the end of "PREFIX:*" if only so there are marks. The caller
 * frees. */
char *prefix_meant(struct topology *t, const char *typed);

/* Why the marks of a prefix cannot be those of the rows: nobody has touched them since before these began. NULL:
 * nothing says so. To be asked before they are read, which touches them. The caller frees. */
char *prefix_against(struct topology *t, const char *prefix, int64_t first_due_ns);

/* That there is no mark of a prefix, with those of which there are some. The caller frees. */
char *prefix_none(struct topology *t, const char *prefix);

#endif

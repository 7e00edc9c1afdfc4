/* A control line as each host concerned is to have it. */
#ifndef FAULT_HOSTS_SPLIT_H
#define FAULT_HOSTS_SPLIT_H

#include "base/buf.h"
#include "conf/config.h"

/* Calls each for every host that the line concerns (NULL: this machine), with the line as that host is to have it,
 * without its time; *at_ns is that after the start, or negative. A line that names what is not there is for this
 * machine, whose session says so. Changes line. -1 with EXIT_USAGE for what hosts cannot do together. */
int split_line(const struct config *c, char *line, int64_t *at_ns,
	       void (*each)(void *arg, const char *host, const char *text), void *arg, struct err *e);

/* Each host alone sees the nodes of the others as yet unbroken: EXIT_USAGE if that fault on all that are named would leave
 * a mode no node that is up. allows: what the user may add. */
int split_check_left(const struct config *c, const bool *named, const char *fault, const char *allows, struct err *e);

#endif

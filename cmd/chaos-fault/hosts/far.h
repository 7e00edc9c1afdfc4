/* Other chaos-faults that do a part of the work: one on this machine, and one on each host by ssh. */
#ifndef FAULT_HOSTS_FAR_H
#define FAULT_HOSTS_FAR_H

#include "base/buf.h"
#include "conf/config.h"
#include "options.h"

#include <sys/types.h>

/* A command line. */
struct words {
	char **items; /* NULL-terminated; owned, as each of them */
	size_t count, alloc;
};

void words_add(struct words *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void words_release(struct words *w);

/* Adds the options of a command line as they were given. */
void far_options(struct words *w, const struct options *o);

/* What is sent ahead of all else to a host: the config. */
int far_hello(const struct config *c, struct buf *out, struct err *e);

/* Starts it on that host (NULL: here) with these arguments. *in becomes a pipe to its standard input, *out, unless
 * out is NULL, one from its standard output; the caller closes them. Returns the pid of what stands for it here, or
 * -1. */
pid_t far_start(const char *host, const struct config *c, const struct words *args, int *in, int *out, struct err *e);

/* Writes what can be written at once, and takes it away. -1 if nobody reads any more. */
int far_feed(int in, struct buf *waiting);

/* Waits for its end. Returns its exit code; EXIT_RUNTIME if the link failed, and then *lost is true, unless it is NULL. */
int far_wait(pid_t pid, bool *lost);

#endif

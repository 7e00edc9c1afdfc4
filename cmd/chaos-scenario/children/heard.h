/* What is heard of the children: reads new lines of the run's events file, and keeps the list of
 * active faults. */
#ifndef SCENARIO_CHILDREN_HEARD_H
#define SCENARIO_CHILDREN_HEARD_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct held_fault {
	char *uid, *action, *node;
	int64_t until_ns; /* monotonic: when it is lifted; 0: not planned */
};

struct heard {
	int fd;	    /* of events.jsonl, borrowed; read with pread, so that the writers' offset stays */
	off_t at;   /* the read position */
	struct buf rest; /* a line that is not whole yet */

	size_t loads_ready;  /* of those that come from other places */
	bool session_ready;  /* the fault session takes commands */
	double session_s;    /* since then, UNIX */
	size_t brought_up;   /* nodes that the session has started and not yet stopped */
	bool revert_failed;  /* a fault may still be active */
	char *revert_reason; /* why, of the last such fault; owned */
	struct held_fault *held;
	size_t held_count, held_alloc;
	int64_t changed_ns; /* monotonic: when a fault was last injected or lifted, as seen here; 0: none was */
	char *by_other;	     /* the last fault that somebody else ended; owned */
	char *error; /* message of the first command that failed; owned */
	int error_code; /* the exit code that it deserves */
};

void heard_init(struct heard *w, int fd);
void heard_release(struct heard *w);

/* Takes in what has been written since the last call. */
int heard_poll(struct heard *w, struct err *e);

#endif

/* What the children report: new lines of the run's events file as they come, and the
 * faults that are active by them. */
#ifndef SCENARIO_CHILDREN_REPORTED_H
#define SCENARIO_CHILDREN_REPORTED_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct held_fault {
	char *uid, *action, *node;
};

struct reported {
	int fd;	    /* of events.jsonl, borrowed; read by position, so that writers are not disturbed */
	off_t at;   /* up to where it has been read */
	struct buf rest; /* a line that is not whole yet */

	bool session_ready;  /* the fault session takes commands */
	size_t brought_up;   /* nodes that the session has started and not yet stopped */
	bool revert_failed;  /* something may not be as it was */
	char *revert_reason; /* the last words about that; owned */
	struct held_fault *held;
	size_t held_count, held_alloc;
	char *error; /* the first command that could not be obeyed; owned */
	int error_code; /* the exit code that it deserves */
};

void reported_init(struct reported *w, int fd);
void reported_release(struct reported *w);

/* Takes in what has been written since the last call. */
int reported_poll(struct reported *w, struct err *e);

#endif

/* The guard of a chaos-fault, as its owner sees it: a process of its own, in a session of its
 * own, which puts back what the owner holds if the owner is gone by any means, or is stopped
 * when a deadline passes. It is there before the first act. */
#ifndef FAULT_JOURNAL_GUARD_CLIENT_H
#define FAULT_JOURNAL_GUARD_CLIENT_H

#include "base/err.h"
#include "sys/loop.h"
#include "sys/proc.h"

#include <stdbool.h>
#include <stdint.h>

struct guard {
	struct proc_id id;     /* pid 0: none */
	int fd;		       /* its end means our end to the guard; owned */
	bool ready, lost;      /* it has reported that; it exited before that */
	int64_t ready_by_ns;   /* CLOCK_MONOTONIC */
	struct loop_fd *watch; /* of the guard's own end, or NULL; owned */
	void (*died)(void *arg);
	void *arg;
};

/* Starts the guard of this process. -1 (EXIT_RUNTIME): there is none, and nothing may be broken. */
int guard_start(struct guard *g, const char *state, const struct proc_id *owner, struct err *e);

/* Never blocks: 1 ready, 0 not yet, -1 (EXIT_RUNTIME) it has exited or has timed out. */
int guard_ready(struct guard *g, struct err *e);

/* Calls died in the loop when the guard has ended before us. */
int guard_watch(struct guard *g, struct loop *loop, void (*died)(void *arg), void *arg,
		struct err *e);

/* Tells it what is written down of a fault: the entry before its act, and each note behind it; "" when
 * the entry is gone, since one that is done may be cut before its name goes. Never blocks. From its return on the guard will know,
 * whatever becomes of us. -1, EXIT_RUNTIME. */
int guard_tell(struct guard *g, const char *uid, const char *text, struct err *e);

/* Lets it go: it puts back what the journal still says is ours. Waits until it has ended if
 * nothing is left to do for it. Accepts one that was never started. */
void guard_end(struct guard *g, bool nothing_left);

#endif

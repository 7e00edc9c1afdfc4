/* One act on a node and the wait until it shows: begun, then looked at every moment until
 * it is seen, has failed, or its bound has passed. Nothing here blocks the loop. */
#ifndef FAULT_TASK_H
#define FAULT_TASK_H

#include "base/err.h"
#include "net/probe.h"
#include "sys/loop.h"
#include "sys/proc.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct fault;
struct node;
struct task;

enum verdict { VERDICT_WAIT, VERDICT_YES, VERDICT_NO };

/* Does the act. 0, or -1 with the reason. */
typedef int task_begin(struct task *t, struct err *e);
/* Looks at the target. While it waits, e says what for; with VERDICT_NO, why not. */
typedef enum verdict task_look(struct task *t, struct err *e);
/* The end: e is NULL if it was seen, else the reason. */
typedef void task_done(struct task *t, const struct err *e);

struct task {
	struct node *node;
	struct fault *fault;	  /* what it is done for, or NULL */
	struct loop_timer *timer; /* made when first needed; owned */
	bool running;
	int64_t begun_ns, bound_ns;
	task_look *look;
	task_done *done;
	/* What steps remember between looks. */
	struct proc_id target; /* the process acted on */
	int pidfd;	       /* of the process whose end is awaited, or -1; owned */
	bool reverting;	       /* an undo, which does not fight with others */
	bool launch, launched; /* a process is to be started, has been started */
	bool by_other;	       /* it was running already, or somebody else runs it */
	bool acted;	       /* there was a process to act on */
	bool polite;	       /* SIGTERM was sent, and SIGKILL is to follow if it does not do */
	off_t log_from;	       /* where the log of this start begins */
	struct probe *probe;
	bool probing;
	int64_t probe_ns; /* when the probe was last started */
};

/* Runs begin, then looks until the end; done may be called before this
 * returns. The task must be idle; its fields are set anew. */
void task_run(struct task *t, struct fault *f, bool reverting, task_begin *begin, task_look *look,
	      int64_t bound_ns, task_done *done);

/* Ends a running task now, as failed. */
void task_cut(struct task *t, const char *why);

void task_release(struct task *t);

#endif

/* The work on nodes. Each node does one piece at a time, in the order given; nodes go on beside each
 * other, all on one loop. */
#ifndef FAULT_NODE_QUEUE_H
#define FAULT_NODE_QUEUE_H

#include "node/fleet.h"

struct action;
struct verb;
struct work;

/* When a verb that is no fault starts the node's program; STOPS: it ends it for good. */
enum verb_starts { STARTS_NOTHING, STARTS_IF_DOWN, STARTS_ANYWAY, STOPS };

enum work_what {
	WORK_COMMAND,
	WORK_UNDO,    /* of the node's faults: goes on without the node's lock if there can be none */
	WORK_RELEASE, /* a node that a session brought up is stopped */
};

/* What can be asked for a node: faults/verb.h has the table. */
struct verb {
	const char *name;
	const struct action *action; /* the fault it injects, or NULL: what it does persists */
	/* Refuses with EXIT_USAGE what cannot be; touches nothing. */
	int (*check)(const struct verb *v, struct node *n, struct err *e);
	/* Does n->current; ends in queue_finish. */
	void (*run)(struct node *n, struct work *w);
	enum verb_starts starts;
	enum work_what what;
	const char *found; /* what is said of a node that it leaves up and had no need to start; NULL: "is up already" */
	/* Its turn never came: called before the error is reported. May be NULL. */
	void (*not_run)(struct node *n, const struct work *w);
};

/* One command on one node. */
struct work {
	const struct verb *verb;
	bool detach;	       /* its deadline alone owns it */
	bool all_down;	       /* it may leave no node of a mode up */
	int64_t for_ns;	       /* negative: no deadline of its own */
	bool stay;	       /* the fault is let go once it has been injected */
	size_t line;	       /* of the control input; 0 on a command line */
	const char *signal;    /* that kill sends, without SIG; NULL: as the config says */
	uint64_t fault;	       /* of a revert: the number of the fault; 0: all of the node's */
	const char *params;    /* of a fault that is a program: JSON; NULL for others */
	const char *why;       /* of a revert: "deadline", "end of input", … */
	struct proc_id holder; /* of a revert: the process that holds the fault, if another */
	int64_t requested_ns;  /* CLOCK_MONOTONIC */
	int64_t due_ns;	       /* when its line said that it is to come; 0: at once */
	struct work *next;
};

/* When it was to come, however late its line was read. */
int64_t work_meant_ns(const struct work *w);

void queue_init(struct node *n);
/* Drops all of it. */
void queue_release(struct node *n);

/* Starts what is queued on nodes that are free; the callback of fleet->kick. */
void queue_start_all(void *fleet);

/* Queues a copy of w on the node and starts it if the node is free. */
void queue_submit(struct node *n, const struct work *w);

/* True if the undo of the node's fault of that number is queued. */
bool queue_has_undo(struct node *n, uint64_t fault);

/* Ends the work under way for now: the undo that is queued comes first, then it is run again. */
void queue_behind_undo(struct node *n, uint64_t fault);

/* Drops what is queued but not under way; returns how many pieces that were. */
size_t queue_drop(struct fleet *f);

/* Other chaos-faults may act on the node while its work under way only looks. */
void queue_let_others(struct node *n);

/* The work under way on this node is over; the next one starts. */
void queue_finish(struct node *n);

#endif

/* The nodes of a config and everything that is under way on them. Each node does one piece of
 * work at a time, in the order given; nodes go on beside each other, all on one loop. */
#ifndef FAULT_NODE_FLEET_H
#define FAULT_NODE_FLEET_H

#include "base/err.h"
#include "conf/config.h"
#include "journal/guard_client.h"
#include "net/probe.h"
#include "sys/loop.h"
#include "sys/proc.h"
#include "node/task.h"

#include <stdbool.h>
#include <stdint.h>

struct container;
struct fault;
struct fleet;
struct kind;
struct node;
struct report;
struct verb;

/* One command on one node. */
struct work {
	const struct verb *verb;
	bool detach;	      /* its deadline alone owns it */
	bool all_down;	      /* it may leave no node of a mode up */
	int64_t for_ns;	      /* negative: no deadline of its own */
	bool stay;	      /* the fault is let go once it has been injected */
	size_t line;	      /* of the control input; 0 on a command line */
	const char *signal;   /* that kill sends, without SIG; NULL: as the config says */
	const char *why;      /* of a revert: "deadline", "end of input", … */
	int64_t requested_ns; /* CLOCK_MONOTONIC */
	struct work *next;
};

struct node {
	const struct node_conf *conf;
	struct fleet *fleet;
	char *dir; /* its folder of state; owned */
	const struct kind *kind;
	struct container *box; /* of a node that is one, once it has been looked at; owned */
	size_t surveys;	     /* that look at it just now */
	int64_t surveyed_ns; /* when a survey of it was last over, CLOCK_MONOTONIC; 0: never */
	struct identity id;  /* who runs it, as last looked at */
	struct fault *fault; /* held by this process, or NULL; owned */
	struct fault *hold;  /* brought up for the length of a session, or NULL; owned */
	struct task task;    /* what it is doing or waiting for */
	struct work *current, *first, **last; /* owned */
	int lock_fd;			      /* keeps other chaos-faults off while it works */
	bool locked;			      /* the lock is ours */
};

struct fleet {
	const struct config *config; /* borrowed */
	struct loop *loop;	     /* borrowed */
	struct report *report;	     /* borrowed */
	char *state;		     /* the state folder; owned */
	char world[PROC_WORLD_MAX];
	struct proc_id self;
	struct guard guard; /* puts back what we hold if we cannot; pid 0: none */
	struct node *nodes;
	size_t count;
	int64_t deadline_ns;	 /* of everything held, CLOCK_MONOTONIC; 0: none */
	bool detached;		 /* the guard goes on without us */
	uint64_t seed, picks;	 /* of what is drawn; how often that has been */
	bool all_down;		 /* faults may leave no node of a mode up */
	bool rehearsal;		 /* what dead chaos-faults left over counts as put back */
	uint64_t last_uid[2];	 /* numbers given to faults, and to nodes brought up */
	struct loop_timer *kick; /* starts what is queued; owned */
	struct loop_timer *keep; /* keeps the loop running while only a signal is awaited; owned */
	bool ending;		 /* the undo of all has been asked for: nothing new is broken */
	size_t busy;		 /* pieces of work that are queued or under way */
	void (*on_idle)(void *arg); /* called when busy has become 0 */
	void *idle_arg;
};

/* Without a loop the fleet can only be looked at. */
int fleet_init(struct fleet *f, const struct config *c, const char *state, struct loop *loop,
	       struct report *report, struct err *e);
void fleet_release(struct fleet *f);

/* Starts the guard, without which nothing may be broken; another when it dies. */
int fleet_start_guard(struct fleet *f, struct err *e);

/* Is the guard there? If not, one more attempt at another: -1 if that fails too. */
int fleet_need_guard(struct fleet *f, struct err *e);

/* The node of that name, or NULL with the nearest name in e. */
struct node *fleet_node(struct fleet *f, const char *name, struct err *e);

/* Queues a copy of w on the node and starts it if the node is free. */
void fleet_submit(struct node *n, const struct work *w);

/* True if the undo of the node's fault is queued. */
bool fleet_undo_queued(const struct node *n);

/* Ends the work under way for now: the undo that is queued comes first, then it is run again. */
void fleet_behind_undo(struct node *n);

/* Drops what is queued but not under way; returns how many pieces that were. */
size_t fleet_drop_queued(struct fleet *f);

/* Other chaos-faults may act on the node while its work under way only looks. */
void fleet_let_others(struct node *n);

/* The work under way on this node is over; the next one starts. */
void fleet_finish(struct node *n);

/* True while a fault is held whose undo has not failed. */
bool fleet_holds(const struct fleet *f);

/* True while a fault with a deadline is held. */
bool fleet_timed(const struct fleet *f);

/* Ends the waits for nodes that have been started but are not ready yet. */
void fleet_cut_waits(struct fleet *f, const char *why);

/* True while anything of ours is still on a node: a fault, or a node brought up. */
bool fleet_residue(const struct fleet *f);

/* Queues the undo of every fault, also of those that are just being injected. */
void fleet_revert_all(struct fleet *f, const char *why);

#endif

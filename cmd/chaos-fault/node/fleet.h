/* The nodes of a config. */
#ifndef FAULT_NODE_FLEET_H
#define FAULT_NODE_FLEET_H

#include "base/err.h"
#include "conf/config.h"
#include "sys/loop.h"
#include "sys/proc.h"
#include "node/task.h"

#include <stdbool.h>
#include <stdint.h>

struct exec_fault;
struct fault;
struct fleet;
struct guard;
struct kept;
struct kind;
struct emitter;
struct work;

/* That the node has answered at its URL. */
struct answer {
	struct probe *probe; /* that tells, also if it is under way; NULL: it has; owned */
	int64_t asked_ns;    /* CLOCK_MONOTONIC; 0: never */
	struct identity from;
};

struct node {
	const struct node_conf *conf;
	struct fleet *fleet;
	char *dir; /* its folder of state; owned */
	const struct kind *kind;
	void *own; /* what its kind knows of it; owned by the kind */
	size_t surveys;	     /* that look at it just now */
	int64_t surveyed_ns; /* when a survey of it was last over, CLOCK_MONOTONIC; 0: never */
	struct identity id;  /* what runs it, as last inspected */
	struct answer answer;
	struct fault *faults; /* held by this process, the newest first; of faults/held.c */
	struct fault *brought_up; /* for the length of a session, or NULL; the same */
	struct task task;    /* what it is doing or waiting for */
	void (*log_shown)(struct node *n); /* goes on once its log has been */
	struct work *current, *first, **last; /* owned */
	size_t finished; /* pieces of work, ever counted up */
	int lock_fd;			      /* keeps other chaos-faults off while it works */
	bool locked;			      /* the lock is ours */
	bool not_ready; /* it was last to be brought up, and did not get ready */
	bool bring_up;	/* for the length of the session, if it is not up */
};

struct fleet {
	const struct config *config; /* borrowed */
	struct loop *loop;	     /* borrowed */
	struct emitter *emitter;	     /* borrowed */
	char *state;		     /* the state folder; owned */
	const char *there;	     /* the host that this is, for whoever asks by ssh; else NULL; borrowed */
	char world[PROC_WORLD_MAX];
	struct proc_id self;
	struct guard *guard; /* puts back what we hold if we cannot, or NULL; of faults/held.c */
	struct loop_timer *guard_again; /* starts another one; the same */
	int64_t guard_pause_ns;		/* until then */
	struct kept *kept;	/* entries of the journal in memory, or NULL; borrowed */
	struct node *nodes;
	size_t count;
	int64_t deadline_ns;	 /* of everything held, CLOCK_MONOTONIC; 0: none */
	bool detached;		 /* the guard goes on without us */
	uint64_t seed, picks;	 /* of what is drawn; how often that has been */
	bool all_down;		 /* faults may leave no node of a mode up */
	bool rehearsal;		 /* what dead chaos-faults left over counts as put back */
	struct exec_fault *exec_faults; /* programs that are faults; of faults/exec/exec_fault.c */
	int programs_lock; /* keeps the copies of programs that it uses; 0 or less: none */
	void (*forget_programs)(struct fleet *f); /* frees them; NULL if there are none */
	uint64_t fault_count;	 /* how many there have been */
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
	       struct emitter *emitter, struct err *e);
/* What is held is let go before: held_release. */
void fleet_release(struct fleet *f);

/* The node of that name, or NULL with the nearest name in e. */
struct node *fleet_node(struct fleet *f, const char *name, struct err *e);

#endif

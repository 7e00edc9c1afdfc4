/* One act on a node and the wait until it shows: begun, then looked at every moment until
 * it is seen, has failed, or its bound has passed. Nothing here blocks the loop. */
#ifndef FAULT_NODE_TASK_H
#define FAULT_NODE_TASK_H

#include "base/err.h"
#include "node/identity.h"
#include "net/probe.h"
#include "sys/loop.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct call;
struct fault;
struct node;
struct task;

enum verdict { VERDICT_WAIT, VERDICT_YES, VERDICT_NO };

/* The two halves of a task: an act, and when it shows. */
struct step {
	int (*begin)(struct task *t, struct err *e); /* NULL: it only looks */
	enum verdict (*look)(struct task *t, struct err *e);
};

/* What steps know of a fault that they undo. */
struct undo {
	struct identity target; /* what was broken */
	bool adopted;		/* another process broke it */
	bool unfinished;	/* its act has not shown, and may come yet */
	bool node_down;		/* the node is down while it lasts */
	bool tried;		/* whether it stayed has been looked at, or can no longer be told, by a try before */
	bool heals;		/* its target is to heal itself first, within the node's ready_within */
};

/* What a task is made of:
 *	begin	does the act: 0, or -1 with the reason
 *	look	looks at the target; while it waits, e says what for; with VERDICT_NO, why not
 *	done	the end: e is NULL if it was seen, else the reason */
struct task {
	struct node *node;
	struct fault *fault;	  /* what it is done for, or NULL */
	struct loop_timer *timer; /* made when first needed, and kept for the undo; owned */
	bool running;
	bool untouched; /* begin has failed: nothing was done */
	bool late;	/* its bound has passed */
	int64_t begun_ns, bound_ns;
	int64_t look_ns; /* when the next look is due; 0: none was yet */
	enum verdict (*look)(struct task *t, struct err *e);
	void (*done)(struct task *t, const struct err *e);
	/* What steps remember between looks. */
	struct identity target; /* what is acted on */
	struct proc_id dying;	/* must have ended before it is started again; pid 0: none */
	int pidfd;		/* of the process whose end is awaited, or -1; owned */
	bool reverting;		/* an undo, which does not fight with others */
	struct undo undo;	/* of it */
	bool launch, launched;	/* a process is to be started, has been started */
	bool recorded;		/* a process that did not become the server may be in the node's record */
	int64_t launch_ns;	/* since when it is to be */
	bool by_other;		/* it was running already, or somebody else runs it */
	bool acted;		/* there was a process to act on */
	bool served_port;	/* the process that was to end had the node's port */
	int64_t left_ns;	/* when one that the node had started was last seen; 0: never */
	bool polite, forced;	/* SIGTERM was sent; it did not do, and SIGKILL followed */
	off_t log_from;		/* where the log of this start begins */
	bool unstayed;	       /* the fault was over before its undo */
	bool died;	       /* what was paused had ended by the time of its undo */
	char note[240];	       /* what its user should know besides; "" for nothing */
	struct probe *probe;
	bool probing;
	int64_t probe_ns; /* when the probe was last started */
	struct call *call; /* of a program that is asked, or NULL; owned */
	char reason[240];  /* for which it is asked again, or "" */
	bool checking;	   /* the act is over: it is asked whether it shows */
	bool awaited;	   /* the healing of its target */
	bool undone;	   /* its program says so: how its users see it is asked */
	unsigned revived;  /* how often its proxy was found dead, and started again */
	int64_t again_ns;  /* when it is asked next */
	int64_t asked_ns;  /* when it was last seen whether there is an answer */
	int64_t healed_ns; /* when its program saw that the target had healed itself; 0: it did not */
};

/* Runs begin, then looks until the end; done may be called before this returns. The task must be
 * idle; its fields are set anew. undo: NULL if it is none. */
void task_run(struct task *t, struct fault *f, const struct undo *undo,
	      struct step step, int64_t bound_ns,
	      void (*done)(struct task *t, const struct err *e));

#define TASK_LOOK(f) ((struct step){NULL, f})

/* True while an undo is to wait for the target to heal itself, before it restores what is missing. */
bool task_may_heal(const struct task *t);

/* A step of one that makes copies of programs: they stay from here on, once it says VERDICT_YES; VERDICT_WAIT:
 * another chaos-fault is removing some. */
enum verdict task_keep_programs(const struct task *t, struct err *e);

/* Ends a running task now, as failed. */
void task_cut(struct task *t, const char *why);

void task_free(struct task *t);

#endif

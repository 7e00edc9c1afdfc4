/* Nodes that are looked at and acted on through a backend, whose answers take time: the engine of a
 * container, a program. Their acts are asked for one after another, then the node is looked at,
 * until what was wanted is seen. What an answer means is each backend's own. */
#ifndef FAULT_KINDS_BACKEND_H
#define FAULT_KINDS_BACKEND_H

#include "node/fleet.h"
#include "node/kind.h"

enum { BACKEND_ACTS_MAX = 4 };

/* PENDING: not yet. HERE: an act is over, and refused says whether it was done; or state and why are
 * as of now. SILENT: the same is asked for again, and reason says why. */
enum backend_answer { BACKEND_PENDING, BACKEND_HERE, BACKEND_SILENT };

/* How one kind asks. */
struct backend {
	const char *name; /* "the container engine" */
	bool forces;	  /* term only asks: what has not ended in time is killed */
	bool resumes;	  /* term is not for one that is paused */

	/* Before the undo: all that it needs, whoever undoes. */
	int (*undo)(struct task *t, struct err *e);
	/* What is under way is given up; what follows is about t->target. */
	void (*aim)(struct task *t);
	/* For the undo of a fault: finds what is to be looked at; VERDICT_YES: state is as of now.
	 * NULL: t->target. */
	enum verdict (*settle)(struct task *t, struct err *e);
	/* Begins to ask for the act, or to look if it is NULL. */
	int (*ask)(struct task *t, const enum act *act, struct err *e);
	enum backend_answer (*answer)(struct task *t, const enum act *act);
	/* True while an act of an earlier task may still be done. May be NULL. */
	bool (*busy)(struct node *n);

	/* True if it is, as last looked at, in the life that was aimed at. */
	bool (*same)(const struct task *t);
	/* True if an act on it that has not shown may do so yet. */
	bool (*may_come)(const struct task *t);
	/* True if it may be done behind the back of an undo: the one who asked for it has died, or had
	 * no answer. May be NULL: acts end with who asks for them. */
	bool (*unfinished)(const struct task *t);
	/* True if it is about to be started by somebody else. May be NULL. */
	bool (*restarting)(const struct node *n);
	/* It is not in the life that was aimed at, and was to be down: "it was started again". */
	void (*again)(const struct node *n, struct err *e);
	/* An undo finds that it was started, by whomever. May be NULL. */
	void (*came_back)(struct task *t);
	/* Why it does not run. True if it never will. */
	bool (*ended)(const struct task *t, struct err *e);
};

/* What a node of such a kind has at the beginning of its own (struct node). */
struct asking {
	enum node_state state; /* as last looked at */
	struct err why;	       /* why that is not known; code 0: it is */
	/* Of the task under way. */
	enum act acts[BACKEND_ACTS_MAX];
	size_t act_count, act_at;
	bool asked;  /* an answer is awaited */
	bool looked; /* since the acts */
	bool serves; /* whether it is ready is wanted */
	bool never;  /* it will not get ready */
	bool killed; /* what ended it was no signal that it could handle */
	enum verdict (*settle)(struct task *t, struct err *e);
	enum verdict (*decide)(struct task *t, struct err *e); /* after the first look, or NULL */
	char refused[240]; /* why the last act was not done; "": it was */
	char reason[240];  /* for which the task waits */
	int64_t again_ns;  /* when the next thing is asked for, CLOCK_MONOTONIC */
};

/* By the last survey. */
enum node_state backend_state(struct node *n);
int backend_unknown(const struct node *n, struct err *e);

/* A task begins about t->target: nothing has been asked for. */
void backend_aim(struct task *t);
/* To be asked for after what was added before. */
void backend_add(struct asking *a, enum act act);
/* VERDICT_WAIT: with what e says as the reason; with the last reason. */
enum verdict backend_wait(struct asking *a, const struct err *e);
enum verdict backend_wait_more(const struct task *t, struct err *e);
/* Goes on with the acts, then with looks. VERDICT_YES: state is as of now, and known. */
enum verdict backend_turn(struct task *t, struct err *e);

/* The steps of a kind. */
int backend_kill(struct task *t, struct err *e);
int backend_term(struct task *t, struct err *e);
int backend_pause(struct task *t, struct err *e);
int backend_resume(struct task *t, struct err *e);
int backend_start(struct task *t, struct err *e);
enum verdict backend_seen_gone(struct task *t, struct err *e);
enum verdict backend_seen_paused(struct task *t, struct err *e);
enum verdict backend_seen_ready(struct task *t, struct err *e);

#define BACKEND_STEPS                                                                              \
	{                                                                                          \
		[ACT_KILL] = {backend_kill, backend_seen_gone},                                    \
		[ACT_TERM] = {backend_term, backend_seen_gone},                                    \
		[ACT_PAUSE] = {backend_pause, backend_seen_paused},                                \
		[ACT_RESUME] = {backend_resume, backend_seen_ready},                               \
		[ACT_START] = {backend_start, backend_seen_ready},                                 \
	}

#endif

/* The table of kinds of nodes: how a node of that kind is looked at, started, broken and put back.
 * Actions, verbs, journal, guard and undo know nodes only through it. */
#ifndef FAULT_KIND_H
#define FAULT_KIND_H

#include "base/err.h"
#include "conf/config.h"
#include "task.h"

#include <stdbool.h>

struct node;

enum node_state {
	NODE_DOWN,    /* nothing of it runs, and nobody else is in its place */
	NODE_UP,      /* it runs; whether it is ready is another question */
	NODE_PAUSED,  /* it is there but stopped in the middle */
	NODE_FOREIGN, /* somebody else is in its place */
};

/* Steps are the two halves of a task (task.h): acts begin it, looks end it. All are idempotent,
 * and none waits. A step on a server that is gone is no error: the look finds out. */
struct kind {
	const char *name; /* as ls shows it and the journal keeps it */
	bool ours;	  /* it can be started and broken; if not, the rest is NULL */
	/* Nothing of it outlives the machine's end, so that neither does a fault on it. */
	bool ends_with_boot;

	/* Looks at it, and sets n->id. */
	enum node_state (*look)(struct node *n);
	/* A state that refuses it now may be over in a moment. */
	bool (*settling)(struct node *n);
	/* Who is in its place, EXIT_USAGE. Returns -1. */
	int (*err_foreign)(const struct node *n, struct err *e);
	/* Adds to e how to look at what was started but did not get ready, if it still runs. */
	void (*left_running)(const struct node *n, struct err *e);
	/* It has been stopped for good. */
	void (*forget)(struct node *n);

	int (*kill)(struct task *t, struct err *e);
	int (*term)(struct task *t, struct err *e);
	int (*pause)(struct task *t, struct err *e);
	int (*resume)(struct task *t, struct err *e);
	int (*start)(struct task *t, struct err *e);
	int (*start_again)(struct task *t, struct err *e); /* the undo of kill and stop */

	enum verdict (*gone)(struct task *t, struct err *e);
	enum verdict (*paused)(struct task *t, struct err *e);
	enum verdict (*back)(struct task *t, struct err *e); /* after start_again */
	enum verdict (*ready)(struct task *t, struct err *e);
};

extern const struct kind kind_process;

/* The kind of a node of the config. */
const struct kind *kind_of(enum node_kind k);

/* The kind of that name in the journal, or NULL; "" is a process, from before there were others. */
const struct kind *kind_named(const char *name);

#endif

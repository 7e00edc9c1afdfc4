/* What is done to a node, and how it is undone. Each fault is one: those of faults/built_in.h, and each
 * program that is a fault (faults/exec/). */
#ifndef FAULT_FAULTS_ACTION_H
#define FAULT_FAULTS_ACTION_H

#include "base/err.h"
#include "node/kind.h"
#include "node/node.h"

#include <stdbool.h>
#include <stdint.h>

/* How long ACT_TERM may take, with SIGKILL behind it. */
#define TERM_WITHIN_NS (10 * BOUND_S)

/* What its users have of a node that is broken. */
enum action_effect {
	EFFECT_SILENT,	 /* it does not answer, which is checked from outside */
	EFFECT_DEGRADED, /* the node goes on answering, unchanged or worse */
	EFFECT_NONE,	 /* nothing that could be seen from outside */
};

struct action_words {
	struct buf does, seen, undo, undo_seen;
};

struct action {
	const char *name, *past; /* "kill", "killed" */
	const char *by_hand;	 /* the command whose effect is the undo; NULL: undo itself */
	enum action_effect effect;
	enum act does, undoes;
	char uid_prefix;
	bool can_stay;	/* --stay-down may let it go */
	bool takes_signal; /* --signal says what it sends */
	bool node_down; /* the node is down while it lasts */
	bool ends_target; /* healing of the target itself is its end */
	bool ends_with_node; /* nothing of it is left when the node's process has ended */
	struct step prepare; /* before the intent, what takes time; begin may be NULL */
	/* What it would do with such parameters, in words; NULL: does and undoes say it. -1: it
	 * would not, and why. */
	int (*tell)(const struct action *a, struct node *n, const char *params,
		    struct action_words *out, struct err *e);
	/* Is it for such nodes at all? Refuses with EXIT_USAGE. NULL: for all that are ours. */
	int (*takes)(const struct action *a, const struct node *n, struct err *e);
	/* Is what it needs on this machine there? EXIT_USAGE with what is not. May be NULL. */
	int (*able)(const struct action *a, const struct node *n, struct err *e);
	/* Can it be done to this node as it is now? Refuses with EXIT_USAGE; touches nothing. */
	int (*plan)(struct node *n, struct err *e);
	/* begin NULL: what the kind of the node has for the acts. */
	struct step inject;
	int64_t verify_within_ns;
	/* The undo: idempotent, verified by looking at the target. Its bound is the node's
	 * ready_within where a server has to start. */
	struct step revert;
	int64_t reverted_within_ns; /* 0: the node's ready_within */
};

/* The built-in faults; NULL behind the last. */
const struct action *action_at(size_t i);
/* A node that a session brought up: its undo is to stop it. */
extern const struct action action_bring_up;

/* The plan of what is done to nodes that run. */
int action_plan_running(struct node *n, struct err *e);

/* "silent"; the effect of that word, or -1. */
const char *action_effect_name(enum action_effect effect);
int action_effect_of(const char *word);

/* How it is done to the node, and undone. */
struct step action_injection(const struct action *a, const struct node *n);
struct step action_undo(const struct action *a, const struct node *n);

/* The built-in action of that name, a fault or bring-up, or NULL. */
const struct action *action_find(const char *name);

/* The action's undo in words for the user's own hands: a command line. Returns out. */
const char *action_by_hand(const struct action *a, const struct node *n, const char *uid, char *out,
			   size_t size);

#endif

/* A node of a kind that is a program: any executable that answers describe, look, ready, start,
 * kill, term, pause and resume (programs/call.h). Only the program knows what the node is: an
 * identity is its text, which each act gives back to it. */
#ifndef FAULT_KINDS_EXEC_NODE_H
#define FAULT_KINDS_EXEC_NODE_H

#include "node_kinds/backend/backend.h"
#include "node/node.h"
#include "programs/program.h"

enum { EXEC_NODE_ANSWERS_WITHIN_S = 10 };

struct exec_node {
	struct asking asking;
	struct program program; /* as it describes itself */
	char *path;		/* what is called: the program, or its copy; owned */
	bool copied;
	struct call *call; /* under way, or NULL; owned */
	enum { EXEC_ACT, EXEC_DESCRIBE, EXEC_LOOK, EXEC_READY } asks;
	char not_ready[120]; /* its last answer to ready; "": it is ready */
};

struct exec_node *exec_node_of(const struct node *n);

/* The verb that does it: "kill". */
const char *exec_node_verb(enum act act);

/* Begins the call that does the act to the target, or looks if it is NULL. */
int exec_node_ask(struct node *n, const enum act *act, const struct identity *target,
		  struct err *e);
void exec_node_end_call(struct exec_node *x);

/* Takes the copy of that sum in place of the program, which may have changed since. */
int exec_node_use_copy(struct node *n, const char *sum, struct err *e);

/* Takes the answer of a call to look or ready that is over. True if that was all there is to a look:
 * whether one that is up serves is asked too, where that is wanted. */
bool exec_node_take_look(struct node *n, bool serves);

int exec_node_survey_begin(struct task *t, struct err *e);
enum verdict exec_node_survey(struct task *t, struct err *e);
bool exec_node_health(const struct node *n, char *why, size_t size);
bool exec_node_heals(const struct node *n);
int exec_node_err_foreign(const struct node *n, struct err *e);
void exec_node_release(struct node *n);

void exec_node_show(const struct identity *id, struct shown *out);
void exec_node_tell(const struct node *n, enum act act, struct buf *does, struct buf *seen);

#endif

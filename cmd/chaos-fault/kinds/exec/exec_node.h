/* A node of a kind that is a program: any executable that answers describe, look, ready, start,
 * kill, term, pause and resume (programs/call.h). Only the program knows what the node is: an
 * identity is its text, which each act gives back to it. */
#ifndef FAULT_KINDS_EXEC_NODE_H
#define FAULT_KINDS_EXEC_NODE_H

#include "node/node.h"
#include "programs/program.h"

enum { EXEC_NODE_ANSWERS_WITHIN_S = 10, EXEC_NODE_ACTS_MAX = 4 };

enum exec_verb {
	EXEC_DESCRIBE,
	EXEC_LOOK,
	EXEC_READY,
	EXEC_START,
	EXEC_KILL,
	EXEC_TERM,
	EXEC_PAUSE,
	EXEC_RESUME
};

struct exec_node {
	struct program program; /* as it describes itself */
	char *path;		/* what is called: the program, or its copy; owned */
	bool copied;
	struct call *call; /* under way, or NULL; owned */
	enum exec_verb verb;
	/* As last looked at. */
	enum node_state state;
	struct err why; /* why that is not known; code 0: it is */
	/* Its last answer to ready. */
	int ready_code;
	char not_ready[120]; /* "": it is ready */
	/* Of the task under way. */
	enum exec_verb acts[EXEC_NODE_ACTS_MAX];
	size_t act_count, act_at;
	enum verdict (*decide)(struct task *t, struct err *e); /* after the first look, or NULL */
	bool asked_ready;
	char refused[240];
	int64_t again_ns; /* when it is looked at next */
};

struct exec_node *exec_node_of(const struct node *n);

const char *exec_verb_name(enum exec_verb v);

/* Begins a call, about the target of an act. */
int exec_node_ask(struct node *n, enum exec_verb v, const struct identity *target, struct err *e);
void exec_node_end_call(struct exec_node *x);

/* Takes the copy of that sum in place of the program, which may have changed since. */
int exec_node_use_copy(struct node *n, const char *sum, struct err *e);

/* Takes the answer of a call to look or ready that is over. */
void exec_node_take_look(struct node *n);
void exec_node_take_ready(struct exec_node *x);

int exec_node_survey_begin(struct task *t, struct err *e);
enum verdict exec_node_survey(struct task *t, struct err *e);
enum node_state exec_node_look(struct node *n);
int exec_node_unknown(const struct node *n, struct err *e);
bool exec_node_health(const struct node *n, char *why, size_t size);
int exec_node_err_foreign(const struct node *n, struct err *e);
void exec_node_left_running(const struct node *n, struct err *e);
void exec_node_release(struct node *n);

void exec_node_show(const struct identity *id, struct shown *out);
void exec_node_identity_json(const struct identity *id, struct json *out);
void exec_node_identity_read(struct identity *id, const struct json *j);
void exec_node_how_json(const struct node_conf *c, struct json *out);
int exec_node_how_read(struct node_conf *c, const struct json *how, const struct json *identity);
void exec_node_tell(const struct node *n, enum act act, struct buf *does, struct buf *seen);

#endif

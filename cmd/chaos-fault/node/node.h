/* Looking at nodes, and the acts on them that everything else is made of, whatever they are. */
#ifndef FAULT_NODE_H
#define FAULT_NODE_H

#include "node/fleet.h"
#include "net/probe.h"
#include "node/kind.h"
#include "node/queue.h"

const char *node_state_name(enum node_state s);

/* The last component of its folder of state, which tells it from nodes of other configs. */
const char *node_key(const struct node *n);

/* Looks at it now, and sets n->id. Never for a node that is not ours. */
enum node_state node_look(struct node *n);

/* A probe of the node's readiness check; the caller frees. */
struct probe *node_probe(const struct node *n);

/* One step of the probe that a task asks with, again and again: true when it has an answer. */
bool node_ask(struct task *t, int64_t within_ns);

/* The same with the readiness check, until it says yes, which is VERDICT_YES; while it waits, e has the
 * last answer. */
enum verdict node_ask_ready(struct task *t, struct err *e);

/* The same of a node whose own check says that it is ready: any answer does, by way of its 'via'. */
enum verdict node_ask_answers(struct task *t, struct err *e);

/* Asks at its URL, for node_answered_lately; takes ownership of the probe. NULL: it has answered.
 */
void node_ask_ahead(struct node *n, struct probe *p, int64_t within_ns);

/* True if it has answered less than a second ago, as the server that it was when last looked at. */
bool node_answered_lately(const struct node *n);

/* What it has answered says nothing any more. */
void node_forget_answer(struct node *n);

/* How it is seen that the node is ready: "GET /health". */
void node_check_words(const struct node_conf *c, char *out, size_t size);

/* Adds "it is ready: GET /health". */
void node_tell_ready(struct buf *out, const struct node *n);

/* "port 8001 is taken by process 123 (nginx: master)", EXIT_USAGE. Returns -1. */
int node_err_foreign(const struct node *n, struct err *e);

/* "'a' is paused; …", EXIT_USAGE. Returns -1. */
int node_err_paused(const struct node *n, struct err *e);

/* Refuses nodes that we cannot start or break. */
int node_check_ours(const struct node *n, struct err *e);

/* Adds to e how to look at what was started but did not get ready, if it still runs. */
void node_left_running(struct node *n, struct err *e);

/* Adds to e where the log is of a process that we have started and that did not come up, unless e says it. */
void node_name_log(const struct node *n, struct err *e);

/* Prints the last of what a node that did not come up by its task has said; then goes on with then. Where fetching the
 * log takes time, that is a task of its own for the same fault, and lasts a second at most; else e may have all of it,
 * which is not printed again. */
void node_show_log(struct node *n, const struct err *e, void (*then)(struct node *n));

/* Emits that the node is down, or ready, as its task has seen it; verb is the command behind it,
 * fault the UID it belongs to or NULL. */
void node_emit_down(const struct node *n, const char *verb, const char *fault);
void node_emit_ready(const struct node *n, const char *verb, const char *fault, double took_ms);

/* The signal that a kill of the node sends, without SIG: as asked for, else the config's. */
const char *node_signal_name(const struct node *n);

#endif

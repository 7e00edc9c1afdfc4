/* Looking at nodes, and the acts on them that everything else is made of. */
#ifndef FAULT_NODE_H
#define FAULT_NODE_H

#include "fleet.h"

enum node_state {
	NODE_DOWN,    /* nobody listens on its port */
	NODE_UP,      /* its process runs; whether it is ready is another question */
	NODE_PAUSED,  /* its process is stopped by a signal */
	NODE_FOREIGN, /* somebody else's process listens on its port */
};

const char *node_state_name(enum node_state s);

/* Reads the record again and looks at the process and the port. */
enum node_state node_look(struct node *n);

/* A probe of the node's readiness check; the caller frees. */
struct probe *node_probe(const struct node_conf *c);

/* How it is seen that the node is ready: "GET /health". */
void node_check_words(const struct node_conf *c, char *out, size_t size);

/* "port 8001 is taken by process 123 (nginx: master)", EXIT_USAGE. Returns -1. */
int node_err_foreign(const struct node *n, struct err *e);

/* Refuses nodes that are no processes of ours. */
int node_check_ours(const struct node *n, struct err *e);

/* Starts the node's process and writes its record; log_from is where its log begins. */
int node_launch(struct node *n, off_t *log_from, struct err *e);

/* The last line of the node's log behind that offset; "" if there is none. */
void node_log_tail(const struct node *n, off_t from, char *out, size_t size);

/* "it exited while starting: " and the last line of its log, EXIT_RUNTIME. Returns -1. */
int node_err_exited(const struct node *n, off_t log_from, struct err *e);

/* Steps for tasks. A step on a process that is gone is no error: the look finds out. */
int step_kill(struct task *t, struct err *e);
int step_term(struct task *t, struct err *e);
int step_pause(struct task *t, struct err *e);
int step_start(struct task *t, struct err *e);
/* The undo of kill and stop. */
int step_start_again(struct task *t, struct err *e);
int step_resume(struct task *t, struct err *e);

enum verdict look_gone(struct task *t, struct err *e);
enum verdict look_paused(struct task *t, struct err *e);
enum verdict look_back(struct task *t, struct err *e);
enum verdict look_ready(struct task *t, struct err *e);

#endif

/* Nodes that are plain processes, started by us: looking at them and starting them. The steps
 * on them are kind_process. */
#ifndef FAULT_KINDS_PROCESS_H
#define FAULT_KINDS_PROCESS_H

#include "node/fleet.h"
#include "node/kind.h"

/* Reads the record again and looks at the process and the port. */
enum node_state process_look(struct node *n);
int process_unknown(const struct node *n, struct err *e);

/* Nobody can be seen behind the port, as with a process that is just dying. */
bool process_settling(struct node *n);

/* What all that the node starts has in its environment: "CHAOS_FAULT_NODE=" and its folder of state.
 * The caller frees. */
char *process_mark(const struct node *n);

/* True if the node, in this life or an earlier one, started that process. */
bool process_started(const struct node *n, pid_t pid);

int process_err_foreign(const struct node *n, struct err *e);
void process_forget(struct node *n);

/* Writes the record again if it is lost and that process lives. */
void process_remember(struct node *n, const struct identity *id);

/* In words, and whether it may be signalled: process_words.c. */
void process_show(const struct identity *id, struct shown *out);
void process_show_foreign(const struct node *n, struct shown *out);
void process_tell(const struct node *n, enum act act, struct buf *does, struct buf *seen);
int process_may(const struct node *n, struct err *e);

/* Whether the program that starts the node is there and can be run; if not, which, EXIT_USAGE. */
int process_startable(const struct config *c, const struct node_conf *n, struct err *e);

/* Starts the node's process and writes its record; log_from is where its log begins. */
int process_launch(struct node *n, off_t *log_from, struct err *e);

/* Its variables "NAME=VALUE": those of its env_file, its own, and mark, unless that is NULL, which is
 * theirs from now on; NULL behind the last. NULL: the file cannot be read or understood, EXIT_USAGE.
 */
char **process_env(const struct node_conf *c, char *mark, struct err *e);
void process_env_free(char **env); /* accepts NULL */

/* Adds the last of its log behind that offset. */
void process_log_tail(const struct node *n, off_t from, struct buf *out);

/* "it exited while starting: " and the last line of its log behind that offset, EXIT_RUNTIME.
 * Returns -1. */
int process_err_exited(const struct node *n, off_t log_from, struct err *e);

#endif

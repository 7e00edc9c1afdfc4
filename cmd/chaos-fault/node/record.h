/* Which process runs a node: one small file per node, so that each invocation
 * knows what earlier ones started. A pid alone may have been given to another process, so
 * its start time, the boot and the pid namespace are kept with it. */
#ifndef FAULT_NODE_RECORD_H
#define FAULT_NODE_RECORD_H

#include "base/err.h"
#include "conf/config.h"
#include "sys/limits.h"
#include "sys/proc.h"

#include <stdbool.h>

/* The folder of a node's state: named after the node and a hash of the config's real path and
 * the name, so that two checkouts do not meet. The caller frees. */
char *record_dir(const char *state, const struct config *c, const struct node_conf *n);

/* The process written down in dir, if it belongs to this world; pid 0 when there is none or
 * the file cannot be understood. It may have ended since. */
struct proc_id record_load(const char *dir, const char *world);

/* True if the record is of a process in another pid or time namespace of this boot: its numbers mean nothing here. */
bool record_elsewhere(const char *dir, const char *world);

/* -1 with the reason if there is a record that cannot be opened: what it says of a process is not known. */
int record_readable(const char *dir, struct err *e);

/* The node whose record that is, as it was started; false if it cannot be read. Its strings are the caller's. */
bool record_node(const char *dir, struct node_conf *out);

/* The file of the config whose node id is, of those whose records stand beside dir; NULL if it is of none. The
 * caller frees. */
char *record_config_of(const char *dir, const char *world, const struct proc_id *id);

/* True if the node's last start, as it is written down in dir, was as n says. */
bool record_ran(const char *dir, const struct node_conf *n);

/* The limits that its first start had. -1 if they are not written down. */
int record_limits(const char *dir, struct limits *out);

int record_save(const char *dir, const char *world, const struct config *c,
		const struct node_conf *n, const struct proc_id *id, struct err *e);

void record_remove(const char *dir);

#endif

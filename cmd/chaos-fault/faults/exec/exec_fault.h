/* Faults that are programs: any executable that answers describe, plan, inject, verify, revert and
 * verify-reverted (programs/call.h). One that has been loaded is a verb like the others. */
#ifndef FAULT_FAULTS_EXEC_FAULT_H
#define FAULT_FAULTS_EXEC_FAULT_H

#include "faults/action.h"
#include "journal/journal.h"
#include "node/queue.h"

#include <stdbool.h>
#include <stddef.h>

enum { FAULT_NAME_MAX = 256 };

/* True if there is a program of that name among the faults. */
bool exec_fault_exists(const char *name);

/* True if the line of a session begins with a fault that is a program and has not been loaded; its
 * name goes to name. */
bool exec_fault_wanted(const struct fleet *f, const char *line, char name[static FAULT_NAME_MAX]);

/* Asks the program to describe itself, then calls done from the loop of f: e is NULL if it is a verb
 * from now on. exec_load_free ends it before its time. NULL: it could not be begun. */
struct exec_load;
struct exec_load *exec_load_new(struct fleet *f, const char *name,
				void (*done)(void *arg, const struct err *e), void *arg,
				struct err *e);
void exec_load_free(struct exec_load *l); /* accepts NULL */

/* The same, waited for: before a session. 0 also if it is no program. */
int exec_fault_load(struct fleet *f, const char *name, struct err *e);

/* The verb of that name: one of the table or a program that has been loaded; NULL with the nearest
 * name in e. */
const struct verb *exec_fault_verb(const struct fleet *f, const char *name, struct err *e);

/* Puts the nearest to name in e: near, which may be NULL, or a program that is nearer. e stays as it
 * is if there is none. */
void exec_fault_nearest(const char *name, const char *near, struct err *e);

/* The parameters for v, which are those words that are "NAME=VALUE", checked, as JSON that lives as
 * long as f. NULL if v is no program and none are given. -1, EXIT_USAGE. */
int exec_fault_params(struct fleet *f, const struct verb *v, const char *const *words, size_t count,
		      const char **out, struct err *e);

/* Those of such parameters that are spans, each as text with a unit; NULL: there are none. The caller frees. */
struct json *exec_fault_spans(const struct fleet *f, const char *name, const char *params);

/* The action of an entry, or NULL: this version does not know it. */
const struct action *exec_fault_of(struct fleet *f, const struct journal_entry *j);

#endif

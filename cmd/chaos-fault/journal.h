/* The one place through which the intent to break something passes before the act, and
 * where its end is noted: a file per active fault under the state folder, on disk before
 * the target is touched. */
#ifndef FAULT_JOURNAL_H
#define FAULT_JOURNAL_H

#include "base/err.h"
#include "sys/proc.h"

#include <stdbool.h>
#include <stdint.h>

enum { UID_MAX = 24 };

/* What is written down about a fault: enough to see whose it is, and to undo it. */
struct journal_entry {
	char uid[UID_MAX];
	char action[16];
	char node[72];
	char key[112]; /* the node's state folder, last component: which config's node it is */
	struct proc_id target,
		owner; /* the process acted on; the chaos-fault that holds the fault */
	char world[PROC_WORLD_MAX];
	bool stays;	   /* let go once it is done: nobody is to undo it */
	double deadline_s; /* UNIX s; 0: none */
};

/* Finds a UID that nothing active has, prefix and a number above *last, and takes it by making
 * its file. */
int journal_take_uid(const char *state, char prefix, uint64_t *last, char uid[static UID_MAX],
		     struct err *e);

/* Writes the intent and waits until it is on disk. Only then may the act follow. */
int journal_intend(const char *state, const struct journal_entry *j, struct err *e);

/* The fault is over, seen at the target: its entry goes. */
void journal_done(const char *state, const char *uid);

/* Calls each for every readable entry; stops and returns true when each returns true. */
bool journal_each(const char *state, bool (*each)(void *arg, const struct journal_entry *j),
		  void *arg);

/* True while the chaos-fault that holds the fault lives. */
bool journal_owned(const struct journal_entry *j, const char *world);

#endif

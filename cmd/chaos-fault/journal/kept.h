/* What a process keeps in memory of the faults that it answers for. A journal that is removed,
 * moved, cut or overwritten ends no fault: the text that was kept says how to undo it, and the file
 * behind the descriptor, which a removed name does not take away, says whether somebody has. */
#ifndef FAULT_JOURNAL_KEPT_H
#define FAULT_JOURNAL_KEPT_H

#include "base/buf.h"
#include "base/err.h"
#include "journal/journal.h"

struct guard;

enum { RESERVED_DESCRIPTORS = 8 }; /* what the undo of one fault opens at the same time */

struct kept_entry {
	char uid[UID_MAX];
	struct buf text; /* the entry, and what was noted later */
	bool told;	 /* by the owner itself, so that its command line is trusted without a look at config and record */
	int fd;		 /* of its file, for reading and appending, or -1; owned */
	int reserved[RESERVED_DESCRIPTORS]; /* for the undo, or -1; owned */
	/* Of the guard, CLOCK_MONOTONIC: its undo is tried next, with a pause behind it, until. */
	int64_t next_ns, pause_ns, until_ns;
	int64_t due_ns; /* of the guard: when it acts though its owner is there */
	int graces;	/* how often it has put that off */
	struct proc_id proxy; /* of the guard: that it goes through, as last seen; pid 0: not yet */
	int64_t look_ns;      /* when that is looked at next */
	struct kept_entry *next;
};

/* Zeroed: of no entries. */
struct kept {
	struct kept_entry *first;
	struct guard *guard; /* is told all that is kept here, or NULL; borrowed */
};

/* Keeps the text of an entry with the descriptor of its file (or -1), which is owned from here on.
 * -1, EXIT_RUNTIME: the guard cannot be told; nothing is kept then, and fd is the caller's. */
int kept_add(struct kept *k, const char *uid, const char *text, int fd, struct err *e);

/* The entry of that UID, or NULL. k may be NULL. */
struct kept_entry *kept_find(const struct kept *k, const char *uid);

/* Sets descriptors aside for the undo. -1, EXIT_RUNTIME: there are too few. */
int kept_reserve(struct kept *k, const char *uid, struct err *e);

/* Something was noted behind the text. */
void kept_note(struct kept *k, const char *uid, const char *line);

/* Frees what was set aside. */
void kept_spend(struct kept *k, const char *uid);

/* It is over. Unknown UIDs are ignored. */
void kept_drop(struct kept *k, const char *uid);

/* Tells all of it to a guard that has taken the place of another. */
void kept_tell_again(struct kept *k);

void kept_release(struct kept *k);

#endif

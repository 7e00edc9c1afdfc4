/* The one place through which the intent to break something passes before the act, and
 * where its end is noted: a file per active fault under the state folder, on disk before
 * the target is touched. An entry says by itself how to undo it, so that whoever finds it needs
 * neither the config nor the process that wrote it. */
#ifndef FAULT_JOURNAL_H
#define FAULT_JOURNAL_H

#include "base/err.h"
#include "conf/config.h"
#include "node/identity.h"

#include <stdbool.h>
#include <stdint.h>

/* Names are those of files, so that none is longer; what is longer is refused (field_put), never cut. */
enum { UID_MAX = 24, JOURNAL_NAME_MAX = 256, JOURNAL_TEXT_MAX = 4097 };

/* Of a fault that is a program, whose copy of that sum does the undo. */
struct journal_program {
	char path[JOURNAL_TEXT_MAX]; /* ""; it is none */
	char sum[24];
	char params[JOURNAL_TEXT_MAX], state[JOURNAL_TEXT_MAX]; /* JSON */
	int64_t revert_within_ns;
	bool node_down;
	bool through; /* it acts on the proxy before the node */
};

/* What is written down about a fault: enough to see whose it is, and to undo it. */
struct journal_entry {
	char uid[UID_MAX]; /* begins with f, or with u for a node that a session brought up */
	char action[JOURNAL_NAME_MAX];
	char node[JOURNAL_NAME_MAX];
	char key[JOURNAL_NAME_MAX]; /* the node's state folder, last component: which config's node */
	char kind[JOURNAL_NAME_MAX]; /* of the node */
	char config[JOURNAL_TEXT_MAX];
	bool degraded; /* others may be beside it on its node */
	bool ends_target; /* its target heals itself */
	bool through;	  /* a proxy must live for it: that of its node, or the node itself */
	struct identity target; /* what is acted on */
	struct proc_id owner,	/* the chaos-fault that holds the fault */
		guard;		/* the one that puts it back if the owner cannot; pid 0: none */
	char world[PROC_WORLD_MAX];
	bool stays;	     /* let go once it is done: nobody is to undo it */
	bool detached;	     /* its deadline alone owns it */
	double since_s;	     /* UNIX s */
	double deadline_s;   /* UNIX s; 0: none */
	int64_t deadline_ns; /* the same as CLOCK_MONOTONIC of its boot */
	struct journal_program program;
	/* Noted later. */
	struct proc_id holder; /* of a program that is held: the process that does it */
	struct proc_id call; /* of its program, started last; it may run yet */
	bool begun;  /* the act may have happened */
	bool handed_over; /* a detached one has been confirmed: before, it is its owner's still */
	bool failed; /* its undo was tried and could not be verified */
	bool done;   /* it was undone, seen at the target */
	bool damaged; /* what it says, nobody knows: only its UID is set, from its file's name */
};

/* "f1 (kill of 'b')", in a format and its arguments. */
#define ENTRY_NAME "%s (%s of '%s')"
#define ENTRY_NAMED(j) (j)->uid, (j)->action, (j)->node

/* A node that a session brought up, no fault. */
bool journal_is_bring_up(const struct journal_entry *j);

struct kept;

/* Gives the entry a UID that nothing active has, prefix and a number above *last, writes the
 * intent, and waits until it is on disk. Keeps it in k, with what its undo will need; k is NULL for
 * what nobody is to undo. Only then may the act follow. */
int journal_intend(const char *state, struct kept *k, struct journal_entry *j, char prefix,
		   uint64_t *last, const struct config *c, const struct node_conf *n,
		   struct err *e);

/* Keeps an entry that another process has written, as in its file if that can be read just now. False
 * if it is not there. */
bool journal_keep(const char *state, struct kept *k, const struct journal_entry *j);

/* Notes that the act follows now. -1 if that cannot be written. */
int journal_begin(const char *state, struct kept *k, const struct journal_entry *j, struct err *e);

/* A descriptor of the entry, locked (F_OFD_SETLK) for every process that inherits it; -1 with
 * EAGAIN in e while processes that a call of its program started still hold it. */
int journal_lock(const char *state, const struct journal_entry *j, struct err *e);

/* Notes a process: "call" of its program, its "holder", or the "guard" that has it now. -1 if that
 * cannot be written. */
int journal_note_process(const char *state, struct kept *k, const struct journal_entry *j,
			 const char *what, const struct proc_id *id, struct err *e);

/* Notes the deadline of j in place of the one that was written with the intent, which was a bound. */
void journal_due(const char *state, struct kept *k, const struct journal_entry *j);

/* Notes that the undo has failed: its owner tries no more unless somebody asks for it. */
void journal_fail(const char *state, struct kept *k, const struct journal_entry *j);

/* The undo begins: the disk space and descriptors that were set aside for it are free to use. */
void journal_spend(const char *state, struct kept *k, const struct journal_entry *j);

/* The fault is over, seen at the target: its entry goes. One of the same UID that is not j stays. */
void journal_done(const char *state, struct kept *k, const struct journal_entry *j);

enum journal_presence {
	JOURNAL_THERE,
	JOURNAL_DONE, /* somebody else has restored the node, and said so in it */
	JOURNAL_LOST, /* removed, moved or damaged: that says nothing of its fault */
};

/* With JOURNAL_THERE, *begun, *failed, deadline, call and holder of j are as noted last. */
enum journal_presence journal_presence(const char *state, const struct kept *k,
				       struct journal_entry *j);

/* Writes a lost entry again as it was kept. */
int journal_recover(const char *state, struct kept *k, const struct journal_entry *j,
		    struct err *e);

/* Calls each for every readable entry; stops and returns true when each returns true. */
bool journal_each(const char *state, bool (*each)(void *arg, const struct journal_entry *j),
		  void *arg);

/* All entries as an array in the order of their UIDs, which the caller frees; how many in *count.
 * Those that are there and cannot be read are damaged. */
struct journal_entry *journal_list(const char *state, size_t *count);

/* The config that the entry knows, with the entry's node alone, into an initialised one; or, if c
 * has nodes already, one more node. -1 if the entry does not say enough, or what nobody confirms (journal/confirm.h). */
int journal_config(const char *state, const struct kept *k, const struct journal_entry *j,
		   struct config *c, struct err *e);

/* Removes the entries of what is over, and what writers left that died before their entry was
 * complete; gone is one that may look alive for a moment yet, or 0. */
void journal_sweep(const char *state, pid_t gone);

/* Which process is to undo an entry, or why none is. From STANDING_STOPPED on the entry is left over. */
enum journal_standing {
	STANDING_HELD,	    /* its owner does, or the guard that it has been handed over to */
	STANDING_REVERTED,  /* its owner is dead, and its guard restores the node just now */
	STANDING_ELSEWHERE, /* processes of another pid or time namespace may: the numbers in it
			     * mean nothing here */
	STANDING_STOPPED,   /* it is due, and the process that is to undo it is stopped, or does not succeed */
	STANDING_DEAD,
	STANDING_WORLD_GONE,  /* no process is left in its namespace */
	STANDING_BEFORE_BOOT, /* written in another life of the machine */
};
enum journal_standing journal_standing(const struct journal_entry *j, const char *world);

/* True if nobody answers for it, or only a guard that could not undo it, and it can be dealt with
 * here. */
bool journal_left_over(const struct journal_entry *j, const char *world);

/* How it stands, for people: "held by process 123". Returns out. */
enum { STANDING_WORDS_MAX = 80 };
char *journal_words(const struct journal_entry *j, const char *world, char *out, size_t size);

#endif

/* A fault on a node, from the command to the undo. */
#ifndef FAULT_FAULTS_FAULT_H
#define FAULT_FAULTS_FAULT_H

#include "events/emit.h"
#include "faults/survivors.h"
#include "journal/journal.h"
#include "node/queue.h"
#include "stream/json.h"
#include "sys/loop.h"

#include <stdbool.h>
#include <stdint.h>

struct action;

struct fault {
	struct journal_entry entry; /* its UID, target and owner, as written down */
	const struct action *action;
	struct node *node;
	struct fault *next; /* an older one of its node */
	uint64_t number;    /* in its fleet, from 1 */
	int64_t requested_ns, injected_ns; /* CLOCK_MONOTONIC */
	int64_t meant_ns;		   /* when it was to be requested */
	struct external_check external;	   /* as seen from outside */
	int64_t journal_ns;		   /* how long the intent took to be on disk */
	int64_t deadline_ns;		   /* when the timer of its deadline goes off */
	int64_t healed_ns;		   /* when its target had healed itself; 0: it did not */
	int64_t revert_ns;		   /* when its undo was asked for */
	int64_t again_ns, pause_ns;	   /* when its undo is tried again, and after how long */
	const char *why;		   /* it is undone */
	struct proc_id proxy;		   /* it was injected through; pid 0: none */
	bool heard;			   /* the node answered before the injection */
	bool forced;			   /* SIGTERM did not do: SIGKILL followed */
	bool adopted;			   /* another process injected it */
	bool unsure;			   /* its act has not shown, and may come yet */
	bool failed;			   /* it did not bite, or its undo could not be verified */
	bool died_by_us;		   /* its target, by another fault or a command of this chaos-fault */
	bool surveyed, looked_at;	   /* its target, at its undo */
	bool ended_before;		   /* it was over by then */
	int64_t look_until_ns;		   /* at its target, that is */
	bool acted;			   /* a try of its undo that failed has done something */
	bool tried;			   /* one has seen whether it stayed, or has written a record of its own */
	bool unstayed;			   /* such a try has seen that it was over before */
	bool died;			   /* what was paused had ended by then, by nothing of ours */
	struct json *found;		   /* what its undo tells of it, or NULL; owned */
	struct loop_timer *deadline;	   /* or NULL */
	struct survivors survivors;	   /* of its injection, until its intent is on disk */
};

/* As what it is reported: a struct subject's members. */
#define FAULT_SUBJECT(f)                                                                           \
	{                                                                                          \
		(f)->entry.uid, (f)->action->name, (f)->node->conf->name, (f)->node->conf->url     \
	}

/* Injects the action as n->current, which has been checked (faults/verb.c) and ends when the fault
 * is confirmed or undone. */
void fault_inject(struct node *n, const struct action *a, const struct work *w);

/* Takes a fault of the journal over from whoever holds or held it, to undo it. -1 if the node has
 * been brought up by another already. */
int fault_adopt(struct node *n, const struct action *a, const struct journal_entry *j,
		struct err *e);

/* The node goes down by this chaos-fault: the end of a fault that lives in it is nobody else's. */
void fault_node_dies(struct node *n);

/* Undoes the fault as n->current. */
void fault_revert(struct node *n, struct fault *f, const char *why);

/* Asks for the undo of a node's fault, as work of its own; NULL: of all, the newest first. */
void fault_submit_revert(struct node *n, const struct fault *f, const char *why, size_t line);

/* Forgets the fault without touching anything. Accepts NULL. */
void fault_free(struct fault *f);

/* It is over: its entry goes, and it is forgotten. */
void fault_over(struct fault *f);

/* True if healing of the target is the end of such a fault on the node. */
bool fault_ends_with_target(const struct action *a, const struct node *n);

/* A session brought the node up. */
bool fault_is_bring_up(const struct fault *f);

/* Its node has it from now on, as the newest; and no longer. */
void fault_attach(struct fault *f);
void fault_detach(struct fault *f);

/* What the program itself asks for: to undo a node's faults; to stop a node that was brought up. */
/* Why a fault is undone whose target is to heal itself: nobody has asked for it. */
extern const char fault_heals[];

extern const struct verb verb_revert, verb_put_down;

#endif

/* A fault must leave at least one node of each mode up, unless --all-down allows none. The check is
 * made in steps that never block. */
#ifndef FAULT_FAULTS_SURVIVORS_H
#define FAULT_FAULTS_SURVIVORS_H

#include "node/fleet.h"
#include "node/inquiry.h"
#include "node/survey.h"
#include "node/task.h"

/* Zeroed: of no nodes, which passes. */
struct survivors {
	const char *verb;
	struct node *const *nodes; /* that the fault would hit; borrowed */
	size_t count;
	/* How another node can be seen to be up, cheapest first; the next only if no node is. */
	enum effort { LOOKING, SURVEYING, PROBING } effort;
	struct survey survey;
	struct inquiry inquiry;
	bool take_turn;
	int64_t requested_ns;  /* of the fault that asks, which the caller sets; 0: none does */
	int turn_fd;	       /* 0: not open; owned */
	int64_t turn_until_ns; /* CLOCK_MONOTONIC */
};

/* take_turn: the last check holds a lock of the state folder, from VERDICT_YES to
 * survivors_release. The caller writes its intent to the journal in between, and does nothing
 * else: so the next chaos-fault sees it. */
void survivors_begin(struct survivors *s, const char *verb, struct node *const *nodes, size_t count,
		     bool take_turn);

/* VERDICT_NO with EXIT_USAGE if no node of a mode would be up: running without a silent fault, or
 * being restored by this process. A mode with a single node in the config is exempt. EXIT_RUNTIME
 * if another chaos-fault keeps the lock for seconds. */
enum verdict survivors_step(struct survivors *s, struct err *e);

void survivors_release(struct survivors *s);

/* The whole check in a rehearsal, which asks no node. -1: refused. */
int survivors_check(const char *verb, struct node *const *nodes, size_t count, struct err *e);

#endif

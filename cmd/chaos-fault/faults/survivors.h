/* Faults never hit all nodes of a mode unless that is wanted: whether others stay up, as steps that
 * never wait. */
#ifndef FAULT_FAULTS_SURVIVORS_H
#define FAULT_FAULTS_SURVIVORS_H

#include "node/fleet.h"
#include "node/inquiry.h"
#include "node/survey.h"
#include "node/task.h"

/* Zeroed: of no nodes, which leave all others up. */
struct survivors {
	const char *verb;
	struct node *const *nodes; /* that would be broken; borrowed */
	size_t count;
	/* What it takes to see that another node is up; the next only if none of the former is. */
	enum effort { LOOKING, SURVEYING, PROBING } effort;
	struct survey survey;
	struct inquiry inquiry;
	bool take_turn;
	int turn_fd;	       /* 0: not open; owned */
	int64_t turn_until_ns; /* CLOCK_MONOTONIC */
};

/* With take_turn, the last look is taken while no other chaos-fault of the state folder has the
 * turn, which is kept from VERDICT_YES to survivors_release: until the intent is on disk, where the
 * next one sees it. Nothing but that may come between. */
void survivors_begin(struct survivors *s, const char *verb, struct node *const *nodes, size_t count,
		     bool take_turn);

/* VERDICT_NO with EXIT_USAGE if it would leave no node of a mode up: none that runs without a
 * fault, or is just being put back by this process. A mode of which the config has one node alone
 * is let be: to name the node is to say it. EXIT_RUNTIME if it is another's turn for seconds. */
enum verdict survivors_step(struct survivors *s, struct err *e);

void survivors_release(struct survivors *s);

/* The whole of it in a rehearsal, where nothing has to be waited for. -1: refused. */
int survivors_check(const char *verb, struct node *const *nodes, size_t count, struct err *e);

#endif

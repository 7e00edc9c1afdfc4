/* The steps of a fault that is a program, as those of an action. */
#ifndef FAULT_FAULTS_EXEC_STEPS_H
#define FAULT_FAULTS_EXEC_STEPS_H

#include "faults/action.h"
#include "node/queue.h"
#include "programs/program.h"

struct exec_fault {
	struct action action; /* first: the steps find the rest behind it */
	struct verb verb;
	struct program program;
	char *past;
	int64_t inject_within_ns, revert_within_ns; /* of one call */
	bool holds; /* it is held by a process of its own */
	bool adopted;				    /* made for an entry of the journal */
	char **params; /* that commands have been given; owned */
	size_t param_count;
	struct exec_fault *next;
};

/* Fills the action from what the program says of itself. */
void exec_steps_fill(struct exec_fault *x);

/* Sets the bound of one call that undoes. */
void exec_steps_bound(struct exec_fault *x, int64_t revert_within_ns);

#endif

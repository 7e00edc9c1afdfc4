/* What a fault that is a program says of itself, and what follows from that. */
#ifndef FAULT_FAULTS_EXEC_ABOUT_H
#define FAULT_FAULTS_EXEC_ABOUT_H

#include "faults/action.h"
#include "programs/program.h"

/* -1, EXIT_USAGE: it says what this version cannot do, or not what it must say. */
int exec_about_check(const struct program *p, struct err *e);

/* Whether it takes such a node: its list kinds has the node's kind (or the program of that kind) and
 * its mode, where it names any; a remote node only if it says so, and one of the table. As
 * action.takes. */
int exec_about_takes(const struct program *p, const struct node *n, struct err *e);

/* What is lacking here, as an error: a tool that it needs, or what it says itself ('lacks'). */
int exec_about_able(const struct program *p, const struct node *n, struct err *e);

/* The path of what is called for the node: the program, or the one that it names for nodes with 'via'.
 * The caller frees. */
char *exec_about_path(const struct program *p, const struct node *n);

/* A copy of it, as program_copy makes it, and its sum; *via: it is the one for nodes with 'via'. */
char *exec_about_copy(const struct program *p, struct node *n, char sum[static PROGRAM_SUM_MAX], bool *via,
		      struct err *e);

/* What a program's answer to the undo tells of the fault, an object; what was kept first stays. */
void exec_about_found(const struct json *answer, struct json **out);

#endif

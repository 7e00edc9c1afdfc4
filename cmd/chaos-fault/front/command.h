/* The lines of a control session: "[@S] VERB NODE… [pick P] [all-down] [for D]" and
 * "[@S] revert UID|all". */
#ifndef FAULT_FRONT_COMMAND_H
#define FAULT_FRONT_COMMAND_H

#include "conf/pick.h"
#include "node/fleet.h"

enum { COMMAND_WORDS_MAX = 64, COMMAND_NODES_MAX = 256 };

struct command {
	bool nothing;		 /* an empty line or a comment */
	int64_t at_ns;		 /* after the session's start; negative: at once */
	const struct verb *verb; /* &verb_revert for a revert */
	struct node *nodes[COMMAND_NODES_MAX];
	size_t node_count;
	int64_t for_ns;	  /* negative: not given */
	struct pick pick; /* of the nodes, when it is carried out */
	bool all_down;	  /* the fault may leave no node of its mode up */
	const char *tail; /* a word that followed the nodes, or NULL */
	const char *params; /* of a fault that is a program, or NULL */
	char uid[32];	/* of a revert: a UID or "all" */
};

/* Parses one line, which it cuts into words; nodes are looked up in f. -1 with EXIT_USAGE. */
int command_parse(struct fleet *f, char *line, struct command *c, struct err *e);

#endif

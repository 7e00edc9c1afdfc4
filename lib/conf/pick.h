/* Grammar for choosing among target nodes, shared by --pick, control lines and scenarios. */
#ifndef CONF_PICK_H
#define CONF_PICK_H

#include "base/err.h"

#include <stddef.h>

enum pick_kind {
	PICK_NONE,    /* no choice: all nodes named */
	PICK_COUNT,   /* "one", "3" */
	PICK_SHARE,   /* "30%", rounded, at least one */
	PICK_ALL,     /* all eligible nodes */
	PICK_PRIMARY, /* one that is a Redis primary now */
	PICK_REPLICA, /* one that is a Redis replica now */
};

enum { PICK_WORD_MAX = 24 };

struct pick {
	enum pick_kind kind;
	size_t count;
	double share_pct;	  /* more than 0, at most 100 */
	char word[PICK_WORD_MAX]; /* as written */
};

/* -1 with EXIT_USAGE and the nearest word. */
int pick_parse(const char *word, struct pick *p, struct err *e);

/* Number of nodes to pick of `of`; may exceed it. PICK_PRIMARY and PICK_REPLICA: 1. */
size_t pick_how_many(const struct pick *p, size_t of);

#endif

/* Loads as configured: what each sends, and to whom. Their keys are the options of chaos-load, which
 * alone judges them. */
#ifndef CONF_LOADS_H
#define CONF_LOADS_H

#include "conf/yaml.h"

/* A word of a list and where it stands. */
struct placed {
	char *text;
	struct conf_place at;
};

/* An option of chaos-load. */
struct load_word {
	char *option; /* "--no-keep-alive" */
	struct conf_place at;
};

struct load_conf {
	char *name;	  /* NULL: of the defaults */
	const char *file; /* borrowed */
	struct conf_place at;
	struct placed *targets; /* nodes and URLs; none: all nodes */
	size_t target_count;
	struct load_word *words;
	size_t word_count;
	struct placed profile; /* its text is NULL if there is none */
	struct placed on;      /* places for chaos-spread to send from, and its options; NULL text: from here */
	bool replays;	       /* the log of an option says when */
	char *requests;	       /* JSON Lines, one for each place; NULL: those of the options */
	struct conf_place *request_at;
	size_t request_count;
};

struct load_confs {
	char *file; /* the YAML */
	struct load_conf defaults;
	struct load_conf *all;
	size_t count;
};

/* Reads the tables 'load' (or nothing) and 'loads'. -1 with a position. Release in either case. */
int load_confs_read(struct load_confs *l, struct ynode defaults, struct ynode loads, const char *file,
	       struct err *e);
void load_confs_release(struct load_confs *l); /* accepts zeroed ones */

/* "file:line:column: message" with EXIT_USAGE, for a place that was noted. Returns -1. */
int place_err(const char *file, struct conf_place at, struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* A word, or a list of different words, appended to all; what names it in errors: "target". */
int placed_read(struct ynode n, const char *what, struct placed **all, size_t *count, struct err *e);
void placed_release(struct placed *all, size_t count);

#endif

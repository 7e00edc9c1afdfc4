/* The loads of a run, each with rows of its own and its part of the baseline runs. */
#ifndef ANALYZE_INPUT_LOADS_H
#define ANALYZE_INPUT_LOADS_H

#include "input/run.h"
#include "options.h"

struct load {
	char *name; /* NULL: the only load of a run, without a name; owned */
	struct run_source from, *base_from;
	struct run_data run, *bases;
	size_t base_count;
};

struct loads {
	struct load *all; /* at least one, once they are found */
	size_t count, alloc;
};

/* Finds their names and files. -1 with EXIT_USAGE. */
int loads_find(struct loads *l, const struct options *o, struct err *e);

/* Reads the baseline runs. */
int loads_read_bases(struct loads *l, struct err *e);
/* Reads the run. All its loads count from one second 0, the earliest of theirs. */
int loads_read(struct loads *l, struct err *e);
void loads_release(struct loads *l); /* accepts a zeroed one */

/* Says on stderr which rows were skipped. */
void loads_warn(const struct loads *l);

/* The load of that name, len bytes long; NULL with an error that is about what, with the nearest name. */
struct load *loads_named(const struct loads *l, const char *name, size_t len, const char *what, struct err *e);

#endif

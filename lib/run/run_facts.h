/* Facts about a run from its load summary and events, both optional: start, end, timeout, planned
 * rate, faults. */
#ifndef RUN_FACTS_H
#define RUN_FACTS_H

#include "base/err.h"
#include "grid/grid.h"
#include "stream/event.h"
#include "stream/load_summary.h"

#include <stdbool.h>

struct run_facts {
	int64_t t0_ns,
		end_ns;	    /* UNIX time of slot 0 and of the end of the schedule; 0 if unknown */
	int64_t timeout_ns; /* 0 if unknown */
	bool has_sound, sound;		 /* sound: whether the load summary calls the load sound */
	bool shard;		/* the load summaries are of shards */
	uint64_t slots;		/* each shard was to send its own of those; 0: unknown, or no shards */
	char lacking[200];	/* those of which there is none, as "2/3, 3/3"; empty: none */
	struct load_profile_step *steps; /* sorted by at_s, which is UNIX time; owned */
	size_t step_count, step_alloc;
	/* Loads of whose rates the events tell, if those are needed and nothing says which load is meant; NULL: none, or
	 * no second one; borrowed from log. */
	const char *rates_of[2];
	struct event_log log;
};

/* load_summaries: paths up to a NULL, one or those of shards, or NULL; events: a path or NULL; load: of whose rate
 * the events tell too, NULL: of any. -1 (EXIT_USAGE) if a file cannot be read or is not a load summary, or if the
 * summaries are not of different shards of one schedule. */
int run_facts_read(struct run_facts *f, const char *const *load_summaries, const char *events, const char *load,
		   struct err *e);
void run_facts_release(struct run_facts *f);

/* UNIX time of the start of the load, from its summary, else from the first load_rate event; 0 if
 * unknown. *exact: from the summary, so that no row is earlier. */
int64_t run_facts_start_ns(const struct run_facts *f, bool *exact);

/* True if the plan has no requests at a UNIX time. */
bool run_facts_idle(const struct run_facts *f, int64_t at_ns);

/* Requests planned for each window of a finished grid. NULL if it is not known. The caller frees.
 */
double *run_facts_planned(const struct run_facts *f, const struct grid *g);

#endif

/* A recorded run: its samples on a grid, and the facts known beside them. */
#ifndef ANALYZE_INPUT_RUN_H
#define ANALYZE_INPUT_RUN_H

#include "run/run_facts.h"
#include "input/nodes.h"
#include "input/records.h"
#include "input/slotmap.h"
#include "grid/grid.h"

#include <sys/types.h>

/* Where a run is. The strings are owned. */
struct run_source {
	const char *id, *load; /* of the run; NULL: files; of the load, or NULL; borrowed */
	char **samples; /* paths, "-" for stdin; NULL-terminated */
	char **load_summaries; /* one, or of each shard one; NULL-terminated */
	char *events, *audit; /* or NULL */
	int64_t window_ns;	     /* 0: one second */
	/* UNIX times of start and end given by the user, which override all others; 0: not given.
	 * Rows outside count as outside. */
	int64_t start_ns, end_ns;
	bool wants_late; /* its windows tell how late requests were sent */
	bool keep_rows; /* for faults that no event tells of, or to tell by node */
};

struct run_data {
	const struct run_source *source;
	struct run_facts facts;
	struct grid grid;
	struct nodes nodes, ops; /* ops: the same by op; without an op no row counts */
	struct node_count *last_op; /* of ops, or NULL */
	struct records records;	 /* kept if there are or may be faults */
	int64_t waited_ns;	 /* the longest latency of a timeout; 0: none */
	int64_t until_ns; /* rows due from then on are outside; 0: none */
	bool closed_loop, no_end; /* as in csv.h, of the rows so far */
	size_t forgotten; /* windows in front of the grid that a live run no longer has */
	double *planned; /* as run_facts_planned; owned */
	struct json *audit; /* of its writes; NULL: none; owned */
	uint64_t rows, bad, torn, duplicate, contradictory;
	uint64_t counts, counts_timed; /* rows of counts; of these, with latencies */
	unsigned parts_missed; /* of a followed log: files that were gone before they were read, and the like */
	struct slot_span missing; /* slots without a row in all files of a run that is in several, or a shard */
	int64_t unsent_ns; /* from then on shards that had ended sent nothing, and others did; 0: none ended so */
	char first_bad[160]; /* where and what the first bad row is; empty: none */
};

/* Finds the files of a load (or NULL) of the run runs_dir/id, which exists. to_come: the run is going
 * on and its files may not exist yet. */
int run_source_of_id(struct run_source *s, const char *runs_dir, const char *id, const char *load,
		     bool to_come, struct err *e);
/* Files as the user gave them; none means stdin. */
void run_source_of_files(struct run_source *s, const char *const *files, size_t count);
/* Puts that one first which begins first, since second 0 is the earliest time of the rows that are read first; those that
 * are no plain files come last. */
void run_source_sort(struct run_source *s);
/* True if all its samples can be read again, those of stdin from at on, which is set. */
bool run_source_again(const struct run_source *s, off_t at);
void run_source_release(struct run_source *s); /* accepts a zeroed one */

/* Reads the whole run. With samples on stdin, reads load summary and events after them: a load
 * that is still running has not written them yet. */
int run_read(struct run_data *r, const struct run_source *s, struct err *e);

/* -1 (EXIT_USAGE) if the plan of its events is that of several loads, and nothing says of which it is. */
int run_check_plan(const struct run_data *r, struct err *e);

/* The steps of run_read, for a live run: before the first row, for each row, and at the end for
 * the counters of the scanner. several: message about the first bad row names the file. */
void run_init(struct run_data *r, int64_t window_ns);
void run_add(struct run_data *r, const struct csv_row *row);
void run_note_lacks(struct run_data *r, const struct csv *c); /* what the rows do not tell */
void run_note_source(struct run_data *r, const struct csv *c, bool several);
/* Sorts the counts of nodes and ops; no row may be added afterwards. */
void run_end_counts(struct run_data *r);
/* Makes the windows of a run longer, to a multiple of their present length. */
void run_widen(struct run_data *r, int64_t window_ns);
void run_release(struct run_data *r); /* accepts a zeroed one */

/* Rows that count in no window, except those before or after the run, and whether that is more than 1 % of all: they may be
 * the very ones that failed. */
uint64_t run_unread(const struct run_data *r);
bool run_much_unread(const struct run_data *r);

#endif

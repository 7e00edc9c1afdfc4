/* A run as it goes on: its windows, intervals and rules told as time passes.
 *
 * Time is that of the stream: it moves on with the rows, which come in the order of completion,
 * and, for a run that is under way, with the clock. So a recorded stream gives the same lines
 * again. A window is told LIVE_GRACE_NS after its end, and again as final when the timeout has
 * passed too; rows that come later than that are counted and change no line. Memory: a few MB,
 * however long it lasts. */
#ifndef ANALYZE_LIVE_H
#define ANALYZE_LIVE_H

#include "judge/analysis.h"
#include "base/buf.h"
#include "live/rules.h"
#include "detect/track.h"

/* Rows are this late as a rule: writers write ten times a second or so. */
#define LIVE_GRACE_NS (INT64_C(200) * 1000000)

struct live_config {
	const struct analysis_params *params;
	const struct baseline *normal; /* of baseline runs; NULL: it is learned from the run */
	struct rules *rules;
	int64_t duration_ns; /* of the run, if nothing else tells its end; 0 if it is not known */
	bool windows;	     /* lines are wanted; else only the stop rules are judged */
};

struct live {
	const struct live_config *config;
	struct run *run; /* what has been read; the caller's */
	struct buf out;	 /* lines to be written; the caller empties it */
	struct track track;
	struct baseline normal;
	bool has_normal;
	struct hist *scratch;
	int64_t now_ns, t0_ns;
	int64_t first_due_ns; /* INT64_MAX: none */
	int64_t last_done_ns; /* the completion that is latest; 0: none */
	int64_t far_ns;
	bool started;
	int64_t next_step_ns, next_edge_ns;
	/* Windows by number from the run's start: told, final, and forgotten. */
	size_t told, final, forgotten;
	uint64_t late;
	bool stopped; /* by a rule */
	bool warned;  /* of counts that are long */
};

/* run is initialised, with the facts that are known already. All must outlive l. */
void live_init(struct live *l, const struct live_config *config, struct run *run);
void live_release(struct live *l);

/* A row has come. Once l->stopped, no more are taken. */
void live_row(struct live *l, const struct csv_row *row);

/* Time has passed, to this UNIX time; nothing if it has been there. */
void live_at(struct live *l, int64_t now_ns);

/* No row will come: the last counts are judged to their end. */
void live_input_over(struct live *l);

/* How long a request may take, as far as is known. */
int64_t live_timeout_ns(const struct live *l);

/* The UNIX time at which the run ends, as far as is known; 0 if it is not. */
int64_t live_end_ns(const struct live *l);

/* The run has ended: at end_ns, or 0 where the facts and the rows tell. Finishes the run, and
 * tells what is left; reason: why no more was read. */
void live_finish(struct live *l, int64_t end_ns, const char *reason);

#endif

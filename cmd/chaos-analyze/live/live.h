/* A live run: reports windows, intervals and rules as time passes.
 *
 * Time is that of the stream: it advances with the rows, which come in the order of completion,
 * and for a run under way with the clock, so a recorded stream gives the same lines again. A
 * window is reported LIVE_GRACE_NS after its end, and again as final after the timeout; later
 * rows are counted but change no line. The windows are as long as the plan asks for, or the rows once
 * they are enough for a second or cover ten.
 *
 * Memory: a few MB, however long the run lasts. Time: a window is judged again only until later ones cannot
 * change it, within an anomaly for a minute; of a gap longer than what is kept, only the ends are looked at. */
#ifndef ANALYZE_LIVE_H
#define ANALYZE_LIVE_H

#include "judge/analysis/analysis.h"
#include "base/buf.h"
#include "live/rules.h"
#include "detect/track.h"

/* Usual delay of rows: writers flush about ten times a second. */
#define LIVE_GRACE_NS (INT64_C(200) * 1000000)

enum { LIVE_HORIZON = 600 }; /* windows judged again at most */

struct live_config {
	const struct analysis_params *params;
	const char *load; /* of several, its name; or NULL */
	/* baseline of the baseline runs; NULL: learned from the run */
	const struct baseline *normal;
	struct rules *rules;
	int64_t duration_ns; /* duration of the run if its end is not known otherwise; 0: unknown */
	bool windows;	     /* write window lines; else only judge the stop rules */
	bool choose;	     /* the length of the windows is to be chosen */
};

struct live {
	const struct live_config *config;
	struct run_data *run; /* what has been read; the caller's */
	struct buf out;	 /* lines to be written; the caller empties it */
	struct track track;
	struct detect_params detect; /* of windows of that length */
	struct baseline normal;
	bool has_normal;
	struct hist *scratch;
	int64_t now_ns, t0_ns;
	int64_t first_due_ns; /* INT64_MAX: none */
	int64_t joins_ns; /* the earliest row of one of several loads; INT64_MAX: none yet; 0: there is one load */
	int64_t last_done_ns; /* latest completion; 0: none */
	int64_t far_ns;
	bool started, chosen; /* second 0 is known; the length of the windows is */
	double due;	      /* requests so far, until the length is chosen */
	int64_t newest_due_ns;
	int64_t next_step_ns, next_edge_ns;
	/* Numbers of windows reported, reported as final, and dropped. */
	size_t told, final, forgotten;
	size_t unsettled; /* number of the first window that is judged again */
	unsigned open;	  /* reasons of an alarm under way before it */
	uint64_t late;
	bool stopped; /* a stop rule was true */
	bool warned;  /* about counts of long intervals */
};

/* run: initialised, with the facts known so far. All must outlive l. */
void live_init(struct live *l, const struct live_config *config, struct run_data *run);
void live_release(struct live *l);

/* Chooses the length of the windows once the rate is known. end_ns: of the run, 0 if unknown. */
void live_learn_length(struct live *l, int64_t end_ns);

/* Learns the baseline from the run before its first fault; not during an anomaly, nor if a third
 * of the windows is anomalous. */
void live_learn_normal(struct live *l, bool over);

/* Takes a row; ignored once l->stopped. */
void live_row(struct live *l, const struct csv_row *row);

/* Advances the time to this UNIX time; ignored if it is in the past. */
void live_at(struct live *l, int64_t now_ns);

/* Ends the input: judges the last counts up to their end. */
void live_input_over(struct live *l);

/* The request timeout, from the facts or the parameters. */
int64_t live_timeout_ns(const struct live *l);

/* The UNIX time of the end of the run; 0 if unknown. */
int64_t live_end_ns(const struct live *l);

/* Finishes the run, which ended at end_ns (0: derived from facts and rows), and reports the rest.
 * reason: why reading ended. */
void live_finish(struct live *l, int64_t end_ns, const char *reason);

#endif

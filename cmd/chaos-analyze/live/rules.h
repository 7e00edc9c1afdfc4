/* Stop rules and silence, judged every tenth of a second by the completions of the last second: a
 * target that stops answering is detected before the first timeout. */
#ifndef ANALYZE_LIVE_RULES_H
#define ANALYZE_LIVE_RULES_H

#include "base/err.h"
#include "live/counted_intervals.h"
#include "live/rests.h"
#include "detect/expr.h"
#include "grid/summary.h"
#include "csv/csv.h"

enum {
	RULES_RING = 64,     /* steps kept */
	RULES_TRAILING = 10, /* steps a metric covers: one second */
};
#define RULES_STEP_NS (INT64_C(100) * 1000000)

struct rule {
	struct expr expr;
	int64_t since_ns; /* true since then; INT64_MAX: false */
};

/* Completions of one step. */
struct rules_step {
	int64_t number; /* number of the step since 1970 */
	uint32_t ok, err;
	uint32_t counted; /* successes of rows of counts, for the silence limit only */
	struct hist *latency; /* of the successes; NULL unless a rule uses latencies; owned */
};

struct rules {
	struct rule *all; /* owned */
	size_t count;
	const struct summary *baseline; /* or NULL */
	struct rules_step *ring;	/* owned */
	bool latencies;
	struct counted_intervals counted;
	/* Successes, by completion. */
	uint64_t ok;
	int64_t first_ok_ns, last_ok_ns, longest_gap_ns;
	struct rests rests;
	double dispersion; /* index of dispersion of their counts; set by the caller */
	bool silent;
	int64_t silent_since_ns,
		answered_ns; /* answered_ns: the first success after the silence; 0: none yet */
};

/* Takes those that are for the load: they name it, or none. -1 with EXIT_USAGE if a text is not a stop rule. With has_baseline, the caller sets baseline
 * before rules are judged. */
int rules_parse(struct rules *r, const char *const *texts, size_t count, const char *load, bool has_baseline,
		struct err *e);
const char *rules_of_failures(const struct rules *r); /* the first one that asks for them; or NULL */
void rules_release(struct rules *r); /* accepts a zeroed one */

/* When the row was complete; a row of counts of unknown length is taken as a second long. */
int64_t rules_done_ns(const struct rules *r, const struct csv_row *row);

/* The time up to which rules can be judged at to_ns: rows of counts come at the end of their
 * interval. */
int64_t rules_known_to(const struct rules *r, int64_t to_ns);

/* Adds a row. learn: see rests_add. */
void rules_add(struct rules *r, const struct csv_row *row, bool learn);

/* Results of one step. Times: UNIX. */
struct rules_finding {
	const struct rule *stop; /* a rule that was true long enough, or NULL */
	struct expr_value value, bound;
	bool silence_began, silence_ended;
	int64_t silence_limit_ns;
};

/* x */
struct rules_finding rules_at(struct rules *r, int64_t now_ns, int64_t from_ns, bool idle);

#endif

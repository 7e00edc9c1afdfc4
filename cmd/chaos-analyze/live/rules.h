/* Stop rules, and silence: judged every tenth of a second by what completed in the second before,
 * so that a target that answers nothing is seen before any request has timed out. */
#ifndef ANALYZE_LIVE_RULES_H
#define ANALYZE_LIVE_RULES_H

#include "base/err.h"
#include "live/counted_intervals.h"
#include "detect/expr.h"
#include "grid/summary.h"
#include "csv/csv.h"

enum {
	RULES_RING = 64,     /* steps that are remembered */
	RULES_TRAILING = 10, /* steps that a metric is taken over: one second */
};
#define RULES_STEP_NS (INT64_C(100) * 1000000)

struct rule {
	struct expr expr;
	int64_t since_ns; /* it has held since then; INT64_MAX: it does not */
};

/* What completed in one step. */
struct rules_step {
	int64_t number; /* of the step, from 1970 */
	uint32_t ok, err;
	uint32_t counted; /* successes among counts, for silence alone: the rest of them is in spans
			   */
	struct hist *latency; /* of the successes; NULL unless a rule asks; owned */
};

struct rules {
	struct rule *all; /* owned */
	size_t count;
	const struct summary *baseline; /* or NULL */
	struct rules_step *ring;	/* owned */
	bool latencies;
	struct spans spans;
	/* Successes, by completion. */
	uint64_t ok;
	int64_t first_ok_ns, last_ok_ns, longest_gap_ns;
	double dispersion; /* of their counts; the caller sets it when it knows */
	bool silent;
	int64_t silent_since_ns,
		answered_ns; /* answered: the first success after it; 0: none yet */
};

/* -1 with EXIT_USAGE if a text is no rule. With has_baseline, the caller sets baseline before rules
 * are judged. */
int rules_parse(struct rules *r, const char *const *texts, size_t count, bool has_baseline,
		struct err *e);
void rules_release(struct rules *r); /* accepts a zeroed one */

/* When what a row tells was complete; one of counts whose length is not known yet is of a second.
 */
int64_t rules_done_ns(const struct rules *r, const struct csv_row *row);

/* Up to where anything can be judged when time has passed to to_ns: counts come when their time is
 * over. */
int64_t rules_known_to(const struct rules *r, int64_t to_ns);

/* Counts a row. */
void rules_add(struct rules *r, const struct csv_row *row);

/* What was found at a step. Times: UNIX. */
struct rules_finding {
	const struct rule *stop; /* the rule that has held for long enough, or NULL */
	struct expr_value value, bound;
	bool silence_began, silence_ended;
	int64_t silence_limit_ns;
};

/* Judges at the end of a step. from_ns: nothing before it is judged. idle: no request is planned.
 */
struct rules_finding rules_at(struct rules *r, int64_t now_ns, int64_t from_ns, bool idle);

#endif

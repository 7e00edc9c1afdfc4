/* What is known of spans of time alone, not of moments: counts by another tool, and rows that the
 * writer had to drop. What a stop rule asks of a second is what of them lies within it.
 *
 * A span of little more than a second is spread evenly over its time. Of a longer one
 * nobody knows in which of its seconds its requests were: then the second had from none to all. */
#ifndef ANALYZE_LIVE_COUNTED_INTERVALS_H
#define ANALYZE_LIVE_COUNTED_INTERVALS_H

#include "csv/csv.h"

enum { SPANS_MAX = 4096 }; /* that are kept; further ones are joined to the last */
/* Counts up to so long are spread evenly: times that are not quite even make those of a second
 * longer. */
#define SPANS_EVEN_NS (INT64_C(1100) * 1000000)

struct time_span {
	int64_t from_ns, to_ns; /* UNIX time, to_ns exclusive */
	uint64_t ok, err, lost;
};

struct spans {
	struct time_span *all; /* owned */
	size_t count, alloc;
	int64_t lost_to_ns; /* the end of the latest that was lost; 0: none */
	/* Rows of counts that do not say for how long are as long as the shortest time between two
	 * of them. Until two times are known, those of the first are held. */
	int64_t step_ns; /* 0: not known */
	unsigned learned;
	int64_t last_due_ns;
	bool holds;
	struct time_span held;
	int64_t until_ns, longest_ns; /* the end of the last counts, and the longest; 0: none */
};

/* What lies within a time: for certain, and what perhaps does beside that. */
struct spans_part {
	double ok, err;
	double may_ok, may_err;
	double lost;
};

void spans_release(struct spans *s); /* accepts a zeroed one */

/* How long a row of counts is, as far as is known; else a second. */
int64_t spans_length_ns(const struct spans *s, const struct csv_row *row);

/* A row of counts has come: until it is added, and time passes, nothing is known of its time. */
void spans_announce(struct spans *s, const struct csv_row *row);

/* Takes a row of counts. False if it is held until its length is known. */
bool spans_add_counts(struct spans *s, const struct csv_row *row);
void spans_add_lost(struct spans *s, const struct csv_row *row);

/* A request was complete then: nothing later was lost before it, for rows come in the order of
 * completion. */
void spans_bound_lost(struct spans *s, int64_t done_ns);

/* Forgets what ended by then. */
void spans_forget(struct spans *s, int64_t before_ns);

/* The end of what was lost about a time; 0 if nothing was. */
int64_t spans_lost_at(const struct spans *s, int64_t at_ns);

struct spans_part spans_within(const struct spans *s, int64_t from_ns, int64_t to_ns);

/* Up to where counts can be judged when time has passed to to_ns: those of a time come at its end.
 */
int64_t spans_known_to(const struct spans *s, int64_t to_ns);

#endif

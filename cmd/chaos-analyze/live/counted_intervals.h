/* Intervals of which only totals are known: rows of counts by other tools, and rows that the
 * writer dropped. Stop rules ask how many of these requests lie within a second.
 *
 * Totals of an interval of up to EVEN_INTERVAL_NS are spread evenly over it. A longer interval
 * does not show in which of its seconds its requests were: each second then has from none to all
 * of them. */
#ifndef ANALYZE_LIVE_COUNTED_INTERVALS_H
#define ANALYZE_LIVE_COUNTED_INTERVALS_H

#include "csv/csv.h"

enum { INTERVALS_MAX = 4096 }; /* intervals that are kept; further ones are merged into the last */
/* A little more than a second: rows of one-second counts come at slightly irregular times. */
#define EVEN_INTERVAL_NS (INT64_C(1100) * 1000000)

struct counted_interval {
	int64_t from_ns, to_ns; /* UNIX time, to_ns exclusive */
	uint64_t ok, err, lost;
};

struct counted_intervals {
	struct counted_interval *all; /* owned */
	size_t count, alloc;
	int64_t lost_to_ns; /* the latest end of dropped rows; 0: none */
	/* Rows of counts without a length are as long as the shortest distance between two of
	 * them. Until two times are known, the totals of the first are held back. */
	int64_t step_ns; /* 0: unknown */
	unsigned learned;
	int64_t last_due_ns;
	bool has_unsized;
	struct counted_interval unsized;
	int64_t until_ns, longest_ns; /* latest end and greatest length of rows of counts; 0: none */
};

/* What lies within a time: certainly, and possibly in addition. */
struct counted_part {
	double ok, err;
	double may_ok, may_err;
	double lost;
};

void counted_release(struct counted_intervals *s); /* accepts a zeroed one */

/* Length of a row of counts; a second while it is unknown. */
int64_t counted_length_ns(const struct counted_intervals *s, const struct csv_row *row);

/* Announces a row of counts before it is added: its time is unknown until then. */
void counted_announce(struct counted_intervals *s, const struct csv_row *row);

/* Adds a row of counts. False if it is held back until its length is known. */
bool counted_add_counts(struct counted_intervals *s, const struct csv_row *row);
void counted_add_lost(struct counted_intervals *s, const struct csv_row *row);

/* A request was complete at that time. Rows come in the order of completion, so rows dropped
 * before it end there. */
void counted_bound_lost(struct counted_intervals *s, int64_t done_ns);

/* Drops intervals that ended by then. */
void counted_forget(struct counted_intervals *s, int64_t before_ns);

/* The end of the dropped rows around a time; 0 if there are none. */
int64_t counted_lost_at(const struct counted_intervals *s, int64_t at_ns);

struct counted_part counted_within(const struct counted_intervals *s, int64_t from_ns, int64_t to_ns);

/* x */
int64_t counted_known_to(const struct counted_intervals *s, int64_t to_ns);

#endif

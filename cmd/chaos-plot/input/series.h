/* What the pictures draw: a run second by second, with its faults and anomalies. Times are
 * seconds from the start of the run; unknown is NaN. */
#ifndef PLOT_INPUT_SERIES_H
#define PLOT_INPUT_SERIES_H

#include "base/error_class.h"

#include <stdbool.h>
#include <stddef.h>

struct latency_count {
	double ms;
	double count;
};

struct second {
	double start_s, length_s;
	double due, errors;    /* by due time; errors: NaN if not known */
	double ok;	       /* by completion */
	double p50_ms, p99_ms; /* of successes due in it; NaN if there were none */
	double in_flight;      /* at its end; NaN if unknown */
	double late_ms;	       /* the longest from due to sent; NaN if unknown */
	bool unmeasured;       /* rows were dropped, so nothing is known */
	double *classes; /* errors by class, of any other at 0; ERROR_COUNT of them, or NULL; owned by its series */
	struct latency_count *latencies; /* of successes due in it, in no order; owned by its series */
	size_t latency_count;
};

/* Series of parts of a run, each by its name. */
struct series_list {
	struct series *all; /* owned */
	size_t count;
};

struct series {
	double t0_s; /* UNIX time of second 0; NaN if unknown */
	struct second *seconds;
	size_t count, alloc;
	char *name;	      /* of the load or the node, in lists of these; owned */
	bool borrows;	      /* what its seconds point to is another's */
	struct series_list loads; /* of several loads each by itself, while seconds has their sum; else none */
	struct series_list nodes; /* where the requests to each were told */
};

/* The caller fills the returned, zeroed second. */
struct second *series_add(struct series *s);
struct series *series_named(struct series_list *list, const char *name); /* a new one if there is none */
/* Adds the counts of x, and of lengths and latencies takes the highest: of loads the last seconds are of different
 * lengths. */
void second_add(struct second *to, const struct second *x);
void second_release(struct second *x); /* what it points to */
/* Why it shows no latency at all. */
const char *series_no_latency(const struct series *s);
void series_release(struct series *s);
/* Only a log that tells when a request was sent besides has the time at which it was due. NULL or without rows: true. */
bool series_knows_due(const struct series *s);
double series_end_s(const struct series *s); /* 0 if it is empty */

/* How many seconds a step of series_worst is made of: 1 as long as there are fewer than a picture has
 * columns. */
size_t series_step(const struct series *s);
/* The same in steps, each as bad as the worst second in it: fewest successes, most errors, slowest
 * latency; so that a short outage is seen in a long run. out borrows from s, and is the caller's to release. */
void series_worst(const struct series *s, struct series *out);

/* An anomaly, from the lines interval_open and interval_close. */
struct told_anomaly {
	const char *load; /* NULL: there is one; borrowed */
	double id, from_s, to_s; /* to_s is NaN while it is open */
	bool withdrawn;
};

struct told {
	struct told_anomaly *all;
	size_t count, alloc;
};

/* A fault, from request to revert. */
struct bar {
	char *label; /* owned: "kill service-node-2" */
	double requested_s, injected_s, revert_requested_s, reverted_s;
};

enum band_kind { BAND_ANOMALY, BAND_UNMEASURED, BAND_WARMUP, BAND_LOST, BAND_LIMIT };

/* An interval in a strip; those of the first strip are shaded in all panels. */
struct band {
	enum band_kind kind;
	double from_s, to_s;
	char words[96]; /* description such as "33 % errors"; may be empty */
};

/* Rows of bands below the faults, but for that of the generator, which its panel has. */
enum strip_kind { STRIP_ANOMALIES, STRIP_LOST, STRIP_GENERATOR, STRIP_COUNT };

struct strip {
	struct band *bands;
	size_t count, alloc;
};

struct marks {
	struct bar *bars;
	size_t bar_count, bar_alloc;
	struct strip strips[STRIP_COUNT];
	char generator[96]; /* what its summary says of it; empty if there is none */
};

/* Takes over the bar with its label. */
void marks_add_bar(struct marks *m, const struct bar *b);
struct band *marks_add_band(struct marks *m, enum strip_kind strip, enum band_kind kind, double from_s, double to_s);
void marks_release(struct marks *m);

/* Start and end as far as known; the end is NaN if it was never reverted. */
double bar_start_s(const struct bar *b);
double bar_end_s(const struct bar *b);

#endif

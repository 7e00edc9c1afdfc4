/* Every number of an analysis, with its id and its display. A report contains no other numbers,
 * whether a program or a model writes it. */
#ifndef REPORT_FACTS_H
#define REPORT_FACTS_H

#include "stream/json.h"

#include <stddef.h>

struct fact {
	char *id; /* the path in the analysis: "run_summary.error_rate", "faults.0.injected_s" */
	double value;
	char *display; /* with its unit: "13.8 %", "79.2 ms" */
};

struct facts {
	struct fact *all; /* sorted by id */
	size_t count, alloc;
};

/* Collects the numbers of j; the end of a key tells its unit. */
void facts_collect(struct facts *f, const struct json *j);
void facts_release(struct facts *f);

/* The fact with the id that fmt gives, or NULL. */
const struct fact *facts_find(const struct facts *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The same fact's display; "unknown" if there is none. */
const char *facts_display(const struct facts *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif

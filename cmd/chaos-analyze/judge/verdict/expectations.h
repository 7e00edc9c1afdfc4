/* The expectations of a scenario, which the event run_start tells: rules that must be true of a
 * phase or of a fault. */
#ifndef ANALYZE_VERDICT_EXPECTATIONS_H
#define ANALYZE_VERDICT_EXPECTATIONS_H

#include "stream/json.h"
#include "judge/verdict/finding.h"

/* What came of one: of the phase or the faults that it is for, and of its loads, the worst. */
struct expectation {
	const char *text, *phase; /* borrowed from the events; phase may be NULL */
	struct gate gate;	  /* its rule with both sides; true: it held */
	const char *fault, *load; /* which decided; or NULL; borrowed */
	bool judged;		  /* one of its loads has the phase or a fault of it */
	char reason[512];	  /* why it was missed or cannot be judged; "" if it held */
};

struct expectations {
	struct expectation *all; /* in the order of the events; owned */
	size_t count;
};

/* Of all loads of a run. */
void expectations_judge(struct expectations *x, const struct finding *all, size_t count);
void expectations_release(struct expectations *x); /* accepts a zeroed one */

/* EXIT_OK, EXIT_NO or EXIT_INCONCLUSIVE. */
int expectations_code(const struct expectations *x);
struct json *expectations_json(const struct expectations *x);

#endif

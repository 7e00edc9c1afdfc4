/* Gates: rules that must be false for the run to pass. */
#ifndef ANALYZE_VERDICT_GATES_H
#define ANALYZE_VERDICT_GATES_H

#include "judge/compare/judgements.h"
#include "detect/expr.h"
#include "stream/json.h"

struct gate {
	struct expr rule;
	enum expr_truth truth; /* true: the run fails */
	struct expr_value left, right;
	const char *doubt; /* the field of sensitivity that makes the gate inconclusive, or NULL */
};

struct gates {
	struct gate *all; /* owned */
	size_t count;
	bool compare; /* the comparison counts as a gate */
};

/* Those of the texts that are for the load. -1 with EXIT_USAGE if one is not a valid rule for a gate. */
int gates_parse(struct gates *g, const char *const *texts, size_t count, const char *load,
		bool has_baseline, struct err *e);
void gates_release(struct gates *g); /* accepts a zeroed one */

/* A rule with "for" within the windows [from, to): true if it certainly held long enough without a
 * break, unknown if it possibly did. */
void gate_judge_windows(struct gate *x, const struct analysis *a, size_t from, size_t to);

void gates_judge(struct gates *g, const struct analysis *a);

/* A rule or the comparison is asked for. */
bool gates_asked(const struct gates *g);

/* EXIT_OK, EXIT_NO or EXIT_INCONCLUSIVE, from all gates and the reliability of the run. An
 * inconclusive gate outranks a failed one. */
int gates_code(const struct gates *g, const struct analysis *a, const struct judgements *v);

/* The verdict; null if there are no gates. */
struct json *gates_json(const struct gates *g, const struct analysis *a,
			const struct judgements *v);

/* Prints a line on standard error for each gate that was not passed. */
void gates_tell(const struct gates *g, const struct analysis *a, const struct judgements *v);

#endif

/* What was found of each load, and how far it can be relied on. */
#ifndef ANALYZE_VERDICT_FINDING_H
#define ANALYZE_VERDICT_FINDING_H

#include "judge/compare/judgements.h"
#include "judge/verdict/gates.h"

struct finding {
	const char *load; /* its name; NULL: the only one; borrowed */
	struct analysis_params params;
	struct analysis analysis;
	struct judgements judgements;
	struct gates gates;
};

/* After the analysis of all loads: a fault whose node some of them go to is judged only if one of these
 * had requests while it could act; the others cannot tell that nobody noticed. One that leaves open
 * connections alone is not judged by a load that opened none. */
void findings_find_unseen(struct finding *all, size_t count);

/* The exit code of all loads together, from their gates and from how far each can be relied on. tell: on
 * stderr, what speaks against it. */
int findings_conclude(const struct finding *all, size_t count, bool tell);

#endif

/* The claims of an analysis: what a report may say of it, each a clause with its subject. */
#ifndef REPORT_STATEMENTS_H
#define REPORT_STATEMENTS_H

#include "report/aliases.h"
#include "llm/claim.h"
#include "report/facts.h"

/* Fills c, with aliases in place of names or with the names as Markdown. Both have the same claims
 * and the same names in the same order. */
void said_build(struct claims *c, const struct json *analysis, const struct facts *facts,
		const struct cast *cast, bool aliases);

/* What the parts below share. */
struct said {
	struct claims *claims;
	const struct json *analysis;
	const struct facts *facts;
	const struct cast *cast;
	bool aliases;
};

void said_changes(const struct said *s);
void said_faults(const struct said *s);
void said_nodes(const struct said *s);

/* Appends whom it is about: an alias, or the name as Markdown. */
void said_who(const struct said *s, size_t actor, struct buf *out);

#endif

/* What a clause of free text is about: part of the check of such texts. */
#ifndef LLM_CLAUSE_H
#define LLM_CLAUSE_H

#include "llm/scan.h"

/* One clause of a scanned paragraph. */
struct clause {
	const struct claims *claims;
	const struct item *items;
	size_t from, to; /* its items: [from, to) */
	enum claim_topic topic; /* of the clauses before it in its sentence */
	const char *node;	/* the same */
	const char *word;	/* an error class that it names */
	bool baseline;		/* it is the baseline's numbers that it tells, also from before */
	char *why;
};

/* Whether an item counts as of that kind: an act is a label, too ("was killed at …"). */
bool clause_is_kind(const struct item *i, enum item_kind kind);

/* The nearest item of a kind before at in the clause, else the nearest behind it; NULL if none. */
const struct item *clause_nearest(const struct clause *c, size_t at, enum item_kind kind);

/* What the item at is about: by the nearest label, else by the clauses before. */
enum claim_topic clause_topic(const struct clause *c, size_t at);

/* The name that an ITEM_NAME is. */
const char *clause_name(const struct clause *c, const struct item *i);

/* Whether what stands at item at of the clause can be about the node of the claim, and about the
 * error class that the clause names. */
bool clause_node_fits(const struct clause *c, size_t at, const struct claim *claim);
bool clause_word_fits(const struct clause *c, const struct claim *claim);

#endif

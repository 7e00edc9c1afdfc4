/* A paragraph taken apart for the check of free text: labels, names, numbers with units, words that carry
 * something, and where clauses end. */
#ifndef LLM_SCAN_H
#define LLM_SCAN_H

#include "llm/claim.h"
#include "llm/lexicon.h"

enum item_kind {
	ITEM_LABEL,  /* what a clause is about */
	ITEM_NAME,   /* a node */
	ITEM_NUMBER,
	ITEM_WORD,
	ITEM_CLAUSE, /* a clause ends, its sentence goes on */
	ITEM_SENTENCE,
};

struct item {
	enum item_kind kind;
	const char *at;
	size_t len;
	enum claim_topic topic;	 /* ITEM_LABEL */
	size_t name;		 /* ITEM_NAME: index */
	enum word_class class;	 /* ITEM_WORD */
	double value, tolerance; /* ITEM_NUMBER, in the unit's base */
	enum claim_unit unit;
	char sign;	 /* '+', '-' or 0 */
	bool in_bracket; /* the number stands right behind a '(' */
};

struct scan {
	struct item *items;
	size_t count, alloc;
};

/* flat (from lexicon_flat) must outlive it. -1 with a reason at what has no place in such a text. */
int scan_text(struct scan *s, const struct claims *c, const char *flat, char *why, size_t why_size);
void scan_release(struct scan *s);

/* The item's text is that word, in any case. */
bool item_is(const struct item *i, const char *word);

#endif

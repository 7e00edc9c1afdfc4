#include "llm/clause.h"

#include <string.h>

bool clause_is_kind(const struct item *i, enum item_kind kind)
{
	if (kind == ITEM_LABEL && i->kind == ITEM_WORD && i->class == WORD_ACT)
		return true; /* an act is a label: "was killed at …" */
	return i->kind == kind;
}

const struct item *clause_nearest(const struct clause *c, size_t at, enum item_kind kind)
{
	for (size_t i = at; i-- > c->from;)
		if (clause_is_kind(&c->items[i], kind))
			return &c->items[i];
	for (size_t i = at + 1; i < c->to; i++)
		if (clause_is_kind(&c->items[i], kind))
			return &c->items[i];
	return NULL;
}

enum claim_topic clause_topic(const struct clause *c, size_t at)
{
	const struct item *i = clause_nearest(c, at, ITEM_LABEL);
	return !i ? c->topic : i->kind == ITEM_LABEL ? i->topic : TOPIC_FAULT;
}

const char *clause_name(const struct clause *c, const struct item *i)
{
	return c->claims->names[i->name].text;
}

/* A claim speaks of a node among others: the clause must name it. */
static bool node_matters(const struct clause *c, const struct claim *claim)
{
	for (size_t i = 0; i < c->claims->count; i++) {
		const struct claim *o = &c->claims->all[i];
		if (o->topic == claim->topic &&
		    (!o->node || !claim->node || strcmp(o->node, claim->node) != 0))
			return true;
	}
	return false;
}

static bool told_of(const struct clause *c, enum claim_topic topic, const char *node)
{
	for (size_t i = 0; i < c->claims->count; i++) {
		const struct claim *o = &c->claims->all[i];
		if (o->topic == topic && o->node && strcmp(o->node, node) == 0)
			return true;
	}
	return false;
}

bool clause_node_fits(const struct clause *c, size_t at, const struct claim *claim)
{
	const struct item *named = clause_nearest(c, at, ITEM_NAME);
	if (named)
		return claim->node && strcmp(claim->node, clause_name(c, named)) == 0;
	if (c->node && (claim->node || told_of(c, claim->topic, c->node)))
		return claim->node && strcmp(claim->node, c->node) == 0;
	return !claim->node || !node_matters(c, claim);
}

bool clause_word_fits(const struct clause *c, const struct claim *claim)
{
	return !c->word || claim->topic != TOPIC_FAILED ||
	       (claim->word && strcmp(claim->word, c->word) == 0);
}

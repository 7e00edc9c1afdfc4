#include "llm/check.h"

#include "llm/clause.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int refuse(char *why, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static int refuse(char *why, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(why, CLAIM_WHY_MAX, fmt, ap);
	va_end(ap);
	return -1;
}

#define SHOW(i) ((i)->len < 40 ? (int)(i)->len : 40), (i)->at

/* --- numbers ------------------------------------------------------------------- */

static const struct item *word_at(const struct clause *c, size_t at)
{
	static const struct item none = {.kind = ITEM_WORD, .at = ""};
	return at >= c->from && at < c->to && c->items[at].kind == ITEM_WORD ? &c->items[at] : &none;
}

static bool directs(const struct item *i)
{
	return i->class == WORD_UP || i->class == WORD_DOWN || i->class == WORD_BETTER ||
	       i->class == WORD_WORSE;
}

/* Which of a claim's numbers this can be, by the words around it. */
static enum claim_role role_of(const struct clause *c, size_t at)
{
	const struct item *number = &c->items[at], *before = word_at(c, at - 1);
	const struct item *second = word_at(c, at - 2);
	if (number->sign || number->in_bracket || item_is(before, "by") ||
	    directs(word_at(c, at + 1)) || (item_is(before, "of") && directs(second)))
		return ROLE_CHANGE;
	if (item_is(before, "from") || (item_is(before, "at") && item_is(second, "began")))
		return ROLE_BEFORE;
	if (item_is(before, "to") || item_is(before, "until"))
		return ROLE_END;
	if (item_is(before, "of") ||
	    (item_is(second, "of") && (item_is(before, "its") || item_is(before, "the"))))
		return ROLE_WHOLE;
	return c->baseline ? ROLE_BEFORE : ROLE_VALUE;
}

/* A bare count says what it counts. */
static bool counts_right(const struct clause *c, size_t at, enum claim_topic topic)
{
	static const char *const nouns[TOPIC_COUNT] = {
		[TOPIC_FAILED] = " of requests request failures errors failed ",
		[TOPIC_LOST] = " successes ",
		[TOPIC_ANOMALY] = " anomaly anomalies ",
		[TOPIC_JUDGED] = " of ",
	};
	char wanted[48];
	const struct item *next = at + 1 < c->to ? &c->items[at + 1] : NULL;
	if (!next || !nouns[topic] || next->len > 40)
		return false;
	size_t len = strcspn(next->at, " \n");
	snprintf(wanted, sizeof wanted, " %.*s ", (int)(len < next->len ? len : next->len), next->at);
	for (char *p = wanted; *p; p++)
		*p = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
	return strstr(nouns[topic], wanted) != NULL;
}

static bool number_fits(const struct item *i, const struct claim_number *n, enum claim_role role,
			const struct claim *claim)
{
	bool to_value = n->role == ROLE_VALUE && role == ROLE_END; /* "rose to 301 ms" */
	if ((n->role != role && !to_value) || n->unit != i->unit)
		return false;
	if (i->sign && (!claim->has_direction || (i->sign == '+') != (claim->direction > 0) ||
			!claim->direction))
		return false;
	return fabs(n->value - i->value) <= i->tolerance * (1 + 1e-9);
}

/* "at 10.0 s" is a moment, "10.0 s later" a span; "over 138" is something else than 138. */
static bool placed_right(const struct clause *c, size_t at, enum claim_topic topic)
{
	static const char *const bounds[] = {"over",   "under",	 "nearly", "almost",
					     "beyond", "within", "barely", "past"};
	const struct item *before = word_at(c, at - 1);
	bool at_word = item_is(before, "at");
	for (size_t i = 0; i < ARRAY_LEN(bounds); i++)
		if (item_is(before, bounds[i]))
			return false;
	if (topic == TOPIC_FAULT || topic == TOPIC_UNDONE)
		return at_word;
	return !at_word || (topic != TOPIC_RECOVERY && topic != TOPIC_NOT_RECOVERED &&
			    topic != TOPIC_FIRST_ERROR && topic != TOPIC_BLACKOUT);
}

static int check_number(const struct clause *c, size_t at)
{
	const struct item *i = &c->items[at];
	enum claim_topic topic = clause_topic(c, at);
	enum claim_role role = role_of(c, at);
	if (topic == TOPIC_NONE)
		return refuse(c->why, "it is not said what '%.*s' is", SHOW(i));
	if (i->unit == UNIT_COUNT && !counts_right(c, at, topic))
		return refuse(c->why, "'%.*s' has no unit, or not the right one", SHOW(i));
	if (!placed_right(c, at, topic))
		return refuse(c->why, "'%.*s' is said in another way than it was measured", SHOW(i));
	for (size_t k = 0; k < c->claims->count; k++) {
		const struct claim *claim = &c->claims->all[k];
		if (claim->topic != topic || !clause_node_fits(c, at, claim) || !clause_word_fits(c, claim))
			continue;
		for (size_t n = 0; n < claim->number_count; n++)
			if (number_fits(i, &claim->numbers[n], role, claim))
				return 0;
	}
	return refuse(c->why, "'%.*s' is not what was measured there", SHOW(i));
}

/* --- words ---------------------------------------------------------------------- */

static bool direction_fits(const struct claim *claim, enum word_class class)
{
	int good = claim->topic == TOPIC_THROUGHPUT ? 1 : -1;
	int wanted = class == WORD_UP	    ? 1
		     : class == WORD_DOWN   ? -1
		     : class == WORD_BETTER ? good
		     : class == WORD_WORSE  ? -good
					    : 0;
	return claim->direction == wanted;
}

static int check_direction(const struct clause *c, size_t at)
{
	const struct item *i = &c->items[at];
	enum claim_topic topic = clause_topic(c, at);
	for (size_t k = 0; k < c->claims->count; k++) {
		const struct claim *claim = &c->claims->all[k];
		if (claim->has_direction && claim->topic == topic && clause_node_fits(c, at, claim) &&
		    direction_fits(claim, i->class))
			return 0;
	}
	return refuse(c->why, "'%.*s' is not what was measured there", SHOW(i));
}

static int check_act(const struct clause *c, size_t at)
{
	const struct item *i = &c->items[at];
	for (size_t k = 0; k < c->claims->count; k++) {
		const struct claim *claim = &c->claims->all[k];
		if (claim->topic == TOPIC_FAULT && claim->action && item_is(i, claim->action) &&
		    clause_node_fits(c, at, claim))
			return 0;
	}
	return refuse(c->why, "'%.*s' was not done there", SHOW(i));
}

/* "failed", "crashed" of a node to which nothing happened; "healthy" of any. */
static int check_state(const struct clause *c, size_t at)
{
	const struct item *i = &c->items[at], *named = clause_nearest(c, at, ITEM_NAME);
	bool well = item_is(i, "healthy") || item_is(i, "survived");
	if (named && (well || !c->claims->names[named->name].hurt))
		return refuse(c->why, "'%.*s' is not known of '%.40s'", SHOW(i),
			      clause_name(c, named));
	return 0;
}

static int check_denial(const struct clause *c, size_t at)
{
	for (size_t i = c->from; i < c->to; i++) {
		enum item_kind k = c->items[i].kind;
		if (k == ITEM_NUMBER || k == ITEM_NAME || k == ITEM_LABEL)
			return refuse(c->why, "'%.*s' denies what cannot be denied",
				      SHOW(&c->items[at]));
	}
	return 0;
}

static int check_word(const struct clause *c, size_t at)
{
	switch (c->items[at].class) {
	case WORD_UP:
	case WORD_DOWN:
	case WORD_SAME:
	case WORD_BETTER:
	case WORD_WORSE:
		return check_direction(c, at);
	case WORD_ACT:
		return check_act(c, at);
	case WORD_STATE:
		return check_state(c, at);
	case WORD_NOT:
		return check_denial(c, at);
	case WORD_COMPARE: /* says nothing without a direction, and that is checked */
	case WORD_PLAIN:
	case WORD_NUMBER:
	case WORD_UNIT:
		break;
	}
	return 0;
}

/* A label stands only for what there is a claim on: no recovery where there was none. */
static int check_label(const struct clause *c, size_t at)
{
	const struct item *i = &c->items[at];
	const struct item *named = clause_nearest(c, at, ITEM_NAME);
	bool of_fault = i->topic >= TOPIC_FAULT && i->topic <= TOPIC_NO_EFFECT;
	bool known = false;
	for (size_t k = 0; k < c->claims->count && !known; k++)
		known = c->claims->all[k].topic == i->topic &&
			clause_word_fits(c, &c->claims->all[k]) &&
			(!of_fault || !named || clause_node_fits(c, at, &c->claims->all[k]));
	if (!known)
		return refuse(c->why, "nothing is known of '%.*s' there", SHOW(i));
	if (i->topic == TOPIC_FAILED && named && !c->claims->names[named->name].hurt) {
		/* "0 of 417 requests failed on it" is a claim like any other */
		for (size_t k = c->from; k < c->to; k++)
			if (c->items[k].kind == ITEM_NUMBER)
				return 0;
		return refuse(c->why, "'%.*s' is not known of '%.40s'", SHOW(i),
			      clause_name(c, named));
	}
	return 0;
}

/* --- clauses --------------------------------------------------------------------- */

/* The error class that a clause names, if any. */
static const char *error_word(const struct item *i)
{
	static const char *const words[] = {"refused", "unreachable", "reset", "timeout", "dns",
					    "tls",     "closed",      "protocol"};
	for (size_t k = 0; k < ARRAY_LEN(words); k++)
		if (i->kind == ITEM_WORD && strncasecmp(i->at, words[k], strlen(words[k])) == 0)
			return words[k];
	return NULL;
}

static void look_at(struct clause *c)
{
	c->word = NULL;
	for (size_t i = c->from; i < c->to; i++) {
		const char *word = error_word(&c->items[i]);
		c->word = word ? word : c->word;
		if (c->items[i].kind == ITEM_WORD && item_is(&c->items[i], "baseline"))
			c->baseline = true;
		if (c->items[i].kind == ITEM_WORD && item_is(&c->items[i], "run"))
			c->baseline = false;
	}
}

static bool class_known(const struct clause *c)
{
	bool known = !c->word;
	for (size_t k = 0; k < c->claims->count; k++)
		known |= c->word && c->claims->all[k].word &&
			 strcmp(c->claims->all[k].word, c->word) == 0;
	return known;
}

static int check_clause(struct clause *c, size_t *count)
{
	int rc = 0;
	look_at(c);
	if (!class_known(c))
		return refuse(c->why, "no request failed with '%s'", c->word);
	for (size_t i = c->from; i < c->to && !rc; i++) {
		if (c->items[i].kind == ITEM_NUMBER) {
			rc = check_number(c, i);
			++*count;
		} else if (c->items[i].kind == ITEM_WORD) {
			rc = check_word(c, i);
		} else if (c->items[i].kind == ITEM_LABEL) {
			rc = check_label(c, i);
		}
	}
	return rc;
}

/* What the next clause of the sentence may go on from. */
static void remember(struct clause *c)
{
	for (size_t i = c->from; i < c->to; i++) {
		if (clause_is_kind(&c->items[i], ITEM_LABEL))
			c->topic = c->items[i].kind == ITEM_LABEL ? c->items[i].topic : TOPIC_FAULT;
		if (c->items[i].kind == ITEM_NAME)
			c->node = clause_name(c, &c->items[i]);
	}
}

static int check_items(const struct claims *claims, const struct scan *s, size_t *count, char *why)
{
	struct clause c = {.claims = claims, .items = s->items, .why = why};
	for (size_t i = 0; i < s->count; i++) {
		if (s->items[i].kind != ITEM_CLAUSE && s->items[i].kind != ITEM_SENTENCE)
			continue;
		c.to = i;
		if (check_clause(&c, count))
			return -1;
		remember(&c);
		if (s->items[i].kind == ITEM_SENTENCE) {
			c.topic = TOPIC_NONE;
			c.node = NULL;
			c.baseline = false;
		}
		c.from = i + 1;
	}
	return 0;
}

static void put_names(const struct claims *seen, const struct claims *shown, const char *text,
		      struct buf *out)
{
	for (const char *p = text; *p;) {
		size_t best = 0, which = 0;
		for (size_t i = 0; i < seen->name_count && i < shown->name_count; i++) {
			size_t n = lexicon_name(p, text, seen->names[i].text);
			which = n > best ? i : which;
			best = n > best ? n : best;
		}
		if (best)
			buf_addstr(out, shown->names[which].text);
		else
			buf_addch(out, *p);
		p += best ? best : 1;
	}
}

int claim_check(const struct claims *seen, const struct claims *shown, const char *text,
		struct buf *out, size_t *count, char why[static CLAIM_WHY_MAX])
{
	struct scan s;
	size_t numbers = 0;
	char *flat = lexicon_flat(text);
	struct token all = lexicon_sweeping(flat);
	int rc = scan_text(&s, seen, flat, why, CLAIM_WHY_MAX);
	if (!rc && all.len)
		rc = refuse(why, "'%.*s' is a quantity in words", (int)all.len, all.at);
	if (!rc)
		rc = check_items(seen, &s, &numbers, why);
	if (!rc) {
		put_names(seen, shown, text, out);
		*count += numbers;
	}
	scan_release(&s);
	free(flat);
	return rc;
}

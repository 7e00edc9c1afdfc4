#include "llm/scan.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Longer ones first, where one begins as another does. */
static const struct {
	const char *text;
	enum claim_topic topic; /* TOPIC_NONE: words that are let pass */
} labels[] = {
	{"requests of a second", TOPIC_NONE},
	{"for at least", TOPIC_NONE},
	{"the same node", TOPIC_NONE},
	{"longest time without a success", TOPIC_BLACKOUT},
	{"without a success", TOPIC_BLACKOUT},
	{"first failed request", TOPIC_FIRST_ERROR},
	{"first error", TOPIC_FIRST_ERROR},
	{"no anomaly followed", TOPIC_NO_EFFECT},
	{"not become healthy again", TOPIC_NOT_RECOVERED},
	{"not recover", TOPIC_NOT_RECOVERED},
	{"healthy again", TOPIC_RECOVERY},
	{"recovered", TOPIC_RECOVERY},
	{"recovery time", TOPIC_RECOVERY},
	{"kept its schedule", TOPIC_SOUND},
	{"successes were lost", TOPIC_LOST},
	{"throughput", TOPIC_THROUGHPUT},
	{"p50", TOPIC_P50},
	{"median latency", TOPIC_P50},
	{"p95", TOPIC_P95},
	{"p99", TOPIC_P99},
	{"error rate", TOPIC_ERROR_RATE},
	{"at worst,", TOPIC_WORST},
	{"at worst", TOPIC_WORST},
	{"availability", TOPIC_AVAILABILITY},
	{"succeeded", TOPIC_AVAILABILITY},
	{"anomaly", TOPIC_ANOMALY},
	{"anomalies", TOPIC_ANOMALY},
	{"requests failed", TOPIC_FAILED},
	{"failed", TOPIC_FAILED},
	{"undone", TOPIC_UNDONE},
	{"judged", TOPIC_JUDGED},
	{"warm-up", TOPIC_JUDGED},
};

static const struct {
	const char *text;
	enum claim_unit unit;
	double base;
} units[] = {
	{"percentage points", UNIT_POINTS, 0.01},
	{"points", UNIT_POINTS, 0.01},
	{"percent", UNIT_SHARE, 0.01},
	{"%", UNIT_SHARE, 0.01},
	{"milliseconds", UNIT_S, 1e-3},
	{"ms", UNIT_S, 1e-3},
	{"seconds", UNIT_S, 1},
	{"second", UNIT_S, 1},
	{"s", UNIT_S, 1},
	{"minutes", UNIT_S, 60},
	{"/s", UNIT_RATE, 1},
	{"per second", UNIT_RATE, 1},
	{"requests per second", UNIT_RATE, 1},
	{"successes per second", UNIT_RATE, 1},
	{"rps", UNIT_RATE, 1},
	{"times", UNIT_FACTOR, 1},
	{"x", UNIT_FACTOR, 1},
};

static const char *const conjunctions[] = {"and",     "but",	"while",   "whereas", "although",
					   "because", "though", "however", "so"};

static struct item *add(struct scan *s, enum item_kind kind, const char *at, size_t len)
{
	s->items = mem_grow(s->items, &s->alloc, s->count, sizeof *s->items);
	struct item *i = &s->items[s->count++];
	*i = (struct item){.kind = kind, .at = at, .len = len};
	return i;
}

void scan_release(struct scan *s)
{
	free(s->items);
	*s = (struct scan){0};
}

bool item_is(const struct item *i, const char *word)
{
	return strlen(word) == i->len && strncasecmp(i->at, word, i->len) == 0;
}

static bool in_word(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 128;
}

/* How many bytes at p are that phrase, blanks and line ends being one; 0 if they are not. */
static size_t phrase_at(const char *p, const char *phrase)
{
	const char *q = p;
	for (; *phrase; phrase++, q++) {
		if (*phrase == ' ') {
			size_t n = strspn(q, " \n");
			if (!n)
				return 0;
			q += n - 1;
		} else if (tolower((unsigned char)*q) != *phrase) {
			return 0;
		}
	}
	return in_word(q[-1]) && in_word(*q) ? 0 : (size_t)(q - p);
}

static size_t take_label(struct scan *s, const char *p)
{
	for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
		size_t n = phrase_at(p, labels[i].text);
		if (n && labels[i].topic != TOPIC_NONE)
			add(s, ITEM_LABEL, p, n)->topic = labels[i].topic;
		if (n)
			return n;
	}
	return 0;
}

static size_t take_name(struct scan *s, const struct claims *c, const char *p, const char *start)
{
	size_t best = 0, which = 0;
	for (size_t i = 0; i < c->name_count; i++) {
		size_t n = lexicon_name(p, start, c->names[i].text);
		if (n > best) {
			best = n;
			which = i;
		}
	}
	if (best)
		add(s, ITEM_NAME, p, best)->name = which;
	return best;
}

static const char times_sign[] = "\xC3\x97"; /* × */

/* "1,250", "13.8": the value, and half a unit of the last digit. */
static size_t take_digits(const char *p, double *value, double *tolerance)
{
	char text[32];
	size_t n = 0, used = 0;
	int decimals = -1;
	while (n + 1 < sizeof text) {
		bool comma = p[used] == ',' && decimals < 0 && isdigit((unsigned char)p[used + 1]);
		if (p[used] == '.' && decimals < 0 && isdigit((unsigned char)p[used + 1]))
			decimals = 0;
		else if (!isdigit((unsigned char)p[used]) && !comma)
			break;
		else if (decimals >= 0)
			decimals++;
		if (!comma)
			text[n++] = p[used];
		used++;
	}
	text[n] = '\0';
	*value = strtod(text, NULL);
	*tolerance = 0.5 * pow(10, decimals > 0 ? -decimals : 0);
	return used;
}

static size_t take_unit(struct item *i, const char *p)
{
	size_t blank = strspn(p, " \n");
	for (size_t k = 0; k < ARRAY_LEN(units); k++) {
		size_t n = phrase_at(p + blank, units[k].text);
		if (!n)
			continue;
		i->unit = units[k].unit;
		i->value *= units[k].base;
		i->tolerance *= units[k].base;
		return blank + n;
	}
	return 0;
}

/* A number with its sign, its ×, and its unit. */
static size_t take_number(struct scan *s, const char *p, const char *start)
{
	const char *q = p;
	char sign = 0;
	bool factor = false;
	if ((*q == '+' || *q == '-') && (p == start || !in_word(p[-1])))
		sign = *q++;
	if (strncmp(q, times_sign, 2) == 0 || ((*q == 'x' || *q == 'X') && !in_word(p > start ? p[-1] : ' '))) {
		q += *q == times_sign[0] ? 2 : 1;
		factor = true;
	}
	if (!isdigit((unsigned char)*q))
		return 0;
	struct item *i = add(s, ITEM_NUMBER, p, 0);
	q += take_digits(q, &i->value, &i->tolerance);
	if (factor)
		i->unit = UNIT_FACTOR;
	else
		q += take_unit(i, q);
	i->sign = sign;
	i->in_bracket = p > start && p[-1] == '(';
	i->len = (size_t)(q - p);
	return i->len;
}

/* Where a clause or a sentence ends. */
static size_t take_end(struct scan *s, const char *p)
{
	bool last = !p[1] || strchr(" \n)", p[1]);
	if ((strchr(".!?;:", *p) && last) || (*p == '\n' && strchr("-#\n", p[1] ? p[1] : '\n'))) {
		add(s, ITEM_SENTENCE, p, 1);
		return 1;
	}
	if (*p == ',' && last) {
		add(s, ITEM_CLAUSE, p, 1);
		return 1;
	}
	for (size_t i = 0; i < ARRAY_LEN(conjunctions); i++) {
		size_t n = phrase_at(p, conjunctions[i]);
		if (n) {
			add(s, ITEM_CLAUSE, p, n);
			return n;
		}
	}
	return 0;
}

static int take_token(struct scan *s, const char **p, char *why, size_t size)
{
	struct token t = lexicon_token(*p);
	*p = t.at + t.len;
	if (t.kind == TOKEN_STRANGE || (t.kind == TOKEN_SIGN && strchr("%{}<>=", *t.at))) {
		snprintf(why, size, "a sign that has no place in the text");
		return -1;
	}
	if (t.kind != TOKEN_WORD)
		return 0;
	struct item *i = add(s, ITEM_WORD, t.at, t.len);
	i->class = lexicon_class(t.at, t.len);
	if (i->class != WORD_NUMBER && i->class != WORD_UNIT)
		return 0;
	snprintf(why, size, "'%.*s' is a quantity in words", t.len < 40 ? (int)t.len : 40, t.at);
	return -1;
}

int scan_text(struct scan *s, const struct claims *c, const char *flat, char *why, size_t size)
{
	*s = (struct scan){0};
	for (const char *p = flat; *p;) {
		bool starts = p == flat || !in_word(p[-1]);
		size_t n = starts ? take_label(s, p) : 0;
		if (!n && starts)
			n = take_name(s, c, p, flat);
		if (!n)
			n = take_number(s, p, flat);
		if (!n && (starts || !in_word(*p)))
			n = take_end(s, p);
		if (n)
			p += n;
		else if (strchr(" \t\n", *p))
			p++;
		else if (take_token(s, &p, why, size))
			return -1;
	}
	add(s, ITEM_SENTENCE, flat, 0);
	return 0;
}

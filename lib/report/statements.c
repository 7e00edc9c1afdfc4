#include "report/statements.h"

#include "report/report.h"
#include "stream/sample.h"
#include "report/words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void said_who(const struct said *s, size_t actor, struct buf *out)
{
	char alias[ALIAS_MAX];
	if (actor >= s->cast->count)
		buf_addstr(out, "a node");
	else if (s->aliases)
		buf_addstr(out, cast_alias(actor, alias));
	else
		report_text(out, cast_name(s->cast, actor));
}

/* --- figures of the run beside those of the baseline -------------------------- */

static const struct metric {
	const char *key, *id, *name;
	enum claim_topic topic;
	enum claim_unit unit;
} metrics[] = {
	{"throughput_rps", "throughput", "throughput", TOPIC_THROUGHPUT, UNIT_RATE},
	{"p50_latency_ms", "p50", "p50 latency", TOPIC_P50, UNIT_S},
	{"p95_latency_ms", "p95", "p95 latency", TOPIC_P95, UNIT_S},
	{"p99_latency_ms", "p99", "p99 latency", TOPIC_P99, UNIT_S},
	{"error_rate", "error_rate", "the error rate", TOPIC_ERROR_RATE, UNIT_SHARE},
};

static double in_unit(const struct metric *m, double v)
{
	return m->unit == UNIT_S ? v / 1000 : v;
}

static const struct json *compared(const struct said *s, const char *key)
{
	const struct json *all = json_get(s->analysis, "compare");
	double scale = json_num(json_get(s->analysis, "baseline.rate_ratio"), 1);
	if (strcmp(key, "throughput_rps") == 0 && fabs(scale - 1) > 0.005)
		return NULL; /* planned at another rate: the two are no pair */
	for (size_t i = 0; i < json_count(all); i++)
		if (strcmp(json_str(json_get(json_at(all, i), "metric"), ""), key) == 0)
			return json_at(all, i);
	return NULL;
}

/* "p99 latency rose from 148 ms to 300 ms (×2.0)": both directions and the change. */
static void add_change(const struct said *s, const struct metric *m, const struct fact *then,
		       const struct fact *now, const struct json *entry)
{
	const char *before = then->display, *after = now->display;
	double from = then->value, to = now->value;
	char change[WORDS_MAX];
	struct buf text = BUF_INIT;
	bool same = strcmp(before, after) == 0;
	words_compared(entry, m->unit == UNIT_SHARE, change);
	if (same)
		buf_addf(&text, "%s stayed at %s", m->name, after);
	else
		buf_addf(&text, "%s %s from %s to %s", m->name, to > from ? "rose" : "fell", before,
			 after);
	if (!same && *change)
		buf_addf(&text, " (%s)", change);
	struct claim *c = claims_add(s->claims, text.data, "%s_change", m->id);
	c->topic = m->topic;
	c->has_direction = true;
	c->direction = same ? 0 : to > from ? 1 : -1;
	claim_add_number(c, in_unit(m, from), m->unit, ROLE_BEFORE);
	claim_add_number(c, in_unit(m, to), m->unit, ROLE_VALUE);
	if (m->unit == UNIT_SHARE) {
		claim_add_number(c, fabs(to - from), UNIT_POINTS, ROLE_CHANGE);
	} else if (from > 0 && !same) {
		claim_add_number(c, fabs(to / from - 1), UNIT_SHARE, ROLE_CHANGE);
		claim_add_number(c, to / from, UNIT_FACTOR, ROLE_CHANGE);
	}
	buf_release(&text);
}

void said_changes(const struct said *s)
{
	for (size_t i = 0; i < ARRAY_LEN(metrics); i++) {
		const struct metric *m = &metrics[i];
		const struct fact *now = facts_find(s->facts, "run_summary.%s", m->key);
		const struct fact *then = facts_find(s->facts, "baseline_summary.%s", m->key);
		if (!now)
			continue;
		struct buf text = BUF_INIT;
		buf_addf(&text, "%s was %s in the run", m->name, now->display);
		struct claim *c = claims_add(s->claims, text.data, "%s", m->id);
		c->topic = m->topic;
		claim_add_number(c, in_unit(m, now->value), m->unit, ROLE_VALUE);
		buf_release(&text);
		const struct json *entry = compared(s, m->key);
		if (then && entry)
			add_change(s, m, then, now, entry);
	}
}

/* --- the run as a whole --------------------------------------------------------- */

/* A clause with up to two facts in it: prefix, fact, infix, fact, suffix. */
struct sentence {
	const char *id, *prefix, *first, *infix, *second, *suffix;
	enum claim_topic topic;
	enum claim_unit units[2];
};

static void add_sentence(const struct said *s, const struct sentence *t)
{
	const struct fact *a = facts_find(s->facts, "%s", t->first);
	const struct fact *b = t->second ? facts_find(s->facts, "%s", t->second) : NULL;
	struct buf text = BUF_INIT;
	if (!a || (t->second && !b))
		return;
	buf_addf(&text, "%s%s%s%s%s", t->prefix, a->display, t->infix, b ? b->display : "",
		 t->suffix);
	struct claim *c = claims_add(s->claims, text.data, "%s", t->id);
	c->topic = t->topic;
	claim_add_number(c, a->value, t->units[0], ROLE_VALUE);
	if (b)
		claim_add_number(c, b->value, t->units[1], ROLE_WHOLE);
	buf_release(&text);
}

static const struct sentence sentences[] = {
	{"failed", "", "run_summary.err", " of ", "run_summary.due", " requests failed", TOPIC_FAILED,
	 {UNIT_COUNT, UNIT_COUNT}},
	{"availability", "", "availability.request", " of the requests due succeeded", NULL, "",
	 TOPIC_AVAILABILITY, {UNIT_SHARE}},
	{"judged", "", "input.seconds_judged", " of ", "input.seconds", " seconds were judged",
	 TOPIC_JUDGED, {UNIT_COUNT, UNIT_S}},
	{"warmup", "the first ", "params.warmup_ignore_sec", " of the run are warm-up and left out", NULL, "", TOPIC_JUDGED, {UNIT_S}},
};

static void add_failures(const struct said *s)
{
	const struct json *errors = json_get(s->analysis, "run_summary.errors"), *value;
	const char *key;
	void *iter = NULL;
	while (json_next(errors, &iter, &key, &value)) {
		const struct fact *f = facts_find(s->facts, "run_summary.errors.%s", key);
		/* only words of the closed list: anything else is text from outside */
		enum sample_error class = sample_error_parse(key, strlen(key));
		if (!f || class == ERROR_COUNT || class == ERROR_NONE)
			continue;
		struct buf text = BUF_INIT;
		buf_addf(&text, "%s requests failed with the error class '%s'", f->display, key);
		struct claim *c = claims_add(s->claims, text.data, "errors_%s", key);
		c->topic = TOPIC_FAILED;
		c->word = sample_error_name(class);
		claim_add_number(c, f->value, UNIT_COUNT, ROLE_VALUE);
		buf_release(&text);
	}
}

static void add_anomalies(const struct said *s)
{
	const struct json *all = json_get(s->analysis, "intervals");
	char text[200];
	size_t count = json_count(all);
	snprintf(text, sizeof text, "%zu anomal%s seen", count, count == 1 ? "y was" : "ies were");
	struct claim *c = claims_add(s->claims, text, "anomalies");
	c->topic = TOPIC_ANOMALY;
	claim_add_number(c, (double)count, UNIT_COUNT, ROLE_VALUE);
	for (size_t i = 0; i < count && i < 8; i++) {
		const struct fact *a = facts_find(s->facts, "intervals.%zu.start_s", i);
		const struct fact *b = facts_find(s->facts, "intervals.%zu.end_s", i);
		const struct fact *rate = facts_find(s->facts, "intervals.%zu.max_error_rate", i);
		if (!a || !b)
			continue;
		snprintf(text, sizeof text, "an anomaly lasted from %s to %s of the run", a->display,
			 b->display);
		c = claims_add(s->claims, text, "anomaly_%zu", i + 1);
		c->topic = TOPIC_ANOMALY;
		claim_add_number(c, a->value, UNIT_S, ROLE_BEFORE);
		claim_add_number(c, b->value, UNIT_S, ROLE_END);
		if (!rate || !(rate->value > 0))
			continue;
		snprintf(text, sizeof text, "at worst, %s of the requests of a second failed in the "
			 "anomaly that began at %s", rate->display, a->display);
		c = claims_add(s->claims, text, "anomaly_%zu_worst", i + 1);
		c->topic = TOPIC_WORST;
		claim_add_number(c, rate->value, UNIT_SHARE, ROLE_VALUE);
	}
}

static void add_soundness(const struct said *s)
{
	const struct json *sound = json_get(s->analysis, "input.load_sound");
	struct claim *c = claims_add(
		s->claims,
		   json_is_null(sound) ? "whether the load generator was the limit is not known"
		   : json_bool(sound, false)
			   ? "the load generator kept its schedule"
			   : "the load generator was the limit at times, so that what looks like "
			     "the service may be the generator",
		   "load_sound");
	if (json_bool(sound, false))
		c->topic = TOPIC_SOUND;
}

void said_build(struct claims *c, const struct json *analysis, const struct facts *facts,
		const struct cast *cast, bool aliases)
{
	const struct said s = {c, analysis, facts, cast, aliases};
	*c = (struct claims){0};
	for (size_t i = 0; i < cast->count; i++) {
		struct buf name = BUF_INIT;
		said_who(&s, i, &name);
		claims_add_name(c, name.data, cast->all[i].faulted || cast->all[i].failing);
		buf_release(&name);
	}
	said_changes(&s);
	for (size_t i = 0; i < ARRAY_LEN(sentences); i++)
		add_sentence(&s, &sentences[i]);
	add_failures(&s);
	add_anomalies(&s);
	said_faults(&s);
	said_nodes(&s);
	add_soundness(&s);
}

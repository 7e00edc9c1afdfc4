/* What is said of faults and of nodes: here each claim has its node in it. */
#include "report/statements.h"

#include "report/words.h"

#include <stdio.h>
#include <string.h>

enum { FAULTS_MAX = 12, NODES_MAX = 26 };

/* "killed"; for acts without a known past the one neutral word, as their names are from outside */
static const char *done_to(const struct json *fault)
{
	const char *past = words_past(json_str(json_get(fault, "action"), ""));
	return past ? past : "disturbed";
}

static size_t actor_of(const struct said *s, const struct json *j)
{
	return cast_find(s->cast, json_str(json_get(j, "node"), NULL),
			 json_str(json_get(j, "url"), NULL));
}

/* Appends a claim about actor: its name between before and after. */
static struct claim *about(const struct said *s, size_t actor, const char *id, size_t number,
			   const char *before, const char *after)
{
	struct buf text = BUF_INIT, who = BUF_INIT;
	said_who(s, actor, &who);
	buf_addf(&text, "%s%s%s", before, who.data, after);
	struct claim *c = claims_add(s->claims, text.data, id[0] == '_' ? "fault_%zu%s" : "node_%zu%s",
				     number, id + (id[0] == '.'));
	if (actor < s->cast->count)
		c->node = buf_detach(&who);
	buf_release(&who);
	buf_release(&text);
	return c;
}

static const struct fact *of_fault(const struct said *s, size_t i, const char *key)
{
	return facts_find(s->facts, "faults.%zu.%s", i, key);
}

static const struct {
	const char *key, *id, *first, *last; /* words around the fact */
	enum claim_topic topic;
	enum claim_unit unit;
} after_fault[] = {
	{"time_to_first_error_s", "_first_error", "the first failed request came ", " later",
	 TOPIC_FIRST_ERROR, UNIT_S},
	{"blackout_s", "_blackout", "the longest time without a success was ", "", TOPIC_BLACKOUT,
	 UNIT_S},
	{"lost_requests", "_lost", "", " successes were lost", TOPIC_LOST, UNIT_COUNT},
	{"recovery_time_s", "_recovery", "the system was healthy again ", " later", TOPIC_RECOVERY,
	 UNIT_S},
	{"recovery_lower_bound_s", "_recovery",
	 "the system did not become healthy again within the run, for at least ", "",
	 TOPIC_NOT_RECOVERED, UNIT_S},
};

/* "after service-node-2 was killed, the system was healthy again 8.0 s later" */
static void add_aftermath(const struct said *s, size_t i, size_t actor, const char *done)
{
	char after[200];
	const struct json *fault = json_at(json_get(s->analysis, "faults"), i);
	bool censored = json_bool(json_get(fault, "censored"), false);
	for (size_t k = 0; k < ARRAY_LEN(after_fault); k++) {
		const struct fact *f = of_fault(s, i, after_fault[k].key);
		enum claim_topic topic = after_fault[k].topic;
		if (!f || (topic == TOPIC_RECOVERY && censored) ||
		    (topic == TOPIC_NOT_RECOVERED && !censored))
			continue;
		snprintf(after, sizeof after, " was %s, %s%s%s", done, after_fault[k].first,
			 f->display, after_fault[k].last);
		struct claim *c = about(s, actor, after_fault[k].id, i + 1, "after ", after);
		c->topic = topic;
		claim_add_number(c, f->value, after_fault[k].unit, ROLE_VALUE);
	}
}

static void add_fault(const struct said *s, size_t i)
{
	const struct json *fault = json_at(json_get(s->analysis, "faults"), i);
	const struct fact *at = of_fault(s, i, "injected_s"), *end = of_fault(s, i, "reverted_s");
	const char *done = done_to(fault);
	size_t actor = actor_of(s, fault);
	char after[96];
	snprintf(after, sizeof after, " was %s%s%s", done, at ? " at " : ", which was never confirmed",
		 at ? at->display : "");
	struct claim *c = about(s, actor, "_", i + 1, "", after);
	c->id[strlen(c->id) - 1] = '\0'; /* "fault_1" */
	c->topic = TOPIC_FAULT;
	c->action = done;
	if (at)
		claim_add_number(c, at->value, UNIT_S, ROLE_VALUE);
	if (end) {
		snprintf(after, sizeof after, " was undone at %s", end->display);
		c = about(s, actor, "_undone", i + 1, "the fault on ", after);
		c->topic = TOPIC_UNDONE;
		claim_add_number(c, end->value, UNIT_S, ROLE_VALUE);
	}
	if (json_bool(json_get(fault, "revert_failed"), false))
		about(s, actor, "_undone", i + 1, "undoing the fault on ", " failed");
	if (json_bool(json_get(fault, "affected"), false))
		add_aftermath(s, i, actor, done);
	else
		about(s, actor, "_effect", i + 1, "no anomaly followed the fault on ", "")->topic =
			TOPIC_NO_EFFECT;
}

void said_faults(const struct said *s)
{
	size_t count = json_count(json_get(s->analysis, "faults"));
	for (size_t i = 0; i < count && i < FAULTS_MAX; i++)
		add_fault(s, i);
	if (!count)
		claims_add(s->claims, "no fault is on record", "no_fault");
}

/* The node's bare name has its part in the run with it, so that it cannot be taken for another. */
static void add_name(const struct said *s, size_t actor)
{
	const struct actor *a = &s->cast->all[actor];
	if (!s->cast->whole)
		return;
	struct claim *c = about(s, actor, ".", actor + 1, "",
				a->faulted ? " (the node with the fault)" : " (a node without a fault)");
	c->names_node = true;
}

static void add_requests(const struct said *s, size_t i, size_t actor)
{
	const struct fact *err = facts_find(s->facts, "nodes.%zu.err", i);
	const struct fact *due = facts_find(s->facts, "nodes.%zu.due", i);
	const struct fact *p99 = facts_find(s->facts, "nodes.%zu.p99_latency_ms", i);
	char before[128];
	if (err && due) {
		snprintf(before, sizeof before, "%s of %s requests failed on ", err->display,
			 due->display);
		struct claim *c = about(s, actor, "._failed", actor + 1, before, "");
		c->topic = TOPIC_FAILED;
		claim_add_number(c, err->value, UNIT_COUNT, ROLE_VALUE);
		claim_add_number(c, due->value, UNIT_COUNT, ROLE_WHOLE);
	}
	if (p99) {
		snprintf(before, sizeof before, "p99 latency was %s on ", p99->display);
		struct claim *c = about(s, actor, "._p99", actor + 1, before, "");
		c->topic = TOPIC_P99;
		claim_add_number(c, p99->value / 1000, UNIT_S, ROLE_VALUE);
	}
}

void said_nodes(const struct said *s)
{
	const struct json *nodes = json_get(s->analysis, "nodes");
	for (size_t i = 0; i < s->cast->count && i < NODES_MAX; i++)
		add_name(s, i);
	for (size_t i = 0; i < json_count(nodes) && i < NODES_MAX; i++) {
		size_t actor = actor_of(s, json_at(nodes, i));
		if (actor < s->cast->count)
			add_requests(s, i, actor);
	}
}

#include "faults/select.h"

#include "base/buf.h"
#include "base/rng.h"
#include "events/emit.h"
#include "faults/choice.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

/* --- by name -------------------------------------------------------------------- */

static bool is_in(const struct node *n, struct node *const *nodes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (nodes[i] == n)
			return true;
	return false;
}

static int add(struct node *n, struct node **nodes, size_t *count, size_t room, struct err *e)
{
	if (is_in(n, nodes, *count))
		return 0;
	if (*count == room)
		return err_usage(e, "more than %zu nodes", room);
	nodes[(*count)++] = n;
	return 0;
}

/* What others call many nodes. */
static int other_words(const struct fleet *f, const char *name, struct err *e)
{
	static const struct {
		const char *word, *mode;
	} words[] = {{"all", NULL},   {"all_nodes", NULL}, {"all_node", NULL}, {"all-nodes", NULL},
		     {"nodes", NULL}, {"http", "http"},	   {"redis", "redis"}};
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcmp(name, words[i].word) != 0 || config_node(f->config, name))
			continue;
		if (!words[i].mode)
			return err_usage(e, "unknown node '%s'; '*' in quotes means all nodes",
					 name);
		return err_usage(e,
				 "unknown node '%s'; --mode %s means all %s nodes, with up, down, "
				 "ls and --pick",
				 name, words[i].mode, words[i].mode);
	}
	return 0;
}

int select_named(struct fleet *f, const char *name, struct node **nodes, size_t *count, size_t room,
		 struct err *e)
{
	bool matched = false;
	if (!strpbrk(name, "*?[")) {
		struct node *n = other_words(f, name, e) ? NULL : fleet_node(f, name, e);
		return n ? add(n, nodes, count, room, e) : -1;
	}
	for (size_t i = 0; i < f->count; i++) {
		if (fnmatch(name, f->nodes[i].conf->name, 0) != 0)
			continue;
		if (add(&f->nodes[i], nodes, count, room, e))
			return -1;
		matched = true;
	}
	return matched ? 0 : err_usage(e, "no node's name matches '%s'", name);
}

/* --- picking -------------------------------------------------------------------- */

/* The last reason why one cannot take it stays in e. */
static size_t keep_able(const struct verb *v, struct node **nodes, size_t count, struct err *e)
{
	size_t able = 0;
	for (size_t i = 0; i < count; i++)
		if (v->check(v, nodes[i], e) == 0)
			nodes[able++] = nodes[i];
	return able;
}

static bool by_role(const struct pick *p)
{
	return p->kind == PICK_PRIMARY || p->kind == PICK_REPLICA;
}

static size_t keep_redis(struct node **nodes, size_t count)
{
	size_t kept = 0;
	for (size_t i = 0; i < count; i++)
		if (nodes[i]->conf->mode == MODE_REDIS)
			nodes[kept++] = nodes[i];
	return kept;
}

struct lot {
	uint64_t drawn;
	size_t place;
};

static int by_lot(const void *a, const void *b)
{
	const struct lot *x = a, *y = b;
	if (x->drawn != y->drawn)
		return x->drawn < y->drawn ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

static int by_place(const void *a, const void *b)
{
	const struct lot *x = a, *y = b;
	return x->place < y->place ? -1 : x->place > y->place;
}

/* Each node's lot depends on nothing but the seed, the number of the pick and its own name. */
static uint64_t draw(uint64_t seed, uint64_t number, const char *name)
{
	uint64_t lot = rng_at(seed, number);
	for (const char *c = name; *c; c++)
		lot = rng_at(lot, (unsigned char)*c);
	return lot;
}

static void keep_drawn(struct choice *c, size_t wanted)
{
	struct lot *lots = mem_alloc((c->count + 1) * sizeof *lots);
	for (size_t i = 0; i < c->count; i++)
		lots[i] = (struct lot){draw(c->fleet->seed, c->number, c->nodes[i]->conf->name), i};
	qsort(lots, c->count, sizeof *lots, by_lot);
	qsort(lots, wanted, sizeof *lots, by_place);
	for (size_t i = 0; i < wanted; i++)
		c->nodes[i] = c->nodes[lots[i].place];
	c->count = wanted;
	free(lots);
}

static int too_few(const struct verb *v, const struct pick *p, size_t able, const struct err *why,
		   struct err *e)
{
	if (able)
		return err_usage(e, "%s: pick %s: only %zu of those nodes can take it", v->name,
				 p->word, able);
	if (by_role(p))
		return err_usage(e, "%s: none of those nodes is a Redis %s that can take it%s%s",
				 v->name, p->word, why->msg[0] ? ": " : "", why->msg);
	return err_usage(e, "%s: none of those nodes can take it: %s", v->name, why->msg);
}

/* why: why the last of those that cannot take it cannot. */
static int keep_enough(const struct pick *p, const struct verb *v, size_t able, size_t *wanted,
		       const struct err *why, struct err *e)
{
	*wanted = pick_how_many(p, able);
	return !able || *wanted > able ? too_few(v, p, able, why, e) : 0;
}

int select_able(const struct pick *p, const struct verb *v, struct node **nodes, size_t *count,
		size_t *wanted, struct err *e)
{
	struct err why = {0};
	*count = keep_able(v, nodes, *count, &why);
	if (by_role(p))
		*count = keep_redis(nodes, *count);
	return keep_enough(p, v, *count, wanted, &why, e);
}

static const char **names_of(struct node *const *nodes, size_t count)
{
	const char **names = mem_alloc((count + 1) * sizeof(*names));
	for (size_t i = 0; i < count; i++)
		names[i] = nodes[i]->conf->name;
	return names;
}

int select_drawn(struct choice *c, struct err *e)
{
	const struct err none = {0};
	size_t able = c->count, wanted;
	if (keep_enough(&c->pick, c->work.verb, able, &wanted, &none, e))
		return -1;
	const char **from = names_of(c->nodes, able), **drawn;
	keep_drawn(c, wanted);
	drawn = names_of(c->nodes, wanted);
	emit_picked(c->fleet->emitter, &(struct picked){.line = c->work.line,
							.action = c->work.verb->name,
							.requested_ns = c->work.requested_ns,
							.word = c->pick.word,
							.seed = c->fleet->seed,
							.number = c->number,
							.from = from,
							.from_count = able,
							.nodes = drawn,
							.count = wanted});
	free(from);
	free(drawn);
	return 0;
}

#include "conf/twins.h"

#include "base/buf.h"
#include "base/hash.h"
#include "url/url_host.h"

#include <stdlib.h>
#include <string.h>

void twins_init(struct twins *t, size_t nodes)
{
	t->room = 4 * nodes + 1; /* two keys each, and half of it stays free */
	t->slots = mem_alloc(t->room * sizeof *t->slots);
}

static const char *key_of(const struct node_conf *n, size_t which)
{
	return which ? n->place : n->name;
}

/* Where key is, or would be. Not hsearch, whose hash knows the first eight bytes alone: those of URLs are alike. */
static size_t *slot_of(const struct twins *t, const struct node_conf *nodes, const char *key)
{
	size_t at = (size_t)(hash_fnv1a(HASH_FNV1A_START, key, strlen(key)) % t->room);
	for (size_t s; (s = t->slots[at]) && strcmp(key_of(&nodes[(s - 1) / 2], (s - 1) % 2), key) != 0;)
		at = (at + 1) % t->room;
	return &t->slots[at];
}

const struct node_conf *twins_find(struct twins *t, const struct node_conf *nodes, const char *key)
{
	size_t s = *slot_of(t, nodes, key);
	return s ? &nodes[(s - 1) / 2] : NULL;
}

const struct node_conf *twins_add(struct twins *t, const struct node_conf *nodes, size_t i)
{
	const struct node_conf *other = twins_find(t, nodes, nodes[i].name);
	other = other ? other : twins_find(t, nodes, nodes[i].place);
	for (size_t k = 0; k < 2 && !other; k++)
		*slot_of(t, nodes, key_of(&nodes[i], k)) = 2 * i + k + 1;
	return other;
}

char *twins_place(const struct url *u)
{
	return mem_printf("%s://%s%%%s:%d", u->scheme, url_host_plain(u->host), u->zone, u->port);
}

void twins_release(struct twins *t)
{
	free(t->slots);
}

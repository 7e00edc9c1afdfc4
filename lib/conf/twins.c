#include "conf/twins.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/url_host.h"

#include <stdlib.h>
#include <string.h>

static uint64_t name_hash(const char *name)
{
	return hash_fnv1a(HASH_FNV1A_START, name, strlen(name));
}

/* Of the port alone hosts would collide, of the host alone ports. */
static uint64_t url_hash(const struct url *u)
{
	const char *host = url_host_plain(u->host);
	return hash_fnv1a(hash_fnv1a(HASH_FNV1A_START, &u->port, sizeof u->port), host, strlen(host));
}

/* The slot of the node that name, else u, is found by, or the free one where it belongs. */
static size_t *slot(const struct twins *t, const struct node_conf *nodes, const char *name,
		    const struct url *u)
{
	uint64_t at = name ? name_hash(name) : url_hash(u);
	for (;; at++) {
		size_t *s = &t->slots[at & (t->size - 1)];
		const struct node_conf *n = *s ? &nodes[*s - 1] : NULL;
		if (!n || (name ? strcmp(n->name, name) == 0 : url_same(&n->at, u)))
			return s;
	}
}

/* Each node has two slots; at least half of all stay free. */
static void grow(struct twins *t, const struct node_conf *nodes)
{
	if (4 * (t->count + 1) <= t->size)
		return;
	free(t->slots);
	t->size = t->size ? 2 * t->size : 64;
	t->slots = mem_alloc(t->size * sizeof *t->slots);
	for (size_t i = 0; i < t->count; i++) {
		*slot(t, nodes, nodes[i].name, &nodes[i].at) = i + 1;
		*slot(t, nodes, NULL, &nodes[i].at) = i + 1;
	}
}

const struct node_conf *twins_add(struct twins *t, const struct node_conf *nodes, size_t i)
{
	grow(t, nodes);
	size_t *by_name = slot(t, nodes, nodes[i].name, &nodes[i].at);
	size_t *by_url = slot(t, nodes, NULL, &nodes[i].at);
	if (*by_name || *by_url)
		return &nodes[(*by_name ? *by_name : *by_url) - 1];
	t->count++;
	*by_name = i + 1;
	*slot(t, nodes, NULL, &nodes[i].at) = i + 1; /* the name may have got the same free one */
	return NULL;
}

const struct node_conf *twins_at(const struct twins *t, const struct node_conf *nodes,
				 const struct url *u)
{
	size_t found = t->size ? *slot(t, nodes, NULL, u) : 0;
	return found ? &nodes[found - 1] : NULL;
}

void twins_release(struct twins *t)
{
	free(t->slots);
	*t = (struct twins){0};
}

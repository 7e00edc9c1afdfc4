#include "conf/twins.h"

#include "base/buf.h"
#include "base/url_host.h"

#include <stdint.h>
#include <stdlib.h>

void twins_init(struct twins *t, size_t nodes)
{
	*t = (struct twins){0};
	if (!hcreate_r(4 * nodes + 1, &t->by_key)) /* two keys each, and half of it stays free */
		abort();
}

const struct node_conf *twins_find(struct twins *t, const struct node_conf *nodes, const char *key)
{
	ENTRY *found, wanted = {.key = (char *)(uintptr_t)key};
	return hsearch_r(wanted, FIND, &found, &t->by_key) ? &nodes[(size_t)(uintptr_t)found->data] : NULL;
}

const struct node_conf *twins_add(struct twins *t, const struct node_conf *nodes, size_t i)
{
	char *keys[] = {nodes[i].name, nodes[i].place};
	const struct node_conf *other = twins_find(t, nodes, keys[0]);
	ENTRY *added;
	other = other ? other : twins_find(t, nodes, keys[1]);
	for (size_t k = 0; k < ARRAY_LEN(keys) && !other; k++)
		hsearch_r((ENTRY){.key = keys[k], .data = (void *)(uintptr_t)i}, ENTER, &added, &t->by_key);
	return other;
}

char *twins_place(const struct url *u)
{
	return mem_printf("%s://%s%%%s:%d", u->scheme, url_host_plain(u->host), u->zone, u->port);
}

void twins_release(struct twins *t)
{
	hdestroy_r(&t->by_key);
}

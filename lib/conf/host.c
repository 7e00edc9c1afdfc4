#include "conf/config.h"

#include <string.h>

static bool is_first(const struct config *c, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (c->nodes[k].host && strcmp(c->nodes[k].host, c->nodes[i].host) == 0)
			return false;
	return true;
}

const char *config_host(const struct config *c, size_t i)
{
	for (size_t k = 0; k < c->node_count; k++)
		if (c->nodes[k].host && is_first(c, k) && i-- == 0)
			return c->nodes[k].host;
	return NULL;
}

bool config_lives_on(const struct node_conf *n, const char *host)
{
	return strcmp(n->host ? n->host : "", host ? host : "") == 0;
}

void config_stay_on(struct config *c, const char *host)
{
	for (size_t i = 0; i < c->node_count; i++)
		if (!config_lives_on(&c->nodes[i], host))
			c->nodes[i].kind = NODE_REMOTE;
}

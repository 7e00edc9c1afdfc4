#include "node/via.h"

#include "base/buf.h"
#include "node/record.h"

struct node *via_proxy(const struct node *n)
{
	const struct config *c = n->fleet->config;
	const struct node_conf *p = n->conf->via ? config_node(c, VIA_PROXY) : NULL;
	return p ? &n->fleet->nodes[p - c->nodes] : NULL;
}

char *via_folder(const struct node *proxy)
{
	return mem_printf("%s/cwd", proxy->dir);
}

struct proc_id via_process(const struct node *n)
{
	const struct node *proxy = via_proxy(n);
	return proxy ? record_load(proxy->dir, n->fleet->world) : (struct proc_id){0};
}

bool via_busy(const struct node *n)
{
	const struct node *proxy = via_proxy(n);
	return proxy && (proxy->current || proxy->first);
}

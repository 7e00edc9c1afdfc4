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

const char *via_trouble(const struct node *n)
{
	const struct node *proxy = via_proxy(n);
	struct proc_id now = via_process(n);
	struct err ignored;
	if (!proxy || record_readable(proxy->dir, &ignored))
		return NULL;
	if (!proc_alive(&now))
		return now.pid ? "has ended" : "is down";
	return record_ran(proxy->dir, proxy->conf) ? NULL : "was started by an earlier config";
}

bool via_busy(const struct node *n)
{
	const struct node *proxy = via_proxy(n);
	return proxy && (proxy->current || proxy->first);
}

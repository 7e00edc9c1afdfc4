#include "input/nodes.h"

#include "base/buf.h"

#include <stdlib.h>

enum { NODE_LEN_MAX = 1024 };

void nodes_init(struct nodes *n)
{
	*n = (struct nodes){0};
	n->all = mem_alloc((NODES_MAX + 1) * sizeof(struct node_count *));
}

void nodes_release(struct nodes *n)
{
	for (size_t i = 0; i < n->count; i++) {
		free(n->all[i]->node);
		free(n->all[i]);
	}
	free(n->all);
	*n = (struct nodes){0};
}

static struct node_count *add_node(struct nodes *n, struct csv_text t, struct node_count **place)
{
	/* the last one collects all further nodes and is not in the table */
	if (n->count == NODES_MAX)
		t.len = 0;
	else if (n->count > NODES_MAX)
		return n->all[NODES_MAX];
	struct node_count *c = mem_alloc(sizeof *c);
	c->node = mem_printf("%.*s", (int)t.len, t.at);
	c->node_len = t.len;
	c->key = nodes_key(t);
	c->number = (unsigned)n->count;
	hist_init(&c->latency);
	n->all[n->count++] = c;
	if (n->count <= NODES_MAX)
		*place = c;
	return c;
}

struct node_count *nodes_find(struct nodes *n, struct csv_text t)
{
	if (t.len > NODE_LEN_MAX)
		t.len = NODE_LEN_MAX;
	uint64_t key = nodes_key(t);
	for (size_t i = nodes_hash(key, t.len);; i = (i + 1) % NODES_PLACES) {
		struct node_count *c = n->table[i];
		if (!c)
			return add_node(n, t, &n->table[i]);
		if (node_is(c, t, key))
			return c;
	}
}

void nodes_add_counts(struct nodes *n, const struct csv_row *row)
{
	const struct csv_counts *x = &row->counts;
	struct node_count *c = nodes_find(n, row->node);
	c->ok += x->ok;
	c->err += x->err;
	if (csv_counts_have_latency(x))
		hist_record_quantiles(&c->latency, x->ok, x->p50_ns, x->p95_ns, x->p99_ns);
}

static int by_name(const void *a, const void *b)
{
	const struct node_count *const *x = a, *const *y = b;
	return strcmp((*x)->node, (*y)->node);
}

void nodes_sort(struct nodes *n)
{
	qsort(n->all, n->count, sizeof *n->all, by_name);
}

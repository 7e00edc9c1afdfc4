#include "nodes.h"

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

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

/* The last eight bytes tell nodes apart as a rule: ports, numbers. */
static inline size_t hash(struct csv_text t)
{
	uint64_t v = 0;
	if (t.len >= sizeof v)
		memcpy(&v, t.at + t.len - sizeof v, sizeof v);
	else
		memcpy(&v, t.at, t.len);
	v = (v ^ t.len) * UINT64_C(0x9e3779b97f4a7c15);
	return (size_t)(v >> 54);
}

static struct node_count *add_node(struct nodes *n, struct csv_text t, uint16_t *place)
{
	if (n->count == NODES_MAX) /* one more takes all the others; it has no place in the table */
		t.len = 0;
	else if (n->count > NODES_MAX)
		return n->all[NODES_MAX];
	struct node_count *c = mem_alloc(sizeof *c);
	c->node = mem_printf("%.*s", (int)t.len, t.at);
	c->node_len = t.len;
	c->number = (unsigned)n->count;
	n->all[n->count++] = c;
	if (n->count <= NODES_MAX)
		*place = (uint16_t)n->count;
	return c;
}

/* memcmp is for longer texts. */
static inline bool is_text(const char *a, struct csv_text t)
{
	uint64_t x, y, differ = 0;
	if (t.len < sizeof x)
		return memcmp(a, t.at, t.len) == 0;
	for (size_t i = 0; i + sizeof x < t.len; i += sizeof x) {
		memcpy(&x, a + i, sizeof x);
		memcpy(&y, t.at + i, sizeof y);
		differ |= x ^ y;
	}
	memcpy(&x, a + t.len - sizeof x, sizeof x);
	memcpy(&y, t.at + t.len - sizeof y, sizeof y);
	return (differ | (x ^ y)) == 0;
}

static inline struct node_count *find(struct nodes *n, struct csv_text t)
{
	for (size_t i = hash(t);; i = (i + 1) % (sizeof n->table / sizeof n->table[0])) {
		if (n->table[i] == 0)
			return add_node(n, t, &n->table[i]);
		struct node_count *c = n->all[n->table[i] - 1];
		if (c->node_len == t.len && is_text(c->node, t))
			return c;
	}
}

unsigned nodes_add(struct nodes *n, const struct csv_row *row)
{
	struct csv_text t = row->node;
	if (t.len > NODE_LEN_MAX)
		t.len = NODE_LEN_MAX;
	struct node_count *c = find(n, t);
	if (row->failed) {
		c->err++;
	} else {
		c->ok++;
		hist_record(&c->latency, row->latency_ns);
	}
	return c->number;
}

unsigned nodes_add_counts(struct nodes *n, const struct csv_row *row)
{
	const struct csv_counts *x = &row->counts;
	struct csv_text t = row->node;
	if (t.len > NODE_LEN_MAX)
		t.len = NODE_LEN_MAX;
	struct node_count *c = find(n, t);
	c->ok += x->ok;
	c->err += x->err;
	if (csv_counts_have_latency(x))
		hist_record_quantiles(&c->latency, x->ok, x->p50_ns, x->p95_ns, x->p99_ns);
	return c->number;
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

/* Rows counted per node, over the whole run. */
#ifndef ANALYZE_INPUT_NODES_H
#define ANALYZE_INPUT_NODES_H

#include "grid/hist.h"
#include "csv/csv.h"

#include <string.h>

enum {
	NODES_MAX = 255, /* further nodes share the node "" */
	NODES_PLACES = 1024,
};

struct node_count {
	char *node; /* as in the rows; owned */
	size_t node_len;
	unsigned number; /* in the order of first rows; the node number of the grid */
	uint64_t ok, err;
	struct hist latency; /* of the successes */
};

struct nodes {
	struct node_count **all; /* owned */
	size_t count;
	struct node_count *table[NODES_PLACES]; /* open addressing */
	struct node_count *last_short; /* the last one of fewer than eight bytes, as most ops are */
};

void nodes_init(struct nodes *n);
void nodes_release(struct nodes *n);
struct node_count *nodes_find_slowly(struct nodes *n, struct csv_text t);

/* Hash of the last eight bytes, which usually differ between nodes: ports, numbers. */
static inline size_t nodes_hash(struct csv_text t)
{
	uint64_t v = 0;
	if (t.len >= sizeof v)
		memcpy(&v, t.at + t.len - sizeof v, sizeof v);
	else
		memcpy(&v, t.at, t.len);
	v = (v ^ t.len) * UINT64_C(0x9e3779b97f4a7c15);
	return (size_t)(v >> 54);
}

static inline bool node_is(const struct node_count *c, struct csv_text t)
{
	uint64_t x, y, differ = 0;
	if (c->node_len != t.len)
		return false;
	for (size_t i = 0; i + sizeof x < t.len; i += sizeof x) {
		memcpy(&x, c->node + i, sizeof x);
		memcpy(&y, t.at + i, sizeof y);
		differ |= x ^ y;
	}
	memcpy(&x, c->node + t.len - sizeof x, sizeof x);
	memcpy(&y, t.at + t.len - sizeof y, sizeof y);
	return (differ | (x ^ y)) == 0;
}

/* The node of that name, added if it is new. */
static inline struct node_count *nodes_find(struct nodes *n, struct csv_text t)
{
	if (t.len < sizeof(uint64_t)) {
		struct node_count *s = n->last_short;
		if (!s || s->node_len != t.len || memcmp(s->node, t.at, t.len) != 0)
			n->last_short = s = nodes_find_slowly(n, t);
		return s;
	}
	struct node_count *c = n->table[nodes_hash(t)];
	return c && node_is(c, t) ? c : nodes_find_slowly(n, t);
}

/* bucket: hist_bucket of its latency. */
static inline void node_count_row(struct node_count *c, const struct csv_row *row, unsigned bucket)
{
	if (row->failed) {
		c->err++;
	} else {
		c->ok++;
		hist_record_in(&c->latency, bucket, row->latency_ns);
	}
}

/* Returns the number of the row's node. */
unsigned nodes_add(struct nodes *n, const struct csv_row *row);
unsigned nodes_add_counts(struct nodes *n, const struct csv_row *row);
void nodes_sort(struct nodes *n); /* by name; nothing may be added afterwards */

#endif

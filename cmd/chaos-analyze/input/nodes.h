/* Rows counted per node, over the whole run. */
#ifndef ANALYZE_INPUT_NODES_H
#define ANALYZE_INPUT_NODES_H

#include "grid/grid.h"
#include "csv/csv.h"

#include <endian.h>
#include <string.h>

enum {
	NODES_MAX = 255, /* further nodes share the node "" */
	NODES_PLACES = 1024,
};

struct node_count {
	char *node; /* as in the rows; owned */
	size_t node_len;
	uint64_t key;	 /* nodes_key of the name */
	unsigned number; /* in the order of first rows */
	uint64_t ok, err;
	struct hist latency; /* of the successes */
};

struct nodes {
	struct node_count **all; /* owned */
	size_t count;
	struct node_count *table[NODES_PLACES]; /* open addressing */
};

void nodes_init(struct nodes *n);
void nodes_release(struct nodes *n);
/* The node of that name, added if it is new. */
struct node_count *nodes_find(struct nodes *n, struct csv_text t);

/* The last eight bytes, which usually differ between nodes: ports, numbers. Of a shorter text, all
 * of it: what is before it, in its row or in the header, is shifted out. */
static inline uint64_t nodes_key(struct csv_text t)
{
	uint64_t v;
	if (t.len == 0)
		return 0;
	memcpy(&v, t.at + t.len - sizeof v, sizeof v);
	return le64toh(v) >> (t.len < sizeof v ? 64 - 8 * t.len : 0);
}

static inline size_t nodes_hash(uint64_t key, size_t len)
{
	return (size_t)(((key ^ len) * UINT64_C(0x9e3779b97f4a7c15)) >> 54);
}

static inline bool nodes_differ(const char *a, const char *b)
{
	return memcmp(a, b, sizeof(uint64_t)) != 0;
}

/* key: nodes_key of t. The words that are compared overlap. */
static inline bool node_is(const struct node_count *c, struct csv_text t, uint64_t key)
{
	enum { WORD = sizeof(uint64_t) };
	if (c->node_len != t.len || c->key != key)
		return false;
	if (t.len <= WORD)
		return true;
	size_t middle = (t.len - WORD) / 2;
	if (nodes_differ(c->node, t.at) || nodes_differ(c->node + middle, t.at + middle))
		return false;
	return t.len <= 3 * WORD || memcmp(c->node, t.at, t.len) == 0;
}

/* The same, inline, for what is asked for each row. */
static inline struct node_count *nodes_find_fast(struct nodes *n, struct csv_text t)
{
	uint64_t key = nodes_key(t);
	struct node_count *c = n->table[nodes_hash(key, t.len)];
	return c && node_is(c, t, key) ? c : nodes_find(n, t);
}

/* A success; bucket: hist_bucket of its latency. */
static inline void node_count_ok(struct node_count *c, unsigned bucket, int64_t latency_ns)
{
	c->ok++;
	hist_record_in(&c->latency, bucket, latency_ns);
}

void nodes_add_counts(struct nodes *n, const struct csv_row *row);
void nodes_sort(struct nodes *n); /* by name; nothing may be added afterwards */

#endif

/* Rows counted by the node they went to, over the whole run. */
#ifndef ANALYZE_NODES_H
#define ANALYZE_NODES_H

#include "stat/hist.h"
#include "stream/csv.h"

enum { NODES_MAX = 255 }; /* further ones are counted together, as the node "" */

struct node_count {
	char *node; /* as in the rows; owned */
	size_t node_len;
	unsigned number; /* in the order of their first rows; their grid's number for it */
	uint64_t ok, err;
	struct hist latency; /* of the successes */
};

struct nodes {
	struct node_count **all; /* owned */
	size_t count;
	uint16_t table[1024]; /* open addressing: position in all, plus 1 */
};

void nodes_init(struct nodes *n);
void nodes_release(struct nodes *n);
/* Returns the number of the row's node. */
unsigned nodes_add(struct nodes *n, const struct csv_row *row);
unsigned nodes_add_counts(struct nodes *n, const struct csv_row *row);
void nodes_sort(struct nodes *n); /* by name; nothing may be added afterwards */

#endif

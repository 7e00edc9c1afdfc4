#include "node/inquiry.h"

#include "base/buf.h"
#include "base/units.h"

#include <stdlib.h>

static const int64_t answer_within_ns = 500 * NS_PER_MS;

void inquiry_add(struct inquiry *q, struct node *n, struct probe *p)
{
	q->items = mem_grow(q->items, &q->alloc, q->count, sizeof *q->items);
	q->items[q->count++] = (struct question){.node = n, .probe = p};
	probe_start(p, answer_within_ns);
}

bool inquiry_step(void *inquiry)
{
	struct inquiry *q = inquiry;
	bool over = true;
	for (size_t i = 0; i < q->count; i++) {
		struct question *one = &q->items[i];
		if (one->answer == PROBE_PENDING)
			one->answer = probe_step(one->probe);
		over = over && one->answer != PROBE_PENDING;
	}
	return over;
}

void inquiry_release(struct inquiry *q)
{
	for (size_t i = 0; i < q->count; i++)
		probe_free(q->items[i].probe);
	free(q->items);
	*q = (struct inquiry){0};
}

#include "base/ring.h"

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

void ring_init(struct ring *r, size_t size)
{
	*r = (struct ring){.data = mem_alloc(size), .size = size};
	memset(r->data, 0, size); /* faults in the pages now */
}

void ring_release(struct ring *r)
{
	free(r->data);
	*r = (struct ring){0};
}

void ring_clear(struct ring *r)
{
	r->start = r->end = 0;
	r->wrapped = false;
}

const char *ring_oldest(const struct ring *r, size_t *len)
{
	*len = (r->wrapped ? r->wrap : r->end) - r->start;
	return r->data + r->start;
}

const char *ring_rest(const struct ring *r, size_t *len)
{
	*len = r->wrapped ? r->end : 0;
	return r->data;
}

void ring_take(struct ring *r, size_t len)
{
	r->start += len;
	if (r->wrapped && r->start == r->wrap) {
		r->wrapped = false;
		r->start = 0;
	}
	if (!r->wrapped && r->start == r->end)
		ring_clear(r);
}

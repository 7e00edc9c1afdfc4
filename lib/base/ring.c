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

char *ring_room(struct ring *r, size_t len)
{
	if (!r->wrapped && r->size - r->end < len && r->start >= len) {
		r->wrap = r->end;
		r->wrapped = true;
		r->end = 0;
	}
	size_t limit = r->wrapped ? r->start : r->size;
	return limit - r->end < len ? NULL : r->data + r->end;
}

void ring_put(struct ring *r, const char *end)
{
	r->end = (size_t)(end - r->data);
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

size_t ring_used(const struct ring *r)
{
	return r->wrapped ? r->wrap - r->start + r->end : r->end - r->start;
}

/* A bounded ring of bytes that are put in and taken out in whole pieces: a piece lies in one
 * stretch of memory, and nothing is ever moved. In line what is done for each piece. */
#ifndef BASE_RING_H
#define BASE_RING_H

#include <stdbool.h>
#include <stddef.h>

struct ring {
	char *data; /* owned */
	size_t size;
	size_t start, end; /* of what is in it */
	size_t wrap;	   /* if wrapped: where the part up to the end of the storage ends */
	bool wrapped;	   /* it goes on at the beginning of the storage */
};

void ring_init(struct ring *r, size_t size);
void ring_release(struct ring *r); /* accepts a zeroed one */
void ring_clear(struct ring *r);

/* Where a piece of up to len bytes can be written; NULL if it does not fit. */
static inline char *ring_room(struct ring *r, size_t len)
{
	if (!r->wrapped && r->size - r->end < len && r->start >= len) {
		r->wrap = r->end;
		r->wrapped = true;
		r->end = 0;
	}
	size_t limit = r->wrapped ? r->start : r->size;
	return limit - r->end < len ? NULL : r->data + r->end;
}

/* Puts in what was written where ring_room said, up to end. */
static inline void ring_put(struct ring *r, const char *end)
{
	r->end = (size_t)(end - r->data);
}

/* The oldest bytes that lie in one stretch; len is 0 if there are none. Valid until the
 * next ring_take. */
const char *ring_oldest(const struct ring *r, size_t *len);
/* The bytes after those, at the start of the storage. */
const char *ring_rest(const struct ring *r, size_t *len);
/* Takes out the oldest n, no more than ring_oldest gave. */
void ring_take(struct ring *r, size_t len);

static inline size_t ring_used(const struct ring *r)
{
	return r->wrapped ? r->wrap - r->start + r->end : r->end - r->start;
}

#endif

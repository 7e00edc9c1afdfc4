/* What is known of each slot's write, in two bits. */
#ifndef AUDIT_ROWS_SLOTS_H
#define AUDIT_ROWS_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mark {
	MARK_NONE,   /* no row tells of it, or it has been counted */
	MARK_UNREAD, /* it has a row, and was not read back */
	MARK_ABSENT,
	MARK_PRESENT,
};

/* Slots above are those of no load: an hour of a thousand million writes a second. */
#define MARK_SLOT_MAX (UINT64_C(1) << 42)

struct slots {
	unsigned char *bytes; /* owned */
	uint64_t count;	      /* slots: one more than the highest with a row */
	size_t alloc;	      /* bytes */
};

void slots_release(struct slots *m); /* accepts a zeroed one */

static inline enum mark slots_get(const struct slots *m, uint64_t slot)
{
	return slot < m->count ? (enum mark)(m->bytes[slot / 4] >> (slot % 4 * 2) & 3) : MARK_NONE;
}

/* slot < count. */
static inline void slots_put(struct slots *m, uint64_t slot, enum mark k)
{
	unsigned shift = slot % 4 * 2;
	m->bytes[slot / 4] = (unsigned char)((m->bytes[slot / 4] & ~(3u << shift)) | (unsigned)k << shift);
}

/* Notes a row. False if the slot has one already. */
bool slots_add(struct slots *m, uint64_t slot);

#endif

/* What is known of each slot's write, in two bits: until the marks are read back how it was answered,
 * from then on what there is to tell of it. */
#ifndef AUDIT_ROWS_SLOTS_H
#define AUDIT_ROWS_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum answer { ANSWER_NONE, ANSWER_NO /* for sure */, ANSWER_YES };

enum slot {
	SLOT_EMPTY,    /* no row tells of it */
	SLOT_ANSWERED, /* and above: by answer - 1; was not read back */
	SLOT_FINE = 1, /* read back */
	SLOT_UNREAD,
	SLOT_ODD, /* not as its answer says */
};

/* Slots from there on are those of no load, which would need more than an hour of a million writes a second, and
 * more than 1 GiB here. */
#define MARK_SLOT_MAX (UINT64_C(1) << 32)

struct slots {
	unsigned char *bytes; /* owned */
	uint64_t count;	      /* slots: one more than the highest with a row */
	size_t alloc;	      /* bytes */
};

void slots_release(struct slots *m); /* accepts a zeroed one */

static inline unsigned slots_get(const struct slots *m, uint64_t slot)
{
	return slot < m->count ? m->bytes[slot / 4] >> (slot % 4 * 2) & 3u : SLOT_EMPTY;
}

/* slot < count. */
static inline void slots_put(struct slots *m, uint64_t slot, unsigned k)
{
	unsigned shift = slot % 4 * 2;
	m->bytes[slot / 4] = (unsigned char)((m->bytes[slot / 4] & ~(3u << shift)) | k << shift);
}

/* A few of the slots: one bit of each, where those around it have any. */
struct slot_set {
	uint64_t **parts; /* owned, of SLOT_SET_PART slots each; NULL: none of these */
	size_t count;
};

enum { SLOT_SET_PART = 1 << 15 };

void slot_set_release(struct slot_set *s); /* accepts a zeroed one */
void slot_set_add(struct slot_set *s, uint64_t slot);

static inline bool slot_set_has(const struct slot_set *s, uint64_t slot)
{
	const uint64_t *part = slot / SLOT_SET_PART < s->count ? s->parts[slot / SLOT_SET_PART] : NULL;
	return part && part[slot % SLOT_SET_PART / 64] >> (slot % 64) & 1;
}

/* Notes how a row was answered. False if the slot has one already. */
bool slots_add(struct slots *m, uint64_t slot, enum answer a);

#endif

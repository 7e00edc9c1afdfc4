#include "rows/slots.h"

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

enum {
	STEP = 1 << 16
}; /* more at a time; many of them are moved by their pages, so that no copy is beside them */

void slots_release(struct slots *m)
{
	free(m->bytes);
	*m = (struct slots){0};
}

bool slots_add(struct slots *m, uint64_t slot, enum answer a)
{
	if (slot >= m->count) {
		size_t need = (size_t)(slot / 4) + 1;
		if (need > m->alloc) {
			size_t alloc = need + STEP;
			m->bytes = mem_realloc(m->bytes, alloc, 1);
			memset(m->bytes + m->alloc, 0, alloc - m->alloc);
			m->alloc = alloc;
		}
		m->count = slot + 1;
	}
	if (slots_get(m, slot) != SLOT_EMPTY)
		return false;
	slots_put(m, slot, SLOT_ANSWERED + a);
	return true;
}

void slot_set_release(struct slot_set *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->parts[i]);
	free(s->parts);
	*s = (struct slot_set){0};
}

void slot_set_add(struct slot_set *s, uint64_t slot)
{
	size_t at = (size_t)(slot / SLOT_SET_PART);
	if (at >= s->count) {
		s->parts = mem_realloc(s->parts, at + 1, sizeof *s->parts);
		memset(s->parts + s->count, 0, (at + 1 - s->count) * sizeof *s->parts);
		s->count = at + 1;
	}
	if (!s->parts[at])
		s->parts[at] = mem_alloc(SLOT_SET_PART / 8);
	s->parts[at][slot % SLOT_SET_PART / 64] |= UINT64_C(1) << (slot % 64);
}

#include "rows/brief.h"

#include "base/units.h"

#include <errno.h>

/* A word, from its low end. A write that does not fit has the kind WHOLE and its slot and times in
 * words of their own. */
enum {
	KIND_BITS = 3, /* by answer and is_short */
	WHOLE = 6,     /* and above: + is_short; its answer is where the slot would be */
	NODE_BITS = 8,
	SLOT_BITS = 12, /* to the slot before, in both directions */
	DUE_BITS = 16,	/* to the due time before, likewise */
	END_BITS = 64 - KIND_BITS - NODE_BITS - SLOT_BITS - DUE_BITS,
	WHOLE_WORDS = 4,
};

static int64_t middle(int bits)
{
	return INT64_C(1) << (bits - 1);
}

static bool fits(int64_t n, int bits)
{
	return (uint64_t)n < UINT64_C(1) << bits;
}

static void flush(struct brief *b)
{
	if (!b->file && !b->failed) {
		b->file = tmpfile();
		b->failed = !b->file &&
			    err_sys(&b->why, errno, "cannot make a temporary file for the rows' results");
	}
	if (!b->failed && fwrite(&b->block, sizeof b->block, 1, b->file) != 1)
		b->failed = err_sys(&b->why, errno, "cannot write the temporary file of the rows' results");
	b->block.used = 0;
}

void brief_add(struct brief *b, const struct write *w)
{
	int64_t slot = (int64_t)(w->slot - b->last.slot) + middle(SLOT_BITS);
	int64_t due = (w->due_ns - b->last.due_ns) / NS_PER_US,
		end = (w->end_ns - w->due_ns) / NS_PER_US;
	bool exact = b->last.due_ns + due * NS_PER_US == w->due_ns &&
		     w->due_ns + end * NS_PER_US == w->end_ns;
	due += middle(DUE_BITS);
	if (b->block.used + WHOLE_WORDS > BRIEF_WORDS)
		flush(b);
	uint64_t *to = b->block.words + b->block.used;
	if (exact && fits(w->node, NODE_BITS) && fits(slot, SLOT_BITS) && fits(due, DUE_BITS) &&
	    fits(end, END_BITS)) {
		uint64_t word = (uint64_t)end << DUE_BITS | (uint64_t)due;
		word = (word << SLOT_BITS | (uint64_t)slot) << NODE_BITS | w->node;
		*to = word << KIND_BITS | (uint64_t)w->answer << 1 | w->is_short;
		b->block.used++;
	} else {
		to[0] = ((uint64_t)w->node << 2 | w->answer) << KIND_BITS | WHOLE | w->is_short;
		to[1] = w->slot;
		to[2] = (uint64_t)w->due_ns;
		to[3] = (uint64_t)w->end_ns;
		b->block.used += WHOLE_WORDS;
	}
	b->last = *w;
}

static uint64_t shift(uint64_t *word, int bits)
{
	uint64_t n = *word & ((UINT64_C(1) << bits) - 1);
	*word >>= bits;
	return n;
}

/* Reads the write at *at, which becomes what is behind it. */
static void unpack(const uint64_t **at, struct write *w)
{
	const uint64_t *from = *at;
	uint64_t word = *from, kind = shift(&word, KIND_BITS);
	w->is_short = kind & 1;
	if (kind >= WHOLE) {
		w->answer = (enum answer)shift(&word, 2);
		w->node = (uint32_t)word;
		w->slot = from[1];
		w->due_ns = (int64_t)from[2];
		w->end_ns = (int64_t)from[3];
		*at += WHOLE_WORDS;
		return;
	}
	w->answer = (enum answer)(kind >> 1);
	w->node = (uint32_t)shift(&word, NODE_BITS);
	w->slot += shift(&word, SLOT_BITS) - (uint64_t)middle(SLOT_BITS);
	w->due_ns += ((int64_t)shift(&word, DUE_BITS) - middle(DUE_BITS)) * NS_PER_US;
	w->end_ns = w->due_ns + (int64_t)word * NS_PER_US;
	++*at;
}

int brief_each(struct brief *b, void (*take)(void *arg, const struct write *w), void *arg,
	       struct err *e)
{
	struct write w = {0};
	flush(b);
	if (b->failed) {
		*e = b->why;
		return -1;
	}
	if (fseek(b->file, 0, SEEK_SET)) /* writes what is left */
		return err_sys(e, errno, "cannot write the temporary file of the rows' results");
	while (fread(&b->block, sizeof b->block, 1, b->file) == 1)
		for (const uint64_t *at = b->block.words, *end = at + b->block.used; at < end;) {
			unpack(&at, &w);
			take(arg, &w);
		}
	return ferror(b->file) ? err_sys(e, errno, "cannot read the temporary file of the rows' results") : 0;
}

void brief_release(struct brief *b)
{
	if (b->file)
		fclose(b->file);
	b->file = NULL;
}

#include "input/slotmap.h"

#include "base/units.h"
#include "run/shards.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
	PAGE_BITS = 12,
	PAGE_SLOTS = 1 << PAGE_BITS,
	PAGES = 1 << (32 - PAGE_BITS),
	EXACT_PAGES = 128, /* up to here with the time of each slot; up to twice this, of two slots; ... */
};

/* When some slots in a row are due, and by which files; nothing is due before 1970. */
struct due {
	int64_t first_ns, last_ns; /* 0: none is there */
	uint32_t first_in, last_in;
};

struct page {
	uint64_t bits[PAGE_SLOTS / 64]; /* the slots that are there */
	struct due due[]; /* each of 2^shift slots */
};

struct slot_set {
	struct page **pages; /* by slot; owned */
	size_t page_count;
	unsigned shift;
	uint64_t first, last; /* slots; there is at least one */
	int64_t first_ns, last_ns;
	uint32_t file; /* the one that is read */
};

/* --- one set ------------------------------------------------------------- */

static void set_free(struct slot_set *s)
{
	for (size_t i = s->first >> PAGE_BITS; s->page_count && i <= s->last >> PAGE_BITS; i++)
		free(s->pages[i]);
	free(s->pages);
	free(s);
}

static void due_join(struct due *a, const struct due *b)
{
	if (!b->first_ns)
		return;
	if (!a->first_ns || b->first_ns < a->first_ns) {
		a->first_ns = b->first_ns;
		a->first_in = b->first_in;
	}
	if (b->last_ns > a->last_ns) {
		a->last_ns = b->last_ns;
		a->last_in = b->last_in;
	}
}

/* Times for parts twice as long. */
static void set_fold(struct slot_set *s)
{
	size_t count = PAGE_SLOTS >> ++s->shift;
	for (size_t i = s->first >> PAGE_BITS; s->page_count && i <= s->last >> PAGE_BITS; i++) {
		struct page *p = s->pages[i];
		for (size_t k = 0; p && k < count; k++) {
			p->due[k] = p->due[2 * k];
			due_join(&p->due[k], &p->due[2 * k + 1]);
		}
		if (p)
			s->pages[i] = mem_realloc(p, 1, sizeof *p + count * sizeof *p->due);
	}
}

static void set_fit(struct slot_set *s)
{
	while (s->shift < PAGE_BITS && s->page_count > (size_t)EXACT_PAGES << s->shift)
		set_fold(s);
}

static void set_span(struct slot_set *s, uint64_t first, uint64_t last, int64_t first_ns, int64_t last_ns)
{
	bool empty = s->page_count == 0;
	s->first = empty || first < s->first ? first : s->first;
	s->last = empty || last > s->last ? last : s->last;
	s->first_ns = empty || first_ns < s->first_ns ? first_ns : s->first_ns;
	s->last_ns = empty || last_ns > s->last_ns ? last_ns : s->last_ns;
}

static void set_add(struct slot_set *s, uint64_t slot, int64_t due_ns)
{
	struct page **place = &s->pages[slot >> PAGE_BITS];
	size_t at = slot % PAGE_SLOTS;
	set_span(s, slot, slot, due_ns, due_ns);
	if (!*place) {
		*place = mem_alloc(sizeof **place + (PAGE_SLOTS >> s->shift) * sizeof *(*place)->due);
		s->page_count++;
		set_fit(s);
	}
	(*place)->bits[at / 64] |= UINT64_C(1) << at % 64;
	due_join(&(*place)->due[at >> s->shift], &(struct due){due_ns, due_ns, s->file, s->file});
}

/* Takes what is in the other, and frees it. */
static void set_join(struct slot_set *s, struct slot_set *other)
{
	while (s->shift < other->shift)
		set_fold(s);
	while (other->shift < s->shift)
		set_fold(other);
	set_span(s, other->first, other->last, other->first_ns, other->last_ns);
	for (size_t i = other->first >> PAGE_BITS; i <= other->last >> PAGE_BITS; i++) {
		struct page *from = other->pages[i], *to = s->pages[i];
		if (from && !to) {
			s->pages[i] = from;
			s->page_count++;
			other->pages[i] = NULL;
		} else if (from) {
			for (size_t k = 0; k < PAGE_SLOTS / 64; k++)
				to->bits[k] |= from->bits[k];
			for (size_t k = 0; k < (size_t)PAGE_SLOTS >> s->shift; k++)
				due_join(&to->due[k], &from->due[k]);
		}
	}
	set_free(other);
	set_fit(s);
}

/* What both have. */
static struct slot_span set_common(const struct slot_set *a, const struct slot_set *b)
{
	struct slot_span common = {0};
	uint64_t first = a->first > b->first ? a->first : b->first, last = a->last < b->last ? a->last : b->last;
	for (size_t i = first >> PAGE_BITS; i <= last >> PAGE_BITS; i++)
		for (size_t k = 0; a->pages[i] && b->pages[i] && k < PAGE_SLOTS / 64; k++)
			for (uint64_t m = a->pages[i]->bits[k] & b->pages[i]->bits[k]; m; m &= m - 1) {
				uint64_t slot = ((uint64_t)i << PAGE_BITS) + 64 * k + (uint64_t)__builtin_ctzll(m);
				slot_span_add(&common, slot, slot);
			}
	return common;
}

static const struct due *set_due(const struct slot_set *s, uint64_t slot)
{
	return &s->pages[slot >> PAGE_BITS]->due[slot % PAGE_SLOTS >> s->shift];
}

/* The first slot from there on that is there, or that is not; one behind the last. */
static uint64_t set_next(const struct slot_set *s, uint64_t slot, bool there)
{
	while (slot <= s->last) {
		const struct page *p = s->pages[slot >> PAGE_BITS];
		uint64_t word = p ? p->bits[slot % PAGE_SLOTS / 64] : 0;
		uint64_t rest = (there ? word : ~word) >> slot % 64;
		if (rest)
			return slot + (uint64_t)__builtin_ctzll(rest);
		slot = (slot | 63) + 1;
	}
	return s->last + 1;
}

/* --- what is told -------------------------------------------------------- */

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t rest = a % b;
		a = b;
		b = rest;
	}
	return a;
}

void slot_span_add(struct slot_span *s, uint64_t first, uint64_t last)
{
	if (!s->count)
		s->first = first;
	else if (s->step != 1)
		s->step = common_divisor(first - s->last, s->step);
	if (first != last)
		s->step = 1;
	s->last = last;
	s->count += last - first + 1;
}

void slot_span_tell(const struct slot_span *s, struct buf *out)
{
	bool even = s->count > 1 && s->step > 1 && s->count == (s->last - s->first) / s->step + 1;
	if (s->count <= 1)
		buf_addf(out, "slot %" PRIu64, s->first);
	else
		buf_addf(out, "%" PRIu64 " slots from %" PRIu64 " to %" PRIu64, s->count, s->first, s->last);
	if (even)
		buf_addf(out, " in steps of %" PRIu64, s->step);
}

/* --- all of them --------------------------------------------------------- */

void slotmap_release(struct slotmap *s)
{
	for (size_t i = 0; i < s->load_count; i++)
		set_free(s->loads[i]);
	if (s->part)
		set_free(s->part);
	free(s->loads);
	free(s->names);
	*s = (struct slotmap){0};
}

void slotmap_begin(struct slotmap *s, const char *name)
{
	s->names = mem_grow(s->names, &s->name_alloc, s->name_count, sizeof *s->names);
	s->names[s->name_count] = name;
	s->part = mem_alloc(sizeof *s->part);
	s->part->pages = mem_alloc(PAGES * sizeof *s->part->pages);
	s->part->file = (uint32_t)s->name_count++;
}

void slotmap_add(struct slotmap *s, const struct csv_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].slot >> 32 == 0 && rows[i].kind != CSV_COUNTS && rows[i].due_ns > 0)
			set_add(s->part, rows[i].slot, rows[i].due_ns);
		else if (rows[i].kind != CSV_LOST)
			s->partly = true;
}

static int err_twice(const struct slotmap *s, const struct slot_set *load, const struct slot_span *common, struct err *e)
{
	const char *a = load->shift ? NULL : s->names[set_due(load, common->first)->first_in];
	struct buf text = BUF_INIT;
	slot_span_tell(common, &text);
	err_usage(e, "%s of '%s' %s also in %s%s%s: the same rows twice, or another load (--load NAME=FILE)", text.data,
		  s->names[s->part->file], common->count == 1 ? "is" : "are", a ? "'" : "", a ? a : "a file before it",
		  a ? "'" : "");
	buf_release(&text);
	return -1;
}

int slotmap_end(struct slotmap *s, struct err *e)
{
	struct slot_set *part = s->part;
	size_t kept = 0;
	for (size_t i = 0; part->page_count && i < s->load_count; i++) {
		const struct slot_set *load = s->loads[i];
		struct slot_span common = {0};
		if (load->first_ns <= part->last_ns && part->first_ns <= load->last_ns)
			common = set_common(load, part);
		if (common.count)
			return err_twice(s, load, &common, e);
	}
	s->part = NULL;
	if (!part->page_count) {
		set_free(part);
		return 0;
	}
	for (size_t i = 0; i < s->load_count; i++)
		if (s->loads[i]->first_ns <= part->last_ns && part->first_ns <= s->loads[i]->last_ns)
			set_join(part, s->loads[i]);
		else
			s->loads[kept++] = s->loads[i];
	s->load_count = kept;
	s->loads = mem_grow(s->loads, &s->load_alloc, s->load_count, sizeof(struct slot_set *));
	s->loads[s->load_count++] = part;
	return 0;
}

static int by_time(const void *a, const void *b)
{
	const struct slot_set *const *x = a, *const *y = b;
	return ((*x)->first_ns > (*y)->first_ns) - ((*x)->first_ns < (*y)->first_ns);
}

/* Whether each slot is due when those before it were, or later. */
static int check_order(const struct slotmap *s, const struct slot_set *load, struct err *e)
{
	struct due latest = {0}, late = {0}, early = {0};
	uint64_t latest_slot = 0, late_slot = 0, early_slot = 0, part = UINT64_C(1) << load->shift;
	int64_t most_ns = SHARDS_SKEW_NS;
	for (uint64_t at = set_next(load, load->first, true); at <= load->last;
	     at = set_next(load, (at | (part - 1)) + 1, true)) {
		const struct due *due = set_due(load, at);
		if (latest.last_ns - due->first_ns > most_ns) {
			most_ns = latest.last_ns - due->first_ns;
			late = latest, late_slot = latest_slot;
			early = *due, early_slot = at;
		}
		if (due->last_ns > latest.last_ns)
			latest = *due, latest_slot = at;
	}
	if (!early.first_ns)
		return 0;
	const char *about = load->shift ? "about " : "";
	return err_usage(e, "%sslot %" PRIu64 " of '%s' is due %.3f s before %sslot %" PRIu64 " of '%s': not one clock, or not one "
			 "schedule (at most %g s is allowed)",
			 about, early_slot, s->names[early.first_in], ns_to_s(most_ns), about, late_slot, s->names[late.last_in],
			 ns_to_s(SHARDS_SKEW_NS));
}

int slotmap_finish(struct slotmap *s, struct err *e)
{
	size_t count = 0;
	if (s->load_count > 1)
		qsort(s->loads, s->load_count, sizeof(struct slot_set *), by_time);
	for (size_t i = 0; i < s->load_count; i++)
		if (count && !set_common(s->loads[count - 1], s->loads[i]).count)
			set_join(s->loads[count - 1], s->loads[i]);
		else
			s->loads[count++] = s->loads[i];
	s->load_count = count;
	for (size_t i = 0; i < count; i++)
		if (check_order(s, s->loads[i], e))
			return -1;
	return 0;
}

static int64_t usual_gap_ns(const struct slot_set *s)
{
	return s->last > s->first ? (s->last_ns - s->first_ns) / (int64_t)(s->last - s->first) : 0;
}

void slotmap_holes(const struct slotmap *s, int64_t start_ns, slotmap_hole *with, void *arg)
{
	for (size_t i = 0; i < s->load_count && !s->partly; i++) {
		const struct slot_set *load = s->loads[i];
		if (i == 0 && start_ns && load->first)
			with(arg, 0, load->first - 1, start_ns, set_due(load, load->first)->last_ns, false);
		for (uint64_t at = set_next(load, load->first, false), next; at < load->last; at = set_next(load, next, false)) {
			next = set_next(load, at, true);
			int64_t from_ns = set_due(load, at - 1)->first_ns;
			with(arg, at, next - 1, from_ns, set_due(load, next)->last_ns,
			     from_ns >= load->last_ns - SHARDS_SKEW_NS);
		}
	}
}

void slotmap_pauses(const struct slotmap *s, slotmap_pause *with, void *arg)
{
	for (size_t i = 1; i < s->load_count && !s->partly; i++) {
		const struct slot_set *before = s->loads[i - 1], *next = s->loads[i];
		with(arg, before->last_ns + usual_gap_ns(before), next->first_ns - usual_gap_ns(next));
	}
}

#include "live/counted_intervals.h"

#include "base/buf.h"
#include "base/units.h"

#include <math.h>
#include <stdlib.h>

enum { LEARN = 64 }; /* distances between rows from which their length is learned */

void counted_release(struct counted_intervals *s)
{
	free(s->all);
	*s = (struct counted_intervals){0};
}

static void add(struct counted_intervals *s, const struct counted_interval *x)
{
	struct counted_interval *last = s->count ? &s->all[s->count - 1] : NULL;
	bool same = last && last->from_ns == x->from_ns && last->to_ns == x->to_ns;
	if (last && (same || s->count == INTERVALS_MAX)) {
		last->from_ns = x->from_ns < last->from_ns ? x->from_ns : last->from_ns;
		last->to_ns = x->to_ns > last->to_ns ? x->to_ns : last->to_ns;
		last->ok += x->ok;
		last->err += x->err;
		last->lost += x->lost;
		return;
	}
	s->all = mem_grow(s->all, &s->alloc, s->count, sizeof *s->all);
	s->all[s->count++] = *x;
}

/* --- counts -------------------------------------------------------------- */

int64_t counted_length_ns(const struct counted_intervals *s, const struct csv_row *row)
{
	return row->counts.length_ns ? row->counts.length_ns : s->step_ns ? s->step_ns : NS_PER_S;
}

static void add_counts(struct counted_intervals *s, const struct counted_interval *x)
{
	int64_t length_ns = x->to_ns - x->from_ns;
	s->until_ns = x->to_ns > s->until_ns ? x->to_ns : s->until_ns;
	s->longest_ns = length_ns > s->longest_ns ? length_ns : s->longest_ns;
	add(s, x);
}

/* Learns the length from a row without one. */
static void learn(struct counted_intervals *s, int64_t due_ns)
{
	int64_t ns = llabs(due_ns - s->last_due_ns);
	if (s->last_due_ns && ns > 0 && s->learned < LEARN) {
		s->learned++;
		s->step_ns = s->step_ns && s->step_ns < ns ? s->step_ns : ns;
		s->longest_ns = s->step_ns;
	}
	s->last_due_ns = due_ns;
}

void counted_announce(struct counted_intervals *s, const struct csv_row *row)
{
	if (s->longest_ns || s->has_unsized)
		return;
	if (row->counts.length_ns) {
		s->until_ns = row->due_ns;
		s->longest_ns = row->counts.length_ns;
		return;
	}
	s->has_unsized = true;
	s->unsized = (struct counted_interval){.from_ns = row->due_ns};
}

bool counted_add_counts(struct counted_intervals *s, const struct csv_row *row)
{
	struct counted_interval x = {.from_ns = row->due_ns, .ok = row->counts.ok, .err = row->counts.err};
	if (!row->counts.length_ns)
		learn(s, row->due_ns);
	x.to_ns = x.from_ns + counted_length_ns(s, row);
	if (!row->counts.length_ns && !s->step_ns) { /* all unsized rows have the same time */
		x.ok += s->unsized.ok;
		x.err += s->unsized.err;
		s->unsized = x;
		s->has_unsized = true;
		return false;
	}
	if (s->has_unsized) {
		s->unsized.to_ns = s->unsized.from_ns + s->step_ns;
		s->has_unsized = false;
		add_counts(s, &s->unsized);
	}
	add_counts(s, &x);
	return true;
}

int64_t counted_known_to(const struct counted_intervals *s, int64_t to_ns)
{
	if (s->has_unsized)
		return to_ns < s->unsized.from_ns ? to_ns : s->unsized.from_ns;
	if (!s->longest_ns || to_ns <= s->until_ns)
		return to_ns;
	int64_t behind_ns = to_ns - s->longest_ns;
	return behind_ns > s->until_ns ? behind_ns : s->until_ns;
}

/* --- lost ---------------------------------------------------------------- */

void counted_add_lost(struct counted_intervals *s, const struct csv_row *row)
{
	const struct counted_interval x = {
		.from_ns = row->lost_from_ns, .to_ns = row->lost_to_ns + 1, .lost = row->lost};
	s->lost_to_ns = x.to_ns > s->lost_to_ns ? x.to_ns : s->lost_to_ns;
	add(s, &x);
}

void counted_bound_lost(struct counted_intervals *s, int64_t done_ns)
{
	if (s->lost_to_ns <= done_ns + NS_PER_S)
		return;
	for (size_t i = 0; i < s->count; i++)
		if (s->all[i].lost && s->all[i].to_ns > done_ns)
			s->all[i].to_ns = done_ns;
	s->lost_to_ns = done_ns;
}

int64_t counted_lost_at(const struct counted_intervals *s, int64_t at_ns)
{
	int64_t to_ns = 0;
	for (size_t i = 0; i < s->count; i++) {
		const struct counted_interval *x = &s->all[i];
		if (x->lost && x->from_ns < at_ns && x->to_ns > to_ns)
			to_ns = x->to_ns;
	}
	return to_ns;
}

/* --- both ---------------------------------------------------------------- */

void counted_forget(struct counted_intervals *s, int64_t before_ns)
{
	size_t n = 0;
	for (size_t i = 0; i < s->count; i++)
		if (s->all[i].to_ns > before_ns)
			s->all[n++] = s->all[i];
	s->count = n;
}

static void add_part(struct counted_part *p, const struct counted_interval *x, double part, bool long_one)
{
	p->ok += long_one ? 0 : part * (double)x->ok;
	p->err += long_one ? 0 : part * (double)x->err;
	p->may_ok += long_one ? (double)x->ok : 0;
	p->may_err += long_one ? (double)x->err : 0;
	p->lost += x->lost ? fmax(1, part * (double)x->lost) : 0;
}

static double rounded(double v)
{
	return round(v * 1e6) / 1e6;
}

struct counted_part counted_within(const struct counted_intervals *s, int64_t from_ns, int64_t to_ns)
{
	struct counted_part p = {0};
	for (size_t i = 0; i < s->count; i++) {
		const struct counted_interval *x = &s->all[i];
		int64_t a = x->from_ns > from_ns ? x->from_ns : from_ns;
		int64_t b = x->to_ns < to_ns ? x->to_ns : to_ns;
		double length_ns = (double)(x->to_ns - x->from_ns);
		if (a < b)
			add_part(&p, x, (double)(b - a) / length_ns,
				 length_ns > (double)EVEN_INTERVAL_NS);
	}
	p.ok = rounded(p.ok);
	p.err = rounded(p.err);
	return p;
}

#include "plan/schedule.h"

#include "base/buf.h"
#include "base/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Sums of products of decimal rates and times miss whole numbers by a few ulp, which must not
 * move or duplicate a slot. */
static const double whole_tolerance = 1e-6;

void schedule_init(struct schedule *s)
{
	*s = (struct schedule){.end_ns = SCHEDULE_NEVER};
}

void schedule_release(struct schedule *s)
{
	free(s->pieces);
	*s = (struct schedule){0};
}

/* Slots that fall due in the first t seconds of a piece. */
static double slots_in(const struct schedule_piece *p, double t)
{
	double ramp = ns_to_s(p->ramp_ns);
	if (t < ramp)
		return p->from * t + (p->to - p->from) * t * t / (2 * ramp);
	return (p->from + p->to) / 2 * ramp + p->to * (t - ramp);
}

/* The time in a piece at which x slots have fallen due; before a pause the end of the pause.
 * Infinite if there is none. */
static double time_of(const struct schedule_piece *p, double x)
{
	double ramp = p->ramp_ns ? ns_to_s(p->ramp_ns) : 0; /* a division for each slot */
	double area = (p->from + p->to) / 2 * ramp;
	if (x < area) {
		/* x = from t + a t², in the form that does not cancel for small a */
		double a = (p->to - p->from) / (2 * ramp);
		double root = sqrt(fmax(0, p->from * p->from + 4 * a * x));
		return x > 0 ? 2 * x / (p->from + root) : 0;
	}
	if (p->to > 0)
		return ramp + (x - area) / p->to;
	return INFINITY;
}

static double whole(double x)
{
	return fabs(x - round(x)) < whole_tolerance ? round(x) : x;
}

static void recount(struct schedule *s, size_t from)
{
	for (size_t i = from; i < s->count; i++) {
		struct schedule_piece *p = &s->pieces[i];
		if (i == 0) {
			p->before = 0;
			continue;
		}
		const struct schedule_piece *q = &s->pieces[i - 1];
		p->before = whole(q->before + slots_in(q, ns_to_s(p->at_ns - q->at_ns)));
	}
}

void schedule_ramp(struct schedule *s, int64_t at_ns, double from, double to, int64_t ramp_ns)
{
	size_t i = s->count;
	s->pieces = mem_grow(s->pieces, &s->alloc, s->count, sizeof *s->pieces);
	while (i > 0 && s->pieces[i - 1].at_ns > at_ns)
		i--;
	memmove(&s->pieces[i + 1], &s->pieces[i], (s->count - i) * sizeof *s->pieces);
	s->pieces[i] =
		(struct schedule_piece){.at_ns = at_ns, .ramp_ns = ramp_ns, .from = from, .to = to};
	s->count++;
	recount(s, i);
}

void schedule_rate(struct schedule *s, int64_t at_ns, double rate)
{
	schedule_ramp(s, at_ns, rate, rate, 0);
}

void schedule_list(struct schedule *s, int64_t at_ns, const int64_t *due_ns, size_t count)
{
	s->list = due_ns;
	s->list_count = count;
	s->list_at_ns = at_ns;
}

void schedule_cut_list(struct schedule *s, int64_t at_ns)
{
	while (s->list_count && s->list_at_ns + s->list[s->list_count - 1] >= at_ns)
		s->list_count--;
}

void schedule_end(struct schedule *s, int64_t at_ns)
{
	if (at_ns < s->end_ns)
		s->end_ns = at_ns;
}

/* The last piece with at most `slot` slots before it. */
static size_t piece_of(const struct schedule *s, double slot)
{
	size_t low = 0, high = s->count;
	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;
		if (s->pieces[mid].before <= slot)
			low = mid;
		else
			high = mid;
	}
	return low;
}

static int64_t listed(const struct schedule *s, size_t slot)
{
	int64_t due = slot < s->list_count ? s->list_at_ns + s->list[slot] : SCHEDULE_NEVER;
	return due < s->end_ns ? due : SCHEDULE_NEVER;
}

int64_t schedule_due_at(const struct schedule *s, double place)
{
	if (s->list)
		return listed(s, (size_t)place);
	if (!s->count)
		return SCHEDULE_NEVER;
	size_t i = piece_of(s, place);
	const struct schedule_piece *p = &s->pieces[i];
	double t = time_of(p, place - p->before);
	if (!(t < 1e9)) /* thirty years; keeps the sum below in range */
		return SCHEDULE_NEVER;
	int64_t due = p->at_ns + s_to_ns(t);
	if (i + 1 < s->count && due > s->pieces[i + 1].at_ns)
		due = s->pieces[i + 1].at_ns;
	return due < s->end_ns ? due : SCHEDULE_NEVER;
}

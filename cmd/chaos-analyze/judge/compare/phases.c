#include "judge/compare/phases.h"

#include "base/buf.h"
#include "base/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A stretch of a run, in windows. */
struct stretch {
	const char *name;
	size_t from, to;
};

struct course {
	struct stretch *all;
	size_t count, alloc;
};

/* A window belongs to the phase that covers most of it. */
static void add(struct course *c, const struct run_data *r, const char *name, double from, double to,
		size_t warm_from)
{
	double window_s = ns_to_s(r->grid.window_ns), t0_s = ns_to_s(r->grid.t0_ns);
	double last = (double)r->grid.count;
	double a = fmin(last, fmax((double)warm_from, round((from - t0_s) / window_s)));
	double b = fmin(last, fmax(a, round((to - t0_s) / window_s)));
	c->all = mem_grow(c->all, &c->alloc, c->count, sizeof *c->all);
	c->all[c->count++] = (struct stretch){name, (size_t)a, (size_t)b};
}

static void by_events(struct course *c, const struct judged *of)
{
	const struct run_data *r = of->run;
	const struct event *open = NULL;
	for (size_t i = 0; i < r->facts.log.count; i++) {
		const struct event *ev = &r->facts.log.events[i];
		if (ev->kind != EVENT_PHASE_START && ev->kind != EVENT_RUN_END)
			continue;
		if (open)
			add(c, r, json_text(open->json, "phase"), open->t, ev->t, of->from);
		open = ev->kind == EVENT_PHASE_START ? ev : NULL;
	}
	if (open)
		add(c, r, json_text(open->json, "phase"), open->t, (double)INFINITY, of->from);
}

static void by_faults(struct course *c, const struct judged *of)
{
	const struct faults *f = &of->faults;
	double from = (double)INFINITY, to = 0;
	for (size_t i = 0; i < f->count; i++) {
		const struct judged_fault *x = &f->all[i];
		double at = fault_start(x);
		if (isnan(at))
			continue;
		from = fmin(from, at);
		to = fmax(to, isnan(x->reverted) ? (double)INFINITY : x->reverted);
	}
	if (isinf(from))
		return;
	add(c, of->run, "pre", 0, from, of->from);
	add(c, of->run, "fault", from, to, of->from);
	add(c, of->run, "post", to, (double)INFINITY, of->from);
}

static bool has_phases(const struct run_data *r)
{
	for (size_t i = 0; i < r->facts.log.count; i++)
		if (r->facts.log.events[i].kind == EVENT_PHASE_START)
			return true;
	return false;
}

static const struct stretch *nth(const struct course *c, const char *name, size_t n)
{
	for (size_t i = 0; i < c->count; i++)
		if (strcmp(c->all[i].name, name) == 0 && n-- == 0)
			return c->all[i].from < c->all[i].to ? &c->all[i] : NULL;
	return NULL;
}

static size_t same_before(const struct course *c, size_t i)
{
	size_t n = 0;
	for (size_t k = 0; k < i; k++)
		n += strcmp(c->all[k].name, c->all[i].name) == 0;
	return n;
}

static void add_phase(struct phases *p, const struct analysis *a, const struct course *courses,
		      size_t i)
{
	const struct stretch *s = &courses[0].all[i];
	if (s->from >= s->to)
		return;
	struct phase *phase = &p->all[p->count++];
	*phase = (struct phase){.name = s->name, .parts = comparison_whole(a), .aligned = true};
	phase->parts[0].from = s->from;
	phase->parts[0].to = s->to;
	for (size_t k = 1; k <= a->reference_count; k++) {
		const struct stretch *there =
			nth(&courses[k], s->name, same_before(&courses[0], i));
		phase->aligned = phase->aligned && there;
		if (!there)
			continue;
		phase->parts[k].from = there->from;
		phase->parts[k].to = there->to;
	}
}

void phases_find(struct phases *p, const struct analysis *a)
{
	struct course *courses = mem_alloc((a->reference_count + 1) * sizeof *courses);
	bool events = has_phases(a->own.run);
	for (size_t i = 0; i <= a->reference_count; i++)
		(events ? by_events : by_faults)(&courses[i], i ? &a->references[i - 1] : &a->own);
	*p = (struct phases){.all = mem_alloc((courses[0].count + 1) * sizeof *p->all)};
	for (size_t i = 0; i < courses[0].count; i++)
		add_phase(p, a, courses, i);
	for (size_t i = 0; i <= a->reference_count; i++)
		free(courses[i].all);
	free(courses);
}

void phases_release(struct phases *p)
{
	for (size_t i = 0; i < p->count; i++)
		free(p->all[i].parts);
	free(p->all);
	*p = (struct phases){0};
}

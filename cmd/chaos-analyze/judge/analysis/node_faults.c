#include "judge/analysis/node_faults.h"

#include "judge/impact/attribution.h"

#include "base/buf.h"
#include "base/units.h"

#include <stdlib.h>
#include <string.h>

static const struct node_count *named(const struct nodes *n, const char *name)
{
	for (size_t i = 0; i < n->count; i++)
		if (n->all[i]->number < FAULT_PARTS && strcmp(n->all[i]->node, name) == 0)
			return n->all[i];
	return NULL;
}

/* A node or op in a run: its rows are counted again. If the plan of the run is known, each planned
 * request has a row, and its rows are its plan. */
static void part_init(struct run_data *part, const struct run_data *whole, bool of_op, unsigned number)
{
	const struct grid *g = &whole->grid;
	struct grid *its = &part->grid;
	*part = (struct run_data){0};
	grid_init(its, g->window_ns, g->t0_ns);
	for (size_t i = 0; i < whole->records.count; i++) {
		const struct record *x = &whole->records.all[i];
		if ((of_op ? x->op : x->node) == number)
			grid_add(its, record_due_ns(x), (int64_t)x->latency_us * NS_PER_US, x->failed);
	}
	grid_finish(its, g->end_ns);
	for (size_t k = 0; k < g->count && k < its->count; k++)
		its->windows[k].unmeasured = g->windows[k].unmeasured;
	if (!whole->planned)
		return;
	part->planned = mem_alloc((its->count + 1) * sizeof *part->planned);
	for (size_t k = 0; k < its->count; k++)
		part->planned[k] = its->windows[k].due;
}

static void part_release(struct run_data *part)
{
	grid_release(&part->grid);
	free(part->planned);
}

static void learn(struct baseline *b, const struct run_data *part, const struct analysis *a, size_t from,
		  size_t to, bool own)
{
	*b = (own ? baseline_of_whole : baseline_of)(&part->grid, part->planned, from, to);
	noise_learn(b, &part->grid, part->planned, from, to, &a->params->detect);
}

/* Learns from the same part of the baseline run, if that has it, else from this run before its
 * first fault. */
static void learn_normal(struct baseline *b, const struct run_data *part, const struct analysis *a,
			 bool of_op, const char *name)
{
	const struct judged *r = analysis_reference(a);
	const struct node_count *there = r ? named(of_op ? &r->run->ops : &r->run->nodes, name) : NULL;
	struct run_data its;
	if (r && (!there || !r->run->records.count)) {
		learn(b, part, a, a->own.from,
		      faults_first(&a->own.faults, ns_to_s(part->grid.window_ns), part->grid.count), false);
	} else if (!r) {
		learn(b, part, a, a->normal_from, a->normal_to, a->normal_own);
	} else {
		part_init(&its, r->run, of_op, there->number);
		learn(b, &its, a, a->normal_from, a->normal_to, a->normal_own);
		part_release(&its);
	}
}

/* Few requests a second can make one anomaly of several faults, whatever lies between. Judges a part up to the
 * fault after x, if an anomaly lasts across its start; true if the part was well by then, so that what came
 * later has no say in x. */
static bool detect_alone(struct detection *alone, const struct judged_fault *x, const struct faults *f,
			 const struct run_data *part, const struct detection *d, const struct baseline *normal,
			 const struct detect_params *p)
{
	double t0_s = ns_to_s(part->grid.t0_ns), length_s = ns_to_s(part->grid.window_ns);
	double next = fault_next(f, x, t0_s, true) / length_s;
	struct grid g = part->grid;
	struct detect_params same_level = *p;
	bool across = false;
	g.count = next > 0 && next < (double)g.count ? (size_t)next : 0;
	for (size_t i = 0; i < d->interval_count; i++)
		across |= d->intervals[i].start < g.count && d->intervals[i].end > g.count;
	if (!across)
		return false;
	same_level.run_windows = d->judged;
	detect(alone, &g, part->planned, normal, &same_level);
	return recovery_after(alone, (fault_start(x) - t0_s) / length_s, (x->reverted - t0_s) / length_s,
			      (double)NAN, p->healthy_windows).settled;
}

static void follow_faults(struct faults *f, bool of_op, const struct node_count *which, const struct run_data *part,
			  const struct detection *d, const struct baseline *normal, const struct detect_params *p)
{
	for (size_t i = 0; i < f->count; i++) {
		struct judged_fault *x = &f->all[i];
		struct fault_parts *parts = of_op ? &x->ops : &x->nodes;
		struct detection alone = {0};
		if (!parts->all)
			parts->all = mem_alloc(FAULT_PARTS * sizeof *parts->all);
		struct judged_fault *n = parts->numbered[which->number] = &parts->all[parts->count++];
		*n = (struct judged_fault){.requested = x->requested, .injected = x->injected,
				    .revert_requested = x->revert_requested, .reverted = x->reverted,
				    .of_part = which->node};
		fault_follow(n, f, part, detect_alone(&alone, x, f, part, d, normal, p) ? &alone : d,
			     normal->ok_per_window / ns_to_s(part->grid.window_ns), p->healthy_windows);
		n->judged = n->judged && !x->unjudged;
		detection_release(&alone);
	}
}

static void follow_one(struct analysis *a, bool of_op, const struct node_count *n)
{
	const struct detect_params *p = &a->params->detect;
	struct run_data part;
	struct baseline normal;
	struct detection d;
	part_init(&part, a->own.run, of_op, n->number);
	learn_normal(&normal, &part, a, of_op, n->node);
	detect(&d, &part.grid, part.planned, &normal, p);
	follow_faults(&a->own.faults, of_op, n, &part, &d, &normal, p);
	detection_release(&d);
	part_release(&part);
}

static void follow_all(struct analysis *a, bool of_op)
{
	const struct nodes *n = of_op ? &a->own.run->ops : &a->own.run->nodes;
	for (size_t i = 0; a->own.faults.count && a->own.run->records.count && i < n->count; i++)
		if (n->all[i]->number < FAULT_PARTS && *n->all[i]->node)
			follow_one(a, of_op, n->all[i]);
}

void node_faults_follow(struct analysis *a)
{
	follow_all(a, false);
	follow_all(a, true);
	faults_attribute(&a->own.faults, a->own.run, a->baseline.noise.slow_ns);
	for (size_t i = 0; i < a->reference_count; i++)
		faults_attribute(&a->references[i].faults, a->references[i].run,
				 a->baseline.noise.slow_ns);
}

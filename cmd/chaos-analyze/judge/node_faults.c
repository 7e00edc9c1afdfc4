#include "judge/node_faults.h"

#include "base/buf.h"
#include "base/units.h"

#include <stdlib.h>
#include <string.h>

static const struct node_count *node_named(const struct nodes *n, const char *name)
{
	for (size_t i = 0; i < n->count; i++)
		if (n->all[i]->number < GRID_NODES && strcmp(n->all[i]->node, name) == 0)
			return n->all[i];
	return NULL;
}

/* The node's part of a run. If the plan of the run is known, each planned request has a row, and
 * the rows of the node are its plan. */
static void part_init(struct run *part, const struct run *whole, unsigned number)
{
	*part = (struct run){0};
	grid_of_node(&whole->grid, number, &part->grid);
	if (!whole->planned)
		return;
	part->planned = mem_alloc((part->grid.count + 1) * sizeof *part->planned);
	for (size_t k = 0; k < part->grid.count; k++)
		part->planned[k] = part->grid.windows[k].due;
}

static void part_release(struct run *part)
{
	grid_release(&part->grid);
	free(part->planned);
}

static void learn(struct baseline *b, const struct run *part, const struct analysis *a)
{
	*b = (a->normal_own ? baseline_of_whole : baseline_of)(&part->grid, part->planned,
							       a->normal_from, a->normal_to);
	noise_learn(b, &part->grid, part->planned, a->normal_from, a->normal_to, &a->params->detect,
		    a->normal_own);
}

/* Learns from the node's part of the baseline run, if it has the node, else from this run. */
static void learn_normal(struct baseline *b, const struct run *part, const struct analysis *a,
			 const char *name)
{
	const struct reference *r = analysis_reference(a);
	const struct node_count *there = r ? node_named(&r->run->nodes, name) : NULL;
	struct run its;
	if (!there) {
		learn(b, part, a);
		return;
	}
	part_init(&its, r->run, there->number);
	learn(b, &its, a);
	part_release(&its);
}

static void follow_one(struct analysis *a, const struct node_count *n)
{
	const struct detect_params *p = &a->params->detect;
	struct run part;
	struct baseline normal;
	struct detection d;
	part_init(&part, a->run, n->number);
	learn_normal(&normal, &part, a, n->node);
	detect(&d, &part.grid, part.planned, &normal, p);
	faults_follow_node(&a->faults, n->node, &part, &d,
			   normal.ok_per_window / ns_to_s(part.grid.window_ns), p->healthy_windows);
	detection_release(&d);
	part_release(&part);
}

void node_faults_follow(struct analysis *a)
{
	const struct nodes *n = &a->run->nodes;
	for (size_t i = 0; a->faults.count && i < n->count; i++)
		if (n->all[i]->number < GRID_NODES && *n->all[i]->node)
			follow_one(a, n->all[i]);
}

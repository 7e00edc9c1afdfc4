#include "judge/analysis/window_length.h"

#include "base/units.h"

#include <math.h>

enum { HEALTHY = 5, ENOUGH = 20, ENOUGH_NORMAL = 10 }; /* windows of a run, and before its first fault */

/* Seconds from second 0 to the first fault; INFINITY if there is none. */
static double first_fault_s(const struct run_facts *facts, const struct analysis_params *p, int64_t t0_ns)
{
	struct faults f;
	double first = (double)INFINITY;
	faults_find(&f, &facts->log);
	faults_add_at(&f, p->fault_at, p->fault_at_count, ns_to_s(t0_ns));
	faults_place(&f, ns_to_s(t0_ns));
	for (size_t i = 0; i < f.count; i++)
		if (f.all[i].at_s >= 0)
			first = fmin(first, f.all[i].at_s);
	faults_release(&f);
	return first;
}

size_t window_length_healthy(int64_t window_ns)
{
	size_t windows = (size_t)((HEALTHY * NS_PER_S + window_ns - 1) / window_ns);
	return windows > HEALTHY ? windows : HEALTHY;
}

bool window_length_fits(const struct run_data *r, const struct analysis_params *p, int64_t length_ns,
			bool has_baseline)
{
	const struct grid *g = &r->grid;
	double length_s = ns_to_s(length_ns), fault_s = first_fault_s(&r->facts, p, g->t0_ns);
	double warm_s = ceil(p->detect.warmup_s / length_s - 1e-9) * length_s;
	bool known = g->end_ns > g->t0_ns;
	if (known && ceil(ns_to_s(g->end_ns - g->t0_ns) / length_s) < ENOUGH)
		return false;
	return fault_s >= warm_s + (has_baseline ? 0 : ENOUGH_NORMAL * length_s);
}

static bool divides_all(const struct run_data *run, const struct run_data *bases, size_t base_count,
			int64_t length_ns)
{
	bool all = length_ns % run->grid.window_ns == 0;
	for (size_t i = 0; i < base_count; i++)
		all = all && length_ns % bases[i].grid.window_ns == 0;
	return all;
}

void window_length_share(struct run_data *run, struct run_data *bases, size_t base_count,
			 const struct analysis_params *p, bool by_rate)
{
	const struct analysis_params alone = {.detect = p->detect}; /* --fault-at is for the run */
	int64_t length_ns = 0, want_ns = 0;
	for (size_t i = 0; i <= base_count; i++) {
		const struct grid *g = i ? &bases[i - 1].grid : &run->grid;
		int64_t usual_ns = by_rate ? grid_usual_window(g) : g->window_ns;
		want_ns = usual_ns > want_ns ? usual_ns : want_ns;
		length_ns = g->window_ns > length_ns ? g->window_ns : length_ns;
	}
	for (size_t i = 0; i < GRID_LENGTHS && length_ns < want_ns; i++) {
		int64_t next_ns = grid_lengths_ns[i];
		bool fits = next_ns > length_ns && divides_all(run, bases, base_count, next_ns) &&
			    window_length_fits(run, p, next_ns, base_count > 0);
		for (size_t k = 0; k < base_count; k++)
			fits = fits && window_length_fits(&bases[k], &alone, next_ns, true);
		if (fits)
			length_ns = next_ns;
	}
	run_widen(run, length_ns);
	for (size_t i = 0; i < base_count; i++)
		run_widen(&bases[i], length_ns);
}

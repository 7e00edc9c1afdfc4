#include "live/live.h"

#include "judge/analysis/window_length.h"
#include "base/units.h"

#include <math.h>
#include <stdlib.h>

enum {
	LEARN_MIN = 10,	 /* windows of a baseline before the run is judged by it */
	LEARN_MAX = 600, /* windows after which the baseline is fixed */
	LEARN_OFTEN = 60, /* up to here the baseline is updated with every window, then with every tenth */
	ENOUGH_WINDOWS = 20, /* windows that a run of known length has at least */
};

static int64_t window_ns(const struct live *l)
{
	return l->run->grid.window_ns;
}

/* The first window that cannot be normal: that of the first fault. */
static size_t first_fault(const struct live *l, size_t otherwise)
{
	const struct analysis_params *p = l->config->params;
	struct faults f;
	faults_find(&f, &l->run->facts.log);
	faults_add_at(&f, p->fault_at, p->fault_at_count, ns_to_s(l->t0_ns));
	faults_place(&f, ns_to_s(l->t0_ns));
	size_t first = faults_first(&f, ns_to_s(window_ns(l)), otherwise);
	faults_release(&f);
	return first;
}

static void learn(struct live *l, size_t from, size_t to)
{
	const struct grid *g = &l->run->grid;
	double *planned = run_facts_planned(&l->run->facts, g);
	size_t off = l->forgotten;
	l->normal = baseline_of(g, planned, from - off, to - off);
	noise_learn(&l->normal, g, planned, from - off, to - off, &l->detect);
	free(planned);
	l->has_normal = l->normal.windows > 0;
	l->unsettled = l->told > LIVE_HORIZON ? l->told - LIVE_HORIZON : 0; /* another normal, another judgement */
	l->config->rules->dispersion = l->normal.noise.dispersion_1;
}

/* Rests of a load in bursts that were too few when the normal was learned are anomalies by it, which keep it from
 * being learned again: true once they are usual. A plan tells of its rests itself. */
static bool rests_usual(const struct live *l, size_t from, size_t to)
{
	const struct grid *g = &l->run->grid;
	return l->has_normal && !l->normal.rests && !g->no_unanswered && !l->run->facts.step_count &&
	       baseline_of(g, NULL, from - l->forgotten, to - l->forgotten).rests;
}

/* Much of what was seen, or the newest of it, is anomalous for one of these reasons. */
static bool is_unlike(const struct live *l, unsigned reasons, size_t from, size_t count)
{
	return track_any_open(&l->track, reasons) || 3 * track_windows(&l->track, reasons, from) >= count;
}

void live_learn_normal(struct live *l, bool over)
{
	size_t from = (size_t)ceil(l->detect.warmup_s / ns_to_s(window_ns(l)) - 1e-9);
	size_t end = l->forgotten + l->run->grid.count;
	if (l->config->normal || from < l->forgotten || (l->has_normal && end > from + LEARN_MAX && !over))
		return;
	size_t to = first_fault(l, end);
	size_t count = to > from ? to - from : 0;
	if (count == 0)
		return;
	bool untold = over && !l->has_normal;
	bool often = count <= LEARN_OFTEN || count % 10 == 0 || over;
	bool again = count >= LEARN_MIN && count <= LEARN_MAX && often;
	if (untold || (again && (!is_unlike(l, ~0u, from, count) ||
			       (!is_unlike(l, REASON_ERRORS | REASON_LATENCY, from, count) && rests_usual(l, from, to)))))
		learn(l, from, to);
}

/* Requests a second by the plan, or by the rows if they are enough or cover ten seconds; 0: not known yet. */
static double rate_of(const struct live *l)
{
	const struct run_facts *f = &l->run->facts;
	bool joins = l->joins_ns && l->joins_ns != INT64_MAX;
	int64_t first_ns = joins ? l->joins_ns : l->first_due_ns;
	double rows_s = ns_to_s(l->newest_due_ns - first_ns), waited_s = ns_to_s(l->now_ns - first_ns);
	for (size_t i = 0; i < f->step_count; i++)
		if (f->steps[i].rate_rps + f->steps[i].to_rps > 0)
			return fmax(f->steps[i].rate_rps, f->steps[i].to_rps);
	if (l->due >= GRID_DUE_ENOUGH * fmax(1, waited_s))
		return l->due / fmax(1, waited_s);
	return rows_s >= 10 ? (l->due - 1) / rows_s : 0;
}

void live_learn_length(struct live *l, int64_t end_ns)
{
	struct run_data *r = l->run;
	double rate_rps = rate_of(l), run_s = ns_to_s(end_ns - l->t0_ns);
	int64_t length_ns = window_ns(l);
	if (!(rate_rps > 0))
		return;
	for (size_t i = 0; i < GRID_LENGTHS && rate_rps * ns_to_s(length_ns) < GRID_DUE_ENOUGH; i++) {
		bool few = run_s > 0 && run_s < ENOUGH_WINDOWS * ns_to_s(grid_lengths_ns[i]);
		if (grid_lengths_ns[i] > length_ns && !few &&
		    window_length_fits(r, l->config->params, grid_lengths_ns[i], l->has_normal))
			length_ns = grid_lengths_ns[i];
	}
	run_widen(r, length_ns);
	l->detect.healthy_windows = l->track.healthy_windows = window_length_healthy(length_ns);
	l->next_edge_ns = l->t0_ns + length_ns;
	l->chosen = true;
}

#include "live/live.h"

#include "base/units.h"
#include "cli/diag.h"
#include "judge/metrics.h"
#include "output/windows.h"

#include <math.h>
#include <stdlib.h>

enum {
	LEARN_MIN = 10,	 /* windows of a baseline before the run is judged by it */
	LEARN_MAX = 600, /* windows after which the baseline is fixed */
	LEARN_OFTEN =
		/* up to here the baseline is updated with every window, then with every tenth */
		60,
	HORIZON = 600, /* windows judged again after every window */
	KEPT = 7200,   /* windows kept: from KEPT to 1.5 KEPT */
	RUN_WINDOWS = 3600, /* windows that the bound on false alarms covers */
};
#define FAR_NS (INT64_C(3600) * NS_PER_S)

static int64_t window_ns(const struct live *l)
{
	return l->run->grid.window_ns;
}

static void tell(void *arg, enum track_change change, const struct tracked *x)
{
	struct live *l = arg;
	windows_put_change(change, NULL, x, ns_to_s(window_ns(l)), &l->out);
}

void live_init(struct live *l, const struct live_config *config, struct run *run)
{
	*l = (struct live){.config = config, .run = run, .first_due_ns = INT64_MAX};
	buf_init(&l->out);
	track_init(&l->track, config->params->detect.healthy_windows, tell, l);
	l->scratch = hist_new();
	if (!config->normal)
		return;
	l->normal = *config->normal;
	l->has_normal = true;
	config->rules->dispersion = l->normal.noise.dispersion_1;
}

void live_release(struct live *l)
{
	track_release(&l->track);
	buf_release(&l->out);
	free(l->scratch);
	*l = (struct live){0};
}

/* --- windows ------------------------------------------------------------- */

static void put_window(struct live *l, size_t number, bool final)
{
	windows_put_window(&l->run->grid, NULL, number - l->forgotten, number, final, l->scratch,
			   &l->out);
}

static size_t number_of(const struct live *l, int64_t ns)
{
	return ns <= l->t0_ns ? 0 : (size_t)((ns - l->t0_ns) / window_ns(l));
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

static void learn(struct live *l, size_t from, size_t to, bool own)
{
	const struct run *r = l->run;
	const struct detect_params *p = &l->config->params->detect;
	size_t off = l->forgotten;
	l->normal = baseline_of(&r->grid, r->planned, from - off, to - off);
	noise_learn(&l->normal, &r->grid, r->planned, from - off, to - off, p, own);
	l->has_normal = l->normal.windows > 0;
	l->config->rules->dispersion = l->normal.noise.dispersion_1;
}

/* Learns the baseline from the run before its first fault; not during an anomaly, nor if a third
 * of the windows is anomalous. */
static void learn_so_far(struct live *l, bool over)
{
	double warmup_s = l->config->params->detect.warmup_s;
	size_t from = (size_t)ceil(warmup_s / ns_to_s(window_ns(l)) - 1e-9);
	size_t end = l->forgotten + l->run->grid.count, to = first_fault(l, end);
	bool own = to >= end;
	size_t count = to > from ? to - from : 0;
	if (l->config->normal || from < l->forgotten || count == 0)
		return;
	bool untold = over && !l->has_normal;
	bool unlike = track_any_open(&l->track) || 3 * track_windows(&l->track, from) >= count;
	bool often = count <= LEARN_OFTEN || count % 10 == 0 || over;
	if (untold || (count >= LEARN_MIN && count <= LEARN_MAX && often && !unlike))
		learn(l, from, to, own);
}

/* Judges the windows from that number on. */
static void judge_from(struct live *l, size_t from, bool over)
{
	struct grid view = l->run->grid; /* shares the windows */
	struct detect_params p = l->config->params->detect;
	struct detection d;
	size_t skip = from - l->forgotten;
	if (!l->has_normal)
		return;
	view.windows += skip;
	view.count -= skip;
	view.t0_ns += (int64_t)skip * view.window_ns;
	p.warmup_s = fmax(0, p.warmup_s - (double)from * ns_to_s(view.window_ns));
	p.run_windows = over ? 0 : RUN_WINDOWS;
	detect(&d, &view, l->run->planned ? l->run->planned + skip : NULL, &l->normal, &p);
	track_update(&l->track, &d, from, over);
	detection_release(&d);
}

static void forget_old(struct live *l)
{
	struct grid *g = &l->run->grid;
	if (g->count < KEPT + KEPT / 2)
		return;
	grid_forget(g, KEPT / 2);
	l->forgotten += KEPT / 2;
	track_forget(&l->track, l->forgotten);
}

static void plan(struct live *l)
{
	free(l->run->planned);
	l->run->planned = run_facts_planned(&l->run->facts, &l->run->grid);
}

/* How long a window waits for its rows where nobody says how long a request may take. */
#define UNKNOWN_TIMEOUT_NS (5 * NS_PER_S)

int64_t live_timeout_ns(const struct live *l)
{
	int64_t known = l->run->facts.timeout_ns ? l->run->facts.timeout_ns : l->config->params->timeout_ns;
	return known ? known : UNKNOWN_TIMEOUT_NS;
}

static void end_window(struct live *l)
{
	grid_so_far(&l->run->grid, l->next_edge_ns);
	plan(l);
	size_t final = number_of(l, l->next_edge_ns - live_timeout_ns(l));
	for (; l->final < final; l->final++)
		put_window(l, l->final, true);
	put_window(l, l->told++, false);
	l->next_edge_ns += window_ns(l);
	learn_so_far(l, false);
	judge_from(l, l->told > HORIZON + l->forgotten ? l->told - HORIZON : l->forgotten, false);
	forget_old(l);
}

/* --- rules --------------------------------------------------------------- */

static void put_rule(struct live *l, const char *rule, bool holds, int64_t at_ns, int64_t since_ns,
		     struct expr_value value, struct expr_value bound)
{
	struct json *j = windows_line("rule");
	json_set_str(j, "rule", rule);
	json_set_bool(j, "holds", holds);
	json_set_round(j, "at_s", ns_to_s(at_ns - l->t0_ns), 6);
	json_set_round(j, "since_s", ns_to_s(since_ns - l->t0_ns), 6);
	metric_set_value(j, "value", value);
	metric_set_value(j, "bound", bound);
	windows_put(j, &l->out);
}

static void tell_silence(struct live *l, const struct rules_finding *f)
{
	const struct rules *r = l->config->rules;
	if (!f->silence_began && !f->silence_ended)
		return;
	int64_t at_ns = f->silence_ended ? r->answered_ns : l->next_step_ns;
	double bound = f->silence_began ? ns_to_s(f->silence_limit_ns) : (double)NAN;
	put_rule(l, "silence", f->silence_began, at_ns, r->silent_since_ns,
		 expr_exactly(ns_to_s(at_ns - r->silent_since_ns)), expr_exactly(bound));
}

static void judge_rules(struct live *l)
{
	int64_t warm_ns = l->t0_ns + s_to_ns(l->config->params->detect.warmup_s);
	bool idle = run_facts_idle(&l->run->facts, l->next_step_ns);
	struct rules_finding f = rules_at(l->config->rules, l->next_step_ns, warm_ns, idle);
	if (l->config->windows)
		tell_silence(l, &f);
	if (f.stop) {
		if (l->config->windows)
			put_rule(l, f.stop->expr.text, true, l->next_step_ns, f.stop->since_ns,
				 f.value, f.bound);
		diag("stop rule: %s, %.1f s after the start", f.stop->expr.text,
		     ns_to_s(l->next_step_ns - l->t0_ns));
		l->stopped = true;
	}
	l->next_step_ns += RULES_STEP_NS;
}

/* --- time ---------------------------------------------------------------- */

/* Second 0 is known once its window has passed: rows come in the order of completion, so the
 * first row need not be slot 0. */
static bool start(struct live *l)
{
	struct grid *g = &l->run->grid;
	bool declared = l->run->facts.t0_ns != 0;
	int64_t t0_ns = declared ? g->t0_ns : l->first_due_ns;
	if (t0_ns == INT64_MAX || l->now_ns < t0_ns + g->window_ns + LIVE_GRACE_NS)
		return false;
	if (l->config->windows) {
		grid_so_far(g, t0_ns);
		t0_ns = g->t0_ns;
		windows_put_head(ns_to_s(t0_ns), &l->out);
	}
	l->t0_ns = t0_ns;
	l->next_edge_ns = t0_ns + g->window_ns;
	l->next_step_ns = (t0_ns / RULES_STEP_NS + 1) * RULES_STEP_NS;
	l->started = true;
	return true;
}

int64_t live_end_ns(const struct live *l)
{
	int64_t known = l->run->facts.end_ns, duration_ns = l->config->duration_ns;
	return known ? known : l->started && duration_ns ? l->t0_ns + duration_ns : 0;
}

void live_at(struct live *l, int64_t now_ns)
{
	if (now_ns <= l->now_ns || l->stopped)
		return;
	l->now_ns = now_ns;
	if (!l->started && !start(l))
		return;
	int64_t to_ns = now_ns - LIVE_GRACE_NS, end_ns = live_end_ns(l);
	if (end_ns && end_ns < to_ns)
		to_ns = end_ns;
	to_ns = rules_known_to(l->config->rules, to_ns);
	while (!l->stopped && (l->next_step_ns <= to_ns || l->next_edge_ns <= to_ns)) {
		if (l->next_step_ns < l->next_edge_ns)
			judge_rules(l);
		else if (l->config->windows)
			end_window(l);
		else
			l->next_edge_ns += window_ns(l);
	}
}

/* A single row an hour ahead is an error and must not advance time; neither may rows farther
 * ahead than a run can last, which belong to another run. */
static bool far_ahead(struct live *l, int64_t at_ns)
{
	bool confirmed = l->far_ns && llabs(at_ns - l->far_ns) < FAR_NS;
	l->far_ns = at_ns - l->now_ns > FAR_NS ? at_ns : 0;
	bool beyond = (at_ns - l->now_ns) / window_ns(l) >= GRID_WINDOWS_MAX;
	return l->now_ns && l->far_ns && (!confirmed || beyond);
}

/* A marker of dropped rows describes requests due before it was written. */
static void add_lost(struct live *l, const struct csv_row *row)
{
	if (l->now_ns && row->lost_to_ns - l->now_ns > FAR_NS) {
		l->run->grid.outside++;
		return;
	}
	rules_add(l->config->rules, row);
	run_add(l->run, row);
}

/* Warns that the rules may never become true. */
static void warn_of_length(struct live *l)
{
	const struct rules *r = l->config->rules;
	if (l->warned || r->count == 0 || r->counted.longest_ns <= EVEN_INTERVAL_NS)
		return;
	l->warned = true;
	diag("counts of %g s: a stop rule is true only if it is in each of their seconds",
	     ns_to_s(r->counted.longest_ns));
}

void live_row(struct live *l, const struct csv_row *row)
{
	if (l->stopped)
		return;
	if (row->kind == CSV_LOST) {
		add_lost(l, row);
		return;
	}
	int64_t done_ns = rules_done_ns(l->config->rules, row);
	if (far_ahead(l, row->kind == CSV_COUNTS ? row->due_ns : done_ns)) {
		l->run->grid.outside++;
		return;
	}
	if (row->due_ns < l->first_due_ns)
		l->first_due_ns = row->due_ns;
	if (done_ns > l->last_done_ns)
		l->last_done_ns = done_ns;
	if (row->kind == CSV_COUNTS)
		counted_announce(&l->config->rules->counted, row);
	live_at(l, done_ns);
	if (l->stopped)
		return;
	if (l->started && number_of(l, row->due_ns) < l->final)
		l->late++;
	rules_add(l->config->rules, row);
	run_add(l->run, row);
	warn_of_length(l);
}

void live_input_over(struct live *l)
{
	int64_t until_ns = l->config->rules->counted.until_ns;
	if (until_ns && l->last_done_ns)
		live_at(l, until_ns + LIVE_GRACE_NS);
}

void live_finish(struct live *l, int64_t end_ns, const char *reason)
{
	struct run *r = l->run;
	grid_finish(&r->grid, live_end_ns(l) && !l->stopped ? live_end_ns(l) : end_ns);
	plan(l);
	run_end_counts(r);
	if (!l->config->windows)
		return;
	if (!l->started) {
		l->t0_ns = r->grid.t0_ns;
		windows_put_head(r->grid.count ? ns_to_s(l->t0_ns) : (double)NAN, &l->out);
	}
	size_t count = l->forgotten + r->grid.count;
	for (; l->final < count; l->final++)
		put_window(l, l->final, true);
	learn_so_far(l, true);
	judge_from(l, l->forgotten, true);
	windows_put_end(r, ns_to_s(r->grid.end_ns - l->t0_ns), reason, l->late, &l->out);
}

#include "live/live.h"

#include "judge/analysis/metrics.h"
#include "judge/analysis/window_length.h"
#include "base/units.h"
#include "cli/diag.h"
#include "output/windows.h"

#include <math.h>
#include <stdlib.h>

#ifndef CHAOS_BOUND_DIVISOR
#define CHAOS_BOUND_DIVISOR 1 /* more in builds for tests */
#endif
enum {
	HORIZON_OPEN = 60,  /* windows judged again within an anomaly that has lasted longer */
	KEPT = 7200 / CHAOS_BOUND_DIVISOR, /* windows kept: from KEPT to 1.5 KEPT */
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
	windows_put_change(change, l->config->load, x, ns_to_s(window_ns(l)), &l->out);
}

void live_init(struct live *l, const struct live_config *config, struct run_data *run)
{
	*l = (struct live){.config = config, .run = run, .first_due_ns = INT64_MAX,
			   .detect = config->params->detect, .chosen = !config->choose};
	buf_init(&l->out);
	track_init(&l->track, l->detect.healthy_windows, tell, l);
	l->scratch = hist_new();
	l->joins_ns = config->load ? INT64_MAX : 0;
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

/* Without a plan, nothing is known of the time before the first row of a load that joins others. The first row
 * of one whose requests hang comes after the timeout. */
static bool is_before(const struct live *l, size_t number, bool final)
{
	return (final || l->joins_ns != INT64_MAX) && !l->run->facts.step_count &&
	       grid_is_before(&l->run->grid, number - l->forgotten, l->joins_ns);
}

/* What is not final yet is marked only as it is told: an earlier row may come. */
static void put_window(struct live *l, size_t number, bool final)
{
	const struct grid *g = &l->run->grid;
	struct grid_window *w = &g->windows[number - l->forgotten];
	const bool before = is_before(l, number, final), unmeasured = w->unmeasured;
	int64_t in_flight = g->left_open;
	w->unmeasured |= before;
	for (size_t k = 0; k <= number - l->forgotten && k < g->count; k++)
		in_flight += grid_left_open(&g->windows[k]);
	windows_put_window(g, l->config->load, number - l->forgotten, number, final,
			   l->run->counts ? -1 : in_flight, l->scratch, &l->out);
	if (!final)
		w->unmeasured = unmeasured;
}

static size_t number_of(const struct live *l, int64_t ns)
{
	return ns <= l->t0_ns ? 0 : (size_t)((ns - l->t0_ns) / window_ns(l));
}

/* Where to judge from next: what later windows or rows can still change. */
static void settle(struct live *l, const struct detection *d, size_t from)
{
	const struct interval *last = d->interval_count ? &d->intervals[d->interval_count - 1] : NULL;
	bool lasts = last && !track_is_over(d, last, l->detect.healthy_windows);
	size_t at = lasts && last->start < d->settled ? last->start : d->settled, horizon = LIVE_HORIZON;
	l->unsettled = from + at < l->final ? from + at : l->final;
	l->open = 0;
	if (lasts && l->unsettled + HORIZON_OPEN < l->told && last->alarm + HORIZON_OPEN < d->count) {
		horizon = HORIZON_OPEN;
		l->open = last->reasons;
	}
	if (l->unsettled + horizon < l->told)
		l->unsettled = l->told - horizon;
}

/* Judges the windows again that are not settled; over: all that are kept. */
static void judge_again(struct live *l, bool over)
{
	struct grid view = l->run->grid; /* shares the windows */
	struct detect_params p = l->detect;
	struct detection d;
	if (!l->has_normal)
		return;
	size_t from = over || l->unsettled < l->forgotten ? l->forgotten : l->unsettled;
	size_t skip = from - l->forgotten;
	view.windows += skip;
	view.count -= skip;
	view.t0_ns += (int64_t)skip * view.window_ns;
	p.warmup_s = fmax(0, p.warmup_s - (double)from * ns_to_s(view.window_ns));
	p.run_windows = over ? 0 : RUN_WINDOWS;
	p.open = over ? 0 : l->open;
	double *planned = run_facts_planned(&l->run->facts, &view);
	detect(&d, &view, planned, &l->normal, &p);
	track_update(&l->track, &d, from, over);
	settle(l, &d, from);
	detection_release(&d);
	free(planned);
}

static void forget(struct live *l, size_t windows)
{
	grid_forget(&l->run->grid, windows);
	l->forgotten += windows;
	track_forget(&l->track, l->forgotten);
}

static void forget_old(struct live *l)
{
	struct grid *g = &l->run->grid;
	if (g->count < KEPT + KEPT / 2)
		return;
	forget(l, KEPT / 2);
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
	size_t final = number_of(l, l->next_edge_ns - live_timeout_ns(l));
	for (; l->final < final; l->final++)
		put_window(l, l->final, true);
	put_window(l, l->told++, false);
	l->next_edge_ns += window_ns(l);
	live_learn_normal(l, false);
	judge_again(l, false);
	forget_old(l);
}

/* Of a time without a row that is longer than what is kept, only the first and the last windows are
 * looked at; one line stands for the others. Stop rules are judged throughout. */
static void pass_gap(struct live *l, int64_t to_ns)
{
	const struct grid *g = &l->run->grid;
	int64_t until_ns = to_ns - LIVE_HORIZON * window_ns(l);
	int64_t quiet_ns = l->next_edge_ns - LIVE_HORIZON * window_ns(l) - live_timeout_ns(l);
	if (until_ns - l->next_edge_ns < KEPT * window_ns(l) || l->config->rules->count ||
	    l->config->rules->counted.count || quiet_ns < l->last_done_ns || quiet_ns < g->last_due_ns)
		return;
	size_t from = l->told, windows = (size_t)((until_ns - l->next_edge_ns) / window_ns(l));
	for (; l->final < l->told; l->final++)
		put_window(l, l->final, true);
	windows_put_gap(l->config->load, from, windows, ns_to_s(window_ns(l)), &l->out);
	l->told = l->final = l->unsettled = from + windows;
	l->next_edge_ns += (int64_t)windows * window_ns(l);
	l->next_step_ns += (int64_t)windows * window_ns(l) / RULES_STEP_NS * RULES_STEP_NS;
	for (size_t i = 0; i < l->track.count; i++) /* what is open lasts */
		if (!l->track.all[i].closed)
			l->track.all[i].interval.end = l->told + 1;
	forget(l, from + windows - l->forgotten);
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
	windows_put_load(j, l->config->load);
	json_line(j, &l->out);
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
	int64_t warm_ns = l->t0_ns + s_to_ns(l->detect.warmup_s);
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
		windows_put_head(l->config->load, ns_to_s(t0_ns), &l->out);
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
	if (!l->chosen)
		live_learn_length(l, end_ns);
	for (;;) {
		int64_t edge_ns = l->chosen && l->config->windows ? l->next_edge_ns : INT64_MAX;
		if (l->stopped || (l->next_step_ns > to_ns && edge_ns > to_ns))
			return;
		if (l->next_step_ns < edge_ns) {
			judge_rules(l);
			continue;
		}
		end_window(l);
		pass_gap(l, to_ns);
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

/* A time without a request may be an outage where the log lacks those without an answer. A pause that the plan has says
 * nothing of the load at other times. */
static bool is_rest(const struct live *l, int64_t due_ns)
{
	int64_t busy_ns = l->config->rules->rests.busy_ns, middle_ns = busy_ns + (due_ns - busy_ns) / 2;
	return due_ns > busy_ns && !l->run->grid.no_unanswered && !run_facts_idle(&l->run->facts, middle_ns);
}

/* A marker of dropped rows describes requests due before it was written. */
static void add_lost(struct live *l, const struct csv_row *row)
{
	if (l->now_ns && row->lost_to_ns - l->now_ns > FAR_NS) {
		l->run->grid.outside++;
		return;
	}
	rules_add(l->config->rules, row, false);
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
	if (row->due_ns < l->joins_ns)
		l->joins_ns = row->due_ns;
	if (row->due_ns < l->first_due_ns)
		l->first_due_ns = row->due_ns;
	if (row->due_ns > l->newest_due_ns)
		l->newest_due_ns = row->due_ns;
	l->due += row->kind == CSV_COUNTS ? (double)row->counts.ok + row->counts.err : 1;
	if (row->kind == CSV_COUNTS)
		counted_announce(&l->config->rules->counted, row);
	live_at(l, done_ns);
	if (done_ns > l->last_done_ns)
		l->last_done_ns = done_ns;
	if (l->stopped)
		return;
	if (l->started && number_of(l, row->due_ns) < l->final)
		l->late++;
	rules_add(l->config->rules, row, is_rest(l, row->due_ns));
	run_add(l->run, row);
	warn_of_length(l);
}

void live_input_over(struct live *l)
{
	int64_t until_ns = l->config->rules->counted.until_ns;
	bool estimated;
	if (!until_ns && l->run->grid.rows && l->run->grid.resolution_ns > NS_PER_MS) {
		until_ns = grid_natural_end(&l->run->grid, &estimated);
		until_ns = estimated ? 0 : until_ns;
	}
	if (until_ns && l->last_done_ns)
		live_at(l, until_ns + LIVE_GRACE_NS);
}

void live_finish(struct live *l, int64_t end_ns, const char *reason)
{
	struct run_data *r = l->run;
	grid_finish(&r->grid, live_end_ns(l) && !l->stopped ? live_end_ns(l) : end_ns);
	r->planned = run_facts_planned(&r->facts, &r->grid);
	run_end_counts(r);
	for (size_t i = 0; l->started && i < r->grid.count; i++)
		r->grid.windows[i].unmeasured |= is_before(l, l->forgotten + i, true);
	if (!l->config->windows)
		return;
	if (!l->chosen) {
		window_length_share(r, NULL, 0, l->config->params, true);
		l->detect.healthy_windows = l->track.healthy_windows = window_length_healthy(window_ns(l));
	}
	if (!l->started) {
		l->t0_ns = r->grid.t0_ns;
		windows_put_head(l->config->load, r->grid.count ? ns_to_s(l->t0_ns) : (double)NAN, &l->out);
	}
	size_t count = l->forgotten + r->grid.count;
	for (; l->final < count; l->final++)
		put_window(l, l->final, true);
	live_learn_normal(l, true);
	judge_again(l, true);
	windows_put_end(r, l->config->load, ns_to_s(r->grid.end_ns - l->t0_ns), reason, l->late, &l->out);
}

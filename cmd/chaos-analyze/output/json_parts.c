#include "output/json_parts.h"

#include "base/units.h"
#include "judge/impact/attribution.h"
#include "url/url.h"

#include <math.h>
#include <stdlib.h>

void put_ms(struct json *j, const char *key, int64_t ns)
{
	json_set_round(j, key, ns < 0 ? (double)NAN : ns_to_ms(ns), 3);
}

void put_err(struct json *j, uint64_t err, bool unknown)
{
	if (unknown)
		json_set_null(j, "err");
	else
		json_set_int(j, "err", (int64_t)err);
}

void put_percentiles(struct json *j, const struct hist *h)
{
	put_ms(j, "p50_latency_ms", hist_quantile_ns(h, 0.50));
	put_ms(j, "p95_latency_ms", hist_quantile_ns(h, 0.95));
	put_ms(j, "p99_latency_ms", hist_quantile_ns(h, 0.99));
}

static void set_epoch(struct json *j, const char *key, int64_t ns)
{
	json_set_round(j, key, ns ? ns_to_s(ns) : (double)NAN, 6);
}

void put_span(struct json *j, const char *key, const struct grid *g, size_t windows)
{
	int64_t ns = (int64_t)windows * g->window_ns;
	if (ns % NS_PER_S == 0)
		json_set_int(j, key, ns / NS_PER_S);
	else
		json_set_round(j, key, ns_to_s(ns), 6);
}

struct json *params_json(const struct analysis *a)
{
	const struct detect_params *p = &a->params->detect;
	struct json *j = json_object_new();
	json_set_num(j, "window_s", ns_to_s(a->own.run->grid.window_ns));
	json_set_num(j, "throughput_drop_threshold", p->throughput_drop);
	json_set_num(j, "error_rate_threshold", p->error_rate);
	json_set_num(j, "warmup_ignore_sec", p->warmup_s);
	json_set_str(j, "detector", p->detector == DETECTOR_AUTO ? "auto" : "threshold");
	json_set_round(j, "alarm_level", a->own.detection.alarm_level, 3);
	put_span(j, "stable_seconds", &a->own.run->grid, p->healthy_windows);
	json_set_round(j, "timeout_s", a->own.timeout_ns ? ns_to_s(a->own.timeout_ns) : (double)NAN, 6);
	json_set_str(j, "timeout_from",
		     !a->own.timeout_ns			 ? NULL
		     : a->own.run->facts.timeout_ns ? "load_summary"
		     : a->own.run->waited_ns	 ? "rows"
						 : "config");
	json_set_bool(j, "slo_given", a->params->slo_given);
	json_set_num(j, "latency_factor", p->latency_factor);
	json_set_num(j, "latency_min_ms", p->latency_min_ms);
	return j;
}

static void count_windows(struct json *j, const struct grid *g, const struct detection *d)
{
	size_t empty = 0, unmeasured = 0;
	for (size_t k = 0; k < g->count; k++) {
		empty += g->windows[k].due + g->windows[k].unjudged == 0;
		unmeasured += g->windows[k].unmeasured;
	}
	put_span(j, "seconds", g, g->count);
	put_span(j, "seconds_empty", g, empty);
	put_span(j, "seconds_unmeasured", g, unmeasured);
	put_span(j, "seconds_judged", g, d->judged);
}

/* Whether percentiles are measured, estimated or unknown. */
static const char *percentiles(const struct run_data *r)
{
	if (r->counts == 0)
		return "measured";
	return r->counts == r->rows && r->counts_timed == 0 ? "unknown" : "estimated";
}

struct json *input_json(const struct analysis *a)
{
	const struct run_data *r = a->own.run;
	struct json *j = json_object_new();
	json_set_int(j, "rows", (int64_t)grid_requests(&r->grid));
	json_set_int(j, "rows_bad", (int64_t)r->bad);
	json_set_int(j, "rows_torn", (int64_t)r->torn);
	json_set_int(j, "rows_duplicate", (int64_t)r->duplicate);
	json_set_int(j, "rows_outside", (int64_t)r->grid.outside);
	json_set_int(j, "lost", (int64_t)r->grid.lost);
	json_set_int(j, "counts", (int64_t)r->counts);
	json_set_str(j, "percentiles", percentiles(r));
	set_epoch(j, "start_epoch_s", r->grid.count ? r->grid.t0_ns : 0);
	json_set_round(j, "duration_s", ns_to_s(r->grid.end_ns - r->grid.t0_ns), 6);
	count_windows(j, &r->grid, &a->own.detection);
	json_set_int(j, "events", (int64_t)r->facts.log.count);
	json_set_int(j, "events_bad", (int64_t)r->facts.log.bad_lines);
	if (r->facts.has_sound)
		json_set_bool(j, "load_sound", r->facts.sound);
	else
		json_set_null(j, "load_sound");
	json_set_int(j, "rows_aborted", (int64_t)r->grid.unjudged);
	json_set_int(j, "slots_missing", (int64_t)r->missing.count);
	json_set_int(j, "parts_missed", r->parts_missed);
	json_set_int(j, "rows_contradict", (int64_t)r->contradictory);
	return j;
}

static struct json *classes(const struct summary *s)
{
	struct json *j = json_object_new();
	for (unsigned i = 1; i <= ERROR_COUNT; i++)
		if (s->classes[i])
			json_set_int(j, i < ERROR_COUNT ? error_class_name((enum error_class)i) : "other",
				     (int64_t)s->classes[i]);
	return j;
}

struct json *summary_json(const struct summary *s, int64_t timeout_ns)
{
	struct json *j = json_object_new();
	json_set_round(j, "throughput_rps", s->throughput_rps, 3);
	put_ms(j, "p50_latency_ms", s->latency_ns[0]);
	put_ms(j, "p95_latency_ms", s->latency_ns[1]);
	put_ms(j, "p99_latency_ms", s->latency_ns[2]);
	put_ms(j, "max_latency_ms", s->max_latency_ns);
	put_ms(j, "p50_all_ms", s->latency_all_ns[0]);
	put_ms(j, "p95_all_ms", s->latency_all_ns[1]);
	put_ms(j, "p99_all_ms", s->latency_all_ns[2]);
	put_ms(j, "timeout_ms", timeout_ns ? timeout_ns : -1);
	json_set_round(j, "error_rate", s->error_rate, 6);
	json_set_int(j, "due", (int64_t)s->due);
	json_set_int(j, "ok", (int64_t)s->ok);
	put_err(j, s->err, s->no_failures);
	json_set_int(j, "lost", (int64_t)s->lost);
	json_set(j, "errors", classes(s));
	json_set_round(j, "seconds", s->seconds, 6);
	json_set_round(j, "planned_rps", s->planned_rps, 3);
	if (s->no_unanswered && !s->no_failures)
		json_set_round(j, "error_rate_lower_bound", (double)s->err / (double)s->due, 6);
	return j;
}

/* Rows of other load generators may contain passwords in URLs. */
static void set_url_as(struct json *j, const char *key, const char *url)
{
	char *shown = url ? url_public(url) : NULL;
	json_set_str(j, key, shown);
	free(shown);
}

/* Sets a moment as UNIX time and as seconds of the run. */
static void set_moment(struct json *j, const char *key_epoch_s, const char *key_s, double epoch_s,
		       double t0_s)
{
	json_set_round(j, key_epoch_s, epoch_s, 6);
	json_set_round(j, key_s, epoch_s - t0_s, 3);
}

/* Effects of a fault, on the whole run or on a node. */
static void set_aftermath(struct json *j, const struct judged_fault *f, double t0_s, double window_s)
{
	const double none = (double)NAN;
	const struct recovery *r = &f->after;
	double recovery_s = fault_recovery_s(f), reverted_s = f->reverted - t0_s;
	double detected_s = r->affected ? fmax(f->at_s, (double)(f->alarm + 1) * window_s) : none;
	double silent_s = f->silent_s < f->at_s ? f->at_s : f->silent_s; /* NaN stays NaN */
	double recovered_s = r->affected && !r->censored ? (double)r->recovered * window_s : none;
	double until_s = r->affected && r->censored ? (double)r->recovered * window_s - reverted_s : none;
	json_set_bool(j, "affected", r->affected);
	json_set_round(j, "time_to_first_error_s", f->first_error_s - f->at_s, 3);
	json_set_round(j, "time_to_detect_s", detected_s - f->at_s, 3);
	json_set_round(j, "recovered_s", recovered_s, 3);
	json_set_round(j, "recovery_time_s", r->censored ? none : recovery_s, 3);
	json_set_bool(j, "censored", r->censored);
	json_set_round(j, "recovery_lower_bound_s", r->censored ? recovery_s : none, 3);
	json_set_round(j, "recovery_after_revert_s", recovered_s - reverted_s, 3);
	json_set_round(j, "blackout_s", r->affected ? f->blackout_s : 0, 3);
	json_set_round(j, "lost_requests", f->lost, 0);
	json_set_round(j, "time_to_first_success_s", f->first_success_s - reverted_s, 3);
	json_set_round(j, "recovery_after_revert_lower_bound_s", until_s >= 0 ? until_s : none, 3);
	json_set_int(j, "relapses", (int64_t)r->relapses);
	json_set_round(j, "outage_equiv_s", r->affected ? f->outage_equiv_s : 0, 3);
	json_set_round(j, "time_to_silence_s", silent_s - f->at_s, 3);
	json_set_round(j, "depth", r->affected ? f->depth : 0, 4);
	json_set_round(j, "error_recovery_time_s", fault_trouble_s(f, &r->errors), 3);
	json_set_round(j, "latency_recovery_time_s", fault_trouble_s(f, &r->latency), 3);
}

/* Names a node or an op. */
static void set_part(struct json *j, const char *name, bool op, const struct config *c)
{
	const struct node_conf *conf = op ? NULL : config_node_at(c, name);
	if (op) {
		json_set_str(j, "op", name);
		return;
	}
	json_set_str(j, "node", conf ? conf->name : NULL);
	set_url_as(j, "url", name);
}

static struct json *fault_on_parts(const struct fault_parts *parts, bool ops, const struct config *c,
				   double t0_s, double window_s)
{
	struct json *all = json_array_new();
	for (size_t i = 0; i < parts->count; i++) {
		struct json *j = json_object_new();
		set_part(j, parts->all[i].of_part, ops, c);
		set_aftermath(j, &parts->all[i], t0_s, window_s);
		json_push(all, j);
	}
	return all;
}

struct json *nodes_json(const struct nodes *n, bool ops, const struct grid *g, const struct config *c)
{
	struct json *all = json_array_new();
	for (size_t i = 0; i < n->count; i++) {
		const struct node_count *x = n->all[i];
		uint64_t due = x->ok + x->err;
		struct json *j = json_object_new();
		set_part(j, x->node, ops, c);
		json_set_int(j, "due", (int64_t)due);
		json_set_int(j, "ok", (int64_t)x->ok);
		put_err(j, x->err, g->no_failures);
		json_set_round(j, "error_rate", grid_lacks(g) ? (double)NAN : (double)x->err / (double)due, 6);
		put_percentiles(j, &x->latency);
		json_push(all, j);
	}
	return all;
}

static struct json *tally(const struct analysis *a, const struct tally *t, bool known)
{
	if (!known)
		return NULL;
	struct json *j = json_object_new();
	json_set_int(j, "due", (int64_t)t->due);
	put_err(j, t->err, a->own.run->grid.no_failures);
	if (a->baseline.noise.slow_ns > 0)
		json_set_int(j, "slow", (int64_t)t->slow);
	else
		json_set_null(j, "slow");
	json_set_round(j, "error_rate", grid_lacks(&a->own.run->grid) ? (double)NAN : (double)t->err / (double)t->due, 6);
	return j;
}

static const char *name_of(const struct nodes *n, unsigned number)
{
	for (size_t i = 0; i < n->count; i++)
		if (n->all[i]->number == number && *n->all[i]->node)
			return n->all[i]->node;
	return NULL;
}

static struct json *slowest(const struct analysis *a, const struct judged_fault *f, double normal_ms)
{
	struct json *all = json_array_new();
	for (size_t i = 0; i < FAULT_SLOWEST && f->slowest[i]; i++) {
		const struct record *x = f->slowest[i];
		double ms = x->latency_us / 1000.0;
		int64_t due_ns = record_due_ns(x) - a->own.run->grid.t0_ns;
		struct json *j = json_object_new();
		json_set_round(j, "slot", x->slot == RECORD_NO_SLOT ? (double)NAN : x->slot, 0);
		set_url_as(j, "node", name_of(&a->own.run->nodes, x->node));
		json_set_str(j, "op", name_of(&a->own.run->ops, x->op));
		json_set_round(j, "due_s", ns_to_s(due_ns), 6);
		json_set_round(j, "latency_ms", ms, 3);
		json_set_round(j, "over_normal_ms", ms - normal_ms, 3);
		json_push(all, j);
	}
	return all;
}

/* A delay leaves a gap before its first answers come, and yet each request got one. */
static bool only_slowed(const struct judged_fault *f)
{
	bool slow = f->reasons & REASON_LATENCY || f->shares[SHARE_OWN].slow; /* latency may not be judged */
	return !(f->reasons & ~(unsigned)REASON_LATENCY) ||
	       (slow && f->counted && !(f->lost > 0) && !f->shares[SHARE_SHARED].err);
}

static const char *users(const struct judged_fault *f)
{
	if (!f->judged && !f->after.affected)
		return NULL;
	return !f->after.affected ? "unaffected" : only_slowed(f) ? "slowed" : "failed";
}

static void set_shares(struct json *j, const struct analysis *a, const struct judged_fault *f, double t0_s,
		       double normal_ms)
{
	struct json *others = json_array_new();
	const char *saw = users(f);
	json_set_str(j, "users", saw);
	json_set_bool(j, "absorbed", f->verified && saw && !f->after.affected && !fault_mostly_failed(f));
	json_set_str(j, "past", f->past);
	json_set_bool(j, "node_down", f->node_down);
	json_set_str(j, "effect", f->effect);
	json_set_str(j, "ends", f->ends);
	json_set_num(j, "healed_s", f->healed_s);
	json_set_bool(j, "by_other", f->by_other);
	json_set(j, "own", tally(a, &f->shares[SHARE_OWN], f->counted));
	json_set(j, "after_revert", tally(a, &f->shares[SHARE_AFTER], f->counted));
	json_set(j, "shared", tally(a, &f->shares[SHARE_SHARED], f->counted));
	json_set(j, "slowest", slowest(a, f, normal_ms));
	for (size_t i = 0; i < a->own.faults.count; i++)
		if (&a->own.faults.all[i] != f && a->own.faults.all[i].uid && faults_together(f, &a->own.faults.all[i], t0_s))
			json_push_str(others, a->own.faults.all[i].uid);
	json_set(j, "together_with", others);
}

static struct json *one_fault(const struct judged_fault *f, double t0_s, double window_s)
{
	struct json *j = json_object_new();
	json_set_str(j, "fault", f->uid);
	json_set_str(j, "action", f->action);
	json_set_str(j, "node", f->node);
	json_set_str(j, "url", f->url);
	set_moment(j, "requested_epoch_s", "requested_s", f->requested, t0_s);
	set_moment(j, "injected_epoch_s", "injected_s", f->injected, t0_s);
	set_moment(j, "revert_requested_epoch_s", "revert_requested_s", f->revert_requested, t0_s);
	set_moment(j, "reverted_epoch_s", "reverted_s", f->reverted, t0_s);
	json_set_bool(j, "revert_failed", f->revert_failed);
	bool too_few = f->after.censored && f->after.well_since != SIZE_MAX;
	json_set_round(j, "healthy_since_s", too_few ? (double)f->after.well_since * window_s : (double)NAN, 3);
	set_aftermath(j, f, t0_s, window_s);
	bool kinds = f->after.affected && f->counted;
	json_set_round(j, "write_blackout_s", kinds ? f->write_blackout_s : (double)NAN, 3);
	json_set_round(j, "read_blackout_s", kinds ? f->read_blackout_s : (double)NAN, 3);
	json_set_round(j, "read_error_rate", kinds ? f->read_error_rate : (double)NAN, 6);
	return j;
}

struct json *shared_json(const struct analysis *a)
{
	bool known = a->own.faults.count == 0;
	for (size_t i = 0; i < a->own.faults.count; i++)
		known = known || a->own.faults.all[i].counted;
	return tally(a, &a->own.faults.shared, known);
}

struct json *faults_json(const struct analysis *a, const struct config *c)
{
	const struct grid *g = &a->own.run->grid;
	double t0_s = ns_to_s(g->t0_ns), window_s = ns_to_s(g->window_ns);
	int64_t normal_ns = a->baseline.noise.p99_ns;
	double normal_ms = normal_ns > 0 ? ns_to_ms(normal_ns) : (double)NAN;
	struct json *all = json_array_new();
	for (size_t i = 0; i < a->own.faults.count; i++) {
		struct json *j = one_fault(&a->own.faults.all[i], t0_s, window_s);
		json_set(j, "nodes", fault_on_parts(&a->own.faults.all[i].nodes, false, c, t0_s, window_s));
		json_set(j, "ops", fault_on_parts(&a->own.faults.all[i].ops, true, c, t0_s, window_s));
		set_shares(j, a, &a->own.faults.all[i], t0_s, normal_ms);
		json_push(all, j);
	}
	return all;
}

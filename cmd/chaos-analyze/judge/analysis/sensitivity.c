#include "judge/analysis/sensitivity.h"

#include "base/units.h"
#include "detect/sequential.h"

#include <math.h>
#include <stdio.h>

static double shortest_outage_s(const struct analysis *a)
{
	const struct noise *n = &a->baseline.noise;
	double length_s = ns_to_s(a->own.run->grid.window_ns);
	double normal = a->baseline.ok_per_window * a->rate_ratio, drop = a->params->detect.throughput_drop;
	double seen_s = 2 * drop * length_s; /* so that one of two windows is beyond the threshold */
	if (!(normal > 0) || drop >= 1)
		return (double)NAN;
	if (a->params->detect.detector == DETECTOR_THRESHOLD || n->windows == 0)
		return seen_s;
	double requests = normal * (double)a->own.detection.judged;
	double silence_s = silence_limit_s(n, normal / length_s, requests);
	double sum_s = ceil(a->own.detection.alarm_level * n->dispersion / (drop * normal) + 1) * length_s;
	return fmax(seen_s, fmin(silence_s, sum_s));
}

static bool unstable(const struct baseline *b)
{
	double extra = b->noise.dispersion - 1; /* variance in excess of Poisson */
	return b->noise.windows && b->ok_per_window > 0 && extra > 0 &&
	       sqrt(extra / (16 * b->ok_per_window)) > 0.15;
}

/* True if fewer requests were due, relative to the plan, in windows that lacked successes than in
 * the others. */
static bool closed_loop(const struct analysis *a)
{
	const struct run_data *r = a->own.run;
	double due[2] = {0, 0}, normal[2] = {0, 0};
	for (size_t k = 0; k < a->own.detection.count; k++) {
		const struct judgement *j = &a->own.detection.windows[k];
		bool low = j->anomalous && (j->reasons & REASON_THROUGHPUT);
		if (!j->judged || (j->anomalous && !low))
			continue;
		due[low] += r->grid.windows[k].due + r->grid.windows[k].unjudged;
		normal[low] += r->planned ? r->planned[k] : 1;
	}
	return normal[0] > 0 && normal[1] > 0 && due[1] / normal[1] < 0.7 * due[0] / normal[0];
}

static bool baseline_unsound(const struct analysis *a)
{
	for (size_t i = 0; i < a->reference_count; i++)
		if (a->references[i].run->facts.has_sound && !a->references[i].run->facts.sound)
			return true;
	return false;
}

static bool events_unread(const struct run_data *r)
{
	return event_log_much_unread(&r->facts.log);
}

/* The first of the run and its baselines of which that is so. */
static const struct run_data *first_of(const struct analysis *a, bool (*is_so)(const struct run_data *))
{
	if (is_so(a->own.run))
		return a->own.run;
	for (size_t i = 0; i < a->reference_count; i++)
		if (is_so(a->references[i].run))
			return a->references[i].run;
	return NULL;
}

const struct run_data *sensitivity_much_unread(const struct analysis *a)
{
	return first_of(a, run_much_unread);
}

const struct run_data *sensitivity_events_unread(const struct analysis *a)
{
	return first_of(a, events_unread);
}

uint64_t sensitivity_contradictory(const struct analysis *a)
{
	uint64_t all = a->own.run->contradictory;
	for (size_t i = 0; i < a->reference_count; i++)
		all += a->references[i].run->contradictory;
	return all;
}

/* The baseline is the run after its warm-up with its faults, which were active for most of that time. */
static bool mostly_faulty(const struct analysis *a)
{
	const struct grid *g = &a->own.run->grid;
	double t0_s = ns_to_s(g->t0_ns), end_s = ns_to_s(g->end_ns), faulty_s = 0;
	double from_s = (double)a->normal_from * ns_to_s(g->window_ns);
	for (size_t i = 0; a->whole_run && i < a->own.faults.count; i++) {
		const struct judged_fault *f = &a->own.faults.all[i];
		double at_s = t0_s + fmax(from_s, f->at_s);
		faulty_s += fmax(0, (isnan(f->reverted) ? end_s : fmin(f->reverted, end_s)) - at_s);
	}
	return faulty_s > (end_s - t0_s - from_s) / 2;
}

/* Why the baseline is too little to judge throughput by; false if it is not. */
static bool too_short(const struct analysis *a, char reason[static 160])
{
	double window_s = ns_to_s(a->own.run->grid.window_ns);
	size_t windows = a->baseline.windows;
	if (a->params->detect.throughput_drop >= 1)
		return false;
	if (windows == 0)
		snprintf(reason, 160, "no second of the baseline could be used (the first %g s are its "
				      "warm-up: --warmup-ignore-sec)",
			 a->params->detect.warmup_s);
	else if (windows < BASELINE_MIN)
		snprintf(reason, 160, "the baseline has %g s, and %g are needed",
			 (double)windows * window_s, BASELINE_MIN * window_s);
	else if (mostly_faulty(a))
		snprintf(reason, 160, "no second before the first fault could be used as the baseline");
	return windows < BASELINE_MIN || mostly_faulty(a);
}

static bool has_latencies(const struct grid *g)
{
	for (size_t k = 0; k < g->count; k++)
		if (g->windows[k].packed)
			return true;
	return false;
}

bool latency_is_left_out(const struct analysis *a)
{
	const struct detect_params *p = &a->params->detect;
	return (p->detector != DETECTOR_AUTO || p->error_rate >= 1) && has_latencies(&a->own.run->grid);
}

size_t not_judged_of(const struct analysis *a, struct not_judged out[NOT_JUDGED_MAX])
{
	size_t n = 0;
	bool latency = !latency_is_left_out(a) && has_latencies(&a->own.run->grid);
	if (too_short(a, out[n].reason))
		out[n++].what = "throughput";
	if (!latency || (n == 0 && a->baseline.noise.slow_ns > 0 && a->baseline.noise.windows))
		return n;
	if (n)
		out[n] = out[0];
	else
		snprintf(out[n].reason, sizeof out[n].reason, "%s", a->baseline.noise.slow_ns > 0
			 ? "no second of the baseline is free of anomalies"
			 : "the baseline has too few successes with a latency");
	out[n++].what = "latency";
	return n;
}

/* Probability that a Poisson variable with that mean, its variance multiplied by dispersion, is
 * below x. */
static double below(double x, double mean, double dispersion)
{
	double term = exp(-mean), sum = 0;
	if (mean > 200 || dispersion > 1.2)
		return erfc((mean + 0.5 - x) / sqrt(2 * dispersion * mean)) / 2;
	for (double k = 0; k < x; k++) {
		sum += term;
		term *= mean / (k + 1);
	}
	return fmin(1, sum);
}

/* Bare thresholds: probability that chance alone exceeds one in any window. */
static double by_thresholds(const struct analysis *a)
{
	const struct detect_params *p = &a->params->detect;
	const struct noise *n = &a->baseline.noise;
	double mean = a->baseline.ok_per_window * a->rate_ratio;
	if (n->windows == 0 || !(mean > 0))
		return (double)NAN;
	double drop = below((1 - p->throughput_drop) * mean, mean, fmax(1, n->dispersion_1));
	double errors = 1 - below(floor(p->error_rate * mean) + 1, n->error_rate * mean, n->error_dispersion);
	double one = 1 - (1 - drop) * (1 - errors);
	return 1 - pow(1 - one, (double)a->own.detection.judged);
}

/* Measured with the traffic of test/unit/sequential_test.c and a baseline from another part of
 * the run: false alarms in 0.2 % of the runs with a baseline of 100 windows, 3 % with 30, 17 %
 * with 5. */
static double false_alarm_bound(const struct analysis *a)
{
	size_t windows = a->baseline.noise.windows;
	if (a->params->detect.detector == DETECTOR_THRESHOLD)
		return by_thresholds(a);
	return windows >= 60 ? 0.01 : windows >= 20 ? 0.05 : windows >= 5 ? 0.2 : (double)NAN;
}

static bool may_be_chance(const struct analysis *a, double bound)
{
	const double much = 3;
	bool seen = false;
	for (size_t i = 0; i < a->own.detection.interval_count; i++)
		seen = seen || a->own.detection.intervals[i].evidence >= much * a->own.detection.alarm_level;
	return a->own.detection.interval_count && !seen && !(bound <= 0.1);
}

struct sensitivity sensitivity_of(const struct analysis *a)
{
	const struct run_facts *f = &a->own.run->facts;
	double bound = false_alarm_bound(a);
	return (struct sensitivity){
		.shortest_outage_s = shortest_outage_s(a),
		.false_alarm_bound = bound,
		.may_be_chance = may_be_chance(a, bound),
		.baseline_short = a->baseline.windows < BASELINE_ENOUGH,
		.baseline_unstable = unstable(&a->baseline),
		.generator_unsound = f->has_sound && !f->sound,
		.baseline_unsound = baseline_unsound(a),
		.baseline_unhealthy = baseline_unhealthy(&a->baseline, &a->params->detect),
		.no_failures = a->own.summary.no_failures,
		.no_unanswered = a->own.summary.no_unanswered,
		.no_end = a->own.run->no_end,
		.closed_loop = closed_loop(a),
		.waited = closed_loop(a) || (a->own.run->closed_loop && a->own.detection.anomalous),
	};
}

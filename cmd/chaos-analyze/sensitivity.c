#include "sensitivity.h"

#include "base/units.h"
#include "stat/sequential.h"

#include <math.h>

static double shortest_outage_s(const struct analysis *a)
{
	const struct noise *n = &a->baseline.noise;
	double length_s = ns_to_s(a->run->grid.window_ns);
	double normal = a->baseline.ok_per_window * a->rate_ratio, drop = a->params->detect.throughput_drop;
	double seen_s = 2 * drop * length_s; /* to be beyond the threshold in one of two windows */
	if (!(normal > 0) || drop >= 1)
		return (double)NAN;
	if (a->params->detect.detector == DETECTOR_THRESHOLD || n->windows == 0)
		return seen_s;
	double requests = normal * (double)a->detection.judged;
	double silence_s = silence_limit_s(&a->baseline, normal / length_s, requests);
	double sum_s = ceil(a->detection.alarm_level * n->dispersion / (drop * normal) + 1) * length_s;
	return fmax(seen_s, fmin(silence_s, sum_s));
}

static bool unstable(const struct baseline *b)
{
	double extra = b->noise.dispersion - 1; /* beyond what chance does to counts */
	return b->noise.windows && b->ok_per_window > 0 && extra > 0 &&
	       sqrt(extra / (16 * b->ok_per_window)) > 0.15;
}

/* Requests due in the seconds that lacked successes, against the others and the plan. */
static bool closed_loop(const struct analysis *a)
{
	const struct run *r = a->run;
	double due[2] = {0, 0}, normal[2] = {0, 0};
	for (size_t k = 0; k < a->detection.count; k++) {
		const struct judgement *j = &a->detection.windows[k];
		bool low = j->anomalous && (j->reasons & REASON_THROUGHPUT);
		if (!j->judged || (j->anomalous && !low))
			continue;
		due[low] += r->grid.windows[k].due;
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

struct sensitivity sensitivity_of(const struct analysis *a)
{
	const struct facts *f = &a->run->facts;
	bool tested = a->params->detect.detector == DETECTOR_AUTO && a->baseline.noise.windows;
	return (struct sensitivity){
		.shortest_outage_s = shortest_outage_s(a),
		.false_alarm_bound = tested ? 0.01 : (double)NAN,
		.baseline_short = a->baseline.windows < 20,
		.baseline_unstable = unstable(&a->baseline),
		.generator_unsound = f->has_sound && !f->sound,
		.baseline_unsound = baseline_unsound(a),
		.closed_loop = closed_loop(a),
	};
}

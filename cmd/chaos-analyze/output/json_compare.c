#include "output/json_parts.h"

#include "base/units.h"

#include <math.h>
#include <stdlib.h>

static const char *const verdict_names[] = {
	[COMPARE_PASS] = "pass", [COMPARE_FAIL] = "fail", [COMPARE_INCONCLUSIVE] = "inconclusive"};

static struct json *one(const struct comparison *c)
{
	struct json *j = json_object_new();
	double normal = c->baseline * c->scale;
	json_set_str(j, "metric", c->metric);
	json_set_round(j, "baseline_value", c->baseline, c->decimals);
	json_set_round(j, "run_value", c->run, c->decimals);
	json_set_round(j, "diff", c->run - normal, c->decimals);
	json_set_round(j, "ratio", normal > 0 ? c->run / normal : (double)NAN, 4);
	json_set_round(j, "diff_low", c->diff.low, c->decimals);
	json_set_round(j, "diff_high", c->diff.high, c->decimals);
	json_set_round(j, "tolerance", c->tolerance, c->decimals);
	json_set_str(j, "verdict", isnan(c->tolerance) ? NULL : verdict_names[c->verdict]);
	json_set_round(j, "cliffs_delta", c->delta, 4);
	json_set_round(j, "between_run_sd", c->between_sd, c->decimals);
	json_set_round(j, "decide_s", c->decide_s > 0 ? c->decide_s : (double)NAN, 0);
	json_set_round(j, "decide_baselines",
		       c->decide_baselines ? (double)c->decide_baselines : (double)NAN, 0);
	return j;
}

static struct json *list(const struct comparisons *c)
{
	static const enum compared order[COMPARED_COUNT] = {
		COMPARED_THROUGHPUT, COMPARED_P50,     COMPARED_P95,
		COMPARED_P99,	     COMPARED_P99_ALL, COMPARED_ERROR_RATE,
		COMPARED_REQUEST,    COMPARED_TIME,    COMPARED_YIELD};
	struct json *all = json_array_new();
	for (size_t i = 0; i < COMPARED_COUNT; i++)
		json_push(all, one(&c->all[order[i]]));
	return all;
}

struct json *compare_json(const struct judgements *v)
{
	return v->has_whole ? list(&v->whole) : json_array_new();
}

static struct json *phase(const struct analysis *a, const struct phase *p)
{
	const struct part *run = &p->parts[0];
	double window_s = ns_to_s(run->of->run->grid.window_ns);
	struct json *j = json_object_new();
	bool has = a->reference_count > 0;
	json_set_str(j, "phase", p->name);
	json_set_round(j, "start_s", (double)run->from * window_s, 3);
	json_set_round(j, "end_s",
		       fmin((double)run->to * window_s,
			    ns_to_s(run->of->run->grid.end_ns - run->of->run->grid.t0_ns)),
		       3);
	json_set(j, "run_summary", summary_json(&p->result.run, a->own.timeout_ns));
	json_set(j, "baseline_summary",
		 has ? summary_json(&p->result.baseline, analysis_reference(a)->timeout_ns) : NULL);
	json_set_bool(j, "baseline_whole", !p->aligned);
	json_set(j, "compare", has ? list(&p->result) : json_array_new());
	json_set_str(j, "verdict", has ? verdict_names[p->result.verdict] : NULL);
	return j;
}

struct json *phases_json(const struct analysis *a, const struct judgements *v)
{
	struct json *all = json_array_new();
	for (size_t i = 0; i < v->phases.count; i++)
		json_push(all, phase(a, &v->phases.all[i]));
	return all;
}

struct json *comparison_json(const struct analysis *a, const struct judgements *v)
{
	if (!v->has_whole)
		return NULL;
	struct json *j = json_object_new(), *reasons = json_array_new();
	json_set_int(j, "baselines", (int64_t)a->reference_count);
	json_set_str(j, "between_run_variance", a->reference_count < 3 ? "unknown" : "estimated");
	json_set_str(j, "verdict", verdict_names[judgements_verdict(v)]);
	judgements_reasons(v, reasons);
	json_set(j, "reasons", reasons);
	return j;
}

struct json *availability_json(const struct analysis *a, const struct judged *of)
{
	const struct availability v = analysis_availability(a, of);
	struct json *j = json_object_new();
	json_set_round(j, "request", v.request, 6);
	json_set_round(j, "time", v.time, 6);
	json_set_round(j, "yield", v.yield, 6);
	json_set_round(j, "yield_of_normal", v.yield_of_normal, 6);
	json_set_num(j, "slo", a->params->slo);
	json_set_round(j, "outage_equiv_s", v.outage_equiv_s, 3);
	json_set_round(j, "budget_burned", v.budget_burned, 6);
	json_set_round(j, "burn_rate", v.burn_rate, 3);
	return j;
}

struct json *baselines_json(const struct analysis *a)
{
	struct json *all = json_array_new();
	for (size_t i = 0; i < a->reference_count; i++) {
		const struct judged *r = &a->references[i];
		struct json *j = json_object_new();
		const struct run_source *from = r->run->source;
		json_set_str(j, "id", from->id);
		json_set_str(j, "file", from->id ? NULL : from->samples[0]);
		json_set_bool(j, "normal", i == a->middle);
		json_set_int(j, "rows", (int64_t)grid_requests(&r->run->grid));
		json_set(j, "summary", summary_json(&r->summary, r->timeout_ns));
		json_set(j, "availability", availability_json(a, r));
		json_push(all, j);
	}
	return all;
}

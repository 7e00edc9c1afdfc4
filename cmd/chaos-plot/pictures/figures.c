#include "pictures/figures.h"

#include <math.h>
#include <string.h>

static struct figures figures_from(const struct json *summary)
{
	return (struct figures){
		.throughput_rps = json_num(json_get(summary, "throughput_rps"), NAN),
		.p50_ms = json_num(json_get(summary, "p50_latency_ms"), NAN),
		.p95_ms = json_num(json_get(summary, "p95_latency_ms"), NAN),
		.p99_ms = json_num(json_get(summary, "p99_latency_ms"), NAN),
		.error_rate = json_num(json_get(summary, "error_rate"), NAN),
		.offered_rps = json_num(json_get(summary, "due"), NAN) /
			       json_num(json_get(summary, "seconds"), NAN),
	};
}

/* True if the analysis is about these two runs: given by the user, or with the same baseline id. */
static bool analysis_fits(const struct options *o, const struct json *analysis)
{
	return o->analysis ||
	       (o->baseline_id &&
		strcmp(json_str(json_get(analysis, "baseline_id"), ""), o->baseline_id) == 0);
}

static bool compares(const struct json *analysis)
{
	return json_is_object(json_get(analysis, "run_summary")) &&
	       json_is_object(json_get(analysis, "baseline_summary"));
}

void figures_find(const struct options *o, const struct source *run, const struct source *baseline,
		  struct change all[static METRIC_COUNT], const char **load)
{
	bool given = compares(run->analysis) && analysis_fits(o, run->analysis);
	const struct json *both = given ? run->analysis : run->found;
	bool compared = compares(both);
	const struct figures its = figures_from(json_get(both, "run_summary"));
	const struct figures others = figures_from(compared ? json_get(both, "baseline_summary")
							    : json_get(baseline->found, "run_summary"));
	changes_of(&others, &its, compared ? both : NULL, all);
	*load = change_other_load(&others, &its) ? "their load was not the same" : "";
}

#include "pictures/figures.h"

#include "base/buf.h"
#include "run/ask.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

struct pair {
	struct figures run, baseline;
};

static bool figures_from(const struct json *summary, struct figures *f)
{
	if (!json_is_object(summary))
		return false;
	*f = (struct figures){
		.throughput_rps = json_num(json_get(summary, "throughput_rps"), NAN),
		.p50_ms = json_num(json_get(summary, "p50_latency_ms"), NAN),
		.p95_ms = json_num(json_get(summary, "p95_latency_ms"), NAN),
		.p99_ms = json_num(json_get(summary, "p99_latency_ms"), NAN),
		.error_rate = json_num(json_get(summary, "error_rate"), NAN),
		.offered_rps = json_num(json_get(summary, "due"), NAN) /
			       json_num(json_get(summary, "seconds"), NAN),
	};
	return true;
}

/* The analysis speaks of these very two runs: named by the user, or by its ids. */
static bool analysis_fits(const struct options *o, const struct json *analysis)
{
	return o->analysis ||
	       (o->baseline_id &&
		strcmp(json_str(json_get(analysis, "baseline_id"), ""), o->baseline_id) == 0);
}

/* False if the analysis has no summaries of two runs. */
static bool from_analysis(const struct json *analysis, struct change all[static METRIC_COUNT],
			  const char **load)
{
	struct pair p;
	if (!figures_from(json_get(analysis, "run_summary"), &p.run) ||
	    !figures_from(json_get(analysis, "baseline_summary"), &p.baseline))
		return false;
	changes_of(&p.baseline, &p.run, analysis, all);
	if (change_other_load(&p.baseline, &p.run))
		*load = "their load was not the same";
	return true;
}

/* The run's own analysis was made without this baseline: the picture must not say other
 * numbers than chaos-analyze, which alone knows what was planned. */
static int ask(const struct options *o, struct change all[static METRIC_COUNT], const char **load,
	       struct err *e)
{
	struct ask ask = {.in_fd = -1, .err_fd = STDERR_FILENO};
	struct buf text = BUF_INIT;
	struct json *analysis = NULL;
	ask_option(&ask, "--run-id", o->run_id);
	ask_option(&ask, "--baseline-id", o->baseline_id);
	ask_option(&ask, "--runs-dir", o->runs_dir);
	ask_option(&ask, "--config", o->config);
	int rc = ask_analyze(&ask, &text, NULL, e);
	if (!rc)
		analysis = analysis_parse(&text, "chaos-analyze", e);
	if (rc && !*e->msg)
		rc = err_runtime(e, "chaos-analyze could not compare the runs");
	else if (!rc && (!analysis || !from_analysis(analysis, all, load)))
		rc = err_runtime(e, "chaos-analyze had no summaries of the two runs");
	json_free(analysis);
	buf_release(&text);
	return rc;
}

int figures_find(const struct options *o, const struct source *run, const struct source *baseline,
		 struct change all[static METRIC_COUNT], const char **load, struct err *e)
{
	struct pair p;
	const struct json *a = run->analysis;
	*load = "";
	if (a && analysis_fits(o, a) && from_analysis(a, all, load))
		return 0;
	if (o->run_id && o->baseline_id)
		return ask(o, all, load, e);
	figures_from(json_get(run->found, "run_summary"), &p.run);
	figures_from(json_get(baseline->found, "run_summary"), &p.baseline);
	changes_of(&p.baseline, &p.run, NULL, all);
	if (change_other_load(&p.baseline, &p.run))
		*load = "their load was not the same";
	return 0;
}

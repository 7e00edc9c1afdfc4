#include "conduct/normal.h"

#include "base/units.h"
#include "detect/metric.h"

#include <math.h>
#include <stdio.h>

struct normal {
	const struct tally *tally;
	double seconds;
};

static struct expr_value value_of(const void *context, unsigned metric, bool baseline)
{
	const struct normal *n = context;
	const struct tally *t = n->tally;
	double ok = (double)t->normal.total, failed = (double)t->normal_failed;
	static const double quantiles[] = {[METRIC_P50] = 0.5, [METRIC_P95] = 0.95, [METRIC_P99] = 0.99, [METRIC_MAX] = 1};
	if (baseline || ok + failed <= 0)
		return expr_unknown();
	if (metric == METRIC_ERROR_RATE)
		return expr_exactly(failed / (ok + failed));
	if (metric == METRIC_THROUGHPUT)
		return expr_exactly(n->seconds > 0 ? ok / n->seconds : (double)NAN);
	if (metric >= METRIC_P50 && metric <= METRIC_MAX)
		return expr_exactly(ok > 0 ? ns_to_ms(hist_quantile_ns(&t->normal, quantiles[metric])) : (double)NAN);
	if (metric == METRIC_ERR || metric == METRIC_DUE)
		return expr_exactly(metric == METRIC_ERR ? failed : ok + failed);
	return expr_unknown();
}

void normal_judge(const struct run *r, const char *rule, size_t load, char *why, size_t size)
{
	struct normal n = {.tally = &r->loads[load].tally};
	const struct expr_source from = {value_of, &n};
	struct expr x;
	struct expr_value left;
	struct err e;
	n.seconds = ns_to_s(anchor_wall_ns(&r->anchor, mono_ns()) - n.tally->normal_from_ns);
	enum expr_truth t = rule_parse(&x, rule_of_load(rule), RULE_STEADY, false, &e) ? EXPR_UNKNOWN
										     : expr_eval(&x, &from, &left, NULL);
	if (t == EXPR_FALSE)
		snprintf(why, size, "%s does not hold of '%s' (it is %.4g%s%s)", rule, r->plan->loads[load].name, left.low,
			 n.tally->failed ? "; most failures: " : "", tally_most(n.tally));
	else if (t == EXPR_UNKNOWN)
		snprintf(why, size, "%s cannot be judged of '%s' yet", rule, r->plan->loads[load].name);
}

/* A baseline that failed itself: what follows cannot become healthy again by the same thresholds. */
#include "report/finding/finding.h"

#include "report/facts/words.h"

#include <math.h>
#include <string.h>

/* The op that had most of the failures, of several; NULL if none had. */
static const char *worst_op(const struct json *analysis)
{
	const struct json *ops = json_get(analysis, "ops"), *worst = NULL;
	double most = 0, all = 0;
	for (size_t i = 0; i < json_count(ops); i++) {
		double err = json_num(json_get(json_at(ops, i), "err"), 0);
		all += err;
		if (err > most) {
			most = err;
			worst = json_at(ops, i);
		}
	}
	return json_count(ops) > 1 && most > all / 2 ? json_str(json_get(worst, "op"), NULL) : NULL;
}

static char *of_one(const struct json *analysis, const char *load)
{
	char share[WORDS_MAX];
	const char *source = json_text(analysis, "baseline.source");
	bool self = strcmp(source, "self") == 0 && json_count(json_get(analysis, "faults"));
	const char *where = self			    ? "already before the fault"
			    : strcmp(source, "run") == 0 ? "in the baseline"
							 : "in the run itself, by which it is judged";
	const char *op = worst_op(analysis);
	if (!json_bool(json_get(analysis, "sensitivity.baseline_unhealthy"), false))
		return NULL;
	words_share(json_num(json_get(analysis, "baseline.error_rate"), NAN), share);
	return mem_printf("%s of the requests%s%s failed %s%s%s", share, load ? " of " : "", load ? load : "",
			  where, op ? ", most of them " : "", op ? op : "");
}

char *report_unhealthy(const struct json *analysis)
{
	const struct json *loads = json_get(analysis, "loads"), *its;
	const char *name;
	void *iter = NULL;
	if (!json_is_object(loads))
		return of_one(analysis, NULL);
	while (json_next(loads, &iter, &name, &its)) {
		char *text = of_one(its, name);
		if (text)
			return text;
	}
	return NULL;
}

static double unseen_s(const struct json *analysis)
{
	if (!json_bool(json_get(analysis, "sensitivity.baseline_unstable"), false))
		return NAN;
	return json_num(json_get(analysis, "sensitivity.shortest_outage_s"), NAN);
}

void report_add_unstable(struct buf *out, const struct json *analysis)
{
	const struct json *loads = json_get(analysis, "loads"), *its;
	double longest_s = unseen_s(analysis);
	char span[WORDS_MAX];
	const char *name;
	void *iter = NULL;
	while (json_is_object(loads) && json_next(loads, &iter, &name, &its))
		longest_s = fmax(longest_s, unseen_s(its)); /* ignores NaN */
	if (!isnan(longest_s))
		buf_addf(out, "; outages shorter than %s would not be seen, as the normal varies by more than 15 %%",
			 words_span(longest_s, span));
}

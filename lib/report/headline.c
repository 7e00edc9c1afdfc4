/* The title and the finding in a paragraph. */
#include "report/report.h"

#include <math.h>
#include <stdlib.h>

/* The anomaly with the largest value of key, or with the least. */
static size_t worst_interval(const struct report *r, const char *key, bool least)
{
	size_t count = json_count(json_get(r->analysis, "intervals")), worst = 0;
	double seen = NAN;
	for (size_t i = 0; i < count; i++) {
		const struct fact *f = facts_find(r->facts, "intervals.%zu.%s", i, key);
		if (!f || (!isnan(seen) && (least ? f->value >= seen : f->value <= seen)))
			continue;
		seen = f->value;
		worst = i;
	}
	return worst;
}

static void add_effect(const struct report *r)
{
	size_t errors = worst_interval(r, "max_error_rate", false);
	size_t ratio = worst_interval(r, "min_ratio", true);
	const struct fact *rate = facts_find(r->facts, "intervals.%zu.max_error_rate", errors);
	const struct fact *least = facts_find(r->facts, "intervals.%zu.min_ratio", ratio);
	if (!(rate && rate->value > 0) && !least)
		return;
	buf_addstr(r->out, " In the worst second ");
	if (rate && rate->value > 0)
		buf_addf(r->out, "%s of requests failed", rate->display);
	if (rate && rate->value > 0 && least)
		buf_addstr(r->out, " and ");
	if (least)
		buf_addf(r->out, "throughput was %s of normal", least->display);
	buf_addch(r->out, '.');
}

static void add_recovery(const struct report *r, size_t faults)
{
	const char *from = faults > 1 ? " after the fault began, at the longest"
			   : faults   ? " after the fault began"
				      : " after the first anomalous second";
	bool censored = json_bool(json_get(r->analysis, "censored"), false);
	if (censored)
		buf_addf(r->out, " It did not become healthy again within the run: at least %s%s.",
			 facts_display(r->facts, "recovery_lower_bound_s"), from);
	else if (facts_find(r->facts, "recovery_time_sec"))
		buf_addf(r->out, " It was healthy again %s%s.",
			 facts_display(r->facts, "recovery_time_sec"), from);
	for (size_t i = 0; i < faults && !censored; i++)
		if (json_bool(json_get(json_at(json_get(r->analysis, "faults"), i), "by_other"), false)) {
			buf_addstr(r->out, " Somebody else ended a fault: this is no recovery of the system's own.");
			break;
		}
}

/* What nobody can tell apart. */
static void add_shared(const struct report *r)
{
	const struct fact *due = facts_find(r->facts, "shared.due");
	if (due && due->value > 0)
		buf_addf(r->out,
			 " Faults overlap: %s requests, of which %s failed, lie in more than one of them and "
			 "cannot be told apart; none of them is among the losses of a single fault.",
			 due->display, facts_display(r->facts, "shared.err"));
}

/* What could not be judged might have been bad too. */
static void add_not_judged(const struct report *r)
{
	const struct json *list = json_get(r->analysis, "not_judged");
	for (size_t i = 0; i < json_count(list); i++) {
		buf_addstr(r->out, i ? "; " : "\nNot judged: ");
		report_text(r->out, json_str(json_get(json_at(list, i), "what"), "?"));
		buf_addstr(r->out, " (");
		report_text(r->out, json_str(json_get(json_at(list, i), "reason"), "?"));
		buf_addch(r->out, ')');
	}
	if (json_count(list))
		buf_addstr(r->out, ".\n");
}

/* Windows of another length than a second, of which the report speaks. */
static void add_window(const struct report *r)
{
	const struct fact *f = facts_find(r->facts, "params.window_s");
	if (f && fabs(f->value - 1) > 1e-9)
		buf_addf(r->out, "\nA second stands here for a window of %s.\n", f->display);
}

static void add_finding(const struct report *r)
{
	char *line = report_line(r->analysis);
	buf_addstr(r->out, "# Report on ");
	report_text(r->out, json_str(json_get(r->analysis, "run_id"), "a run"));
	buf_addstr(r->out, "\n\n**");
	report_text(r->out, line);
	buf_addstr(r->out, ".**");
	if (json_count(json_get(r->analysis, "intervals"))) {
		add_effect(r);
		add_recovery(r, json_count(json_get(r->analysis, "faults")));
	}
	add_shared(r);
	buf_addch(r->out, '\n');
	free(line);
}

void section_headline(const struct report *r)
{
	add_finding(r);
	add_not_judged(r);
	add_window(r);
}

/* The title and the finding in a paragraph. */
#include "report/report.h"

#include "report/words.h"

#include <math.h>
#include <string.h>

/* "service-node-2 was killed at 10.0 s" or "3 faults from 10.0 s on" */
static void add_faults(const struct report *r, size_t count)
{
	const struct json *first = json_at(json_get(r->analysis, "faults"), 0);
	const char *node = report_fault_node(r, 0);
	const char *past = words_past(json_str(json_get(first, "action"), ""));
	bool confirmed = facts_find(r->facts, "faults.0.injected_s");
	const char *at =
		facts_display(r->facts, confirmed ? "faults.0.injected_s" : "faults.0.requested_s");
	if (count > 1) {
		buf_addf(r->out, "%zu faults were injected from %s on", count, at);
		return;
	}
	if (node && past) {
		report_text(r->out, node);
		buf_addf(r->out, " was %s", past);
	} else {
		report_fault_name(r, 0);
		buf_addstr(r->out, " was injected");
	}
	buf_addf(r->out, " at %s%s", at, confirmed ? "" : " (asked for, never confirmed)");
}

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
	buf_addstr(r->out, " At worst, ");
	if (rate && rate->value > 0)
		buf_addf(r->out, "%s of the requests of a second failed", rate->display);
	if (rate && rate->value > 0 && least)
		buf_addstr(r->out, ", and ");
	if (least)
		buf_addf(r->out, "a second's successes were %s of what is normal", least->display);
	buf_addch(r->out, '.');
}

static void add_recovery(const struct report *r, size_t faults)
{
	const char *from = faults > 1 ? " after the fault, at the longest"
			   : faults   ? " after the fault"
				      : " after the first anomalous second";
	if (json_bool(json_get(r->analysis, "censored"), false))
		buf_addf(r->out, " It did not become healthy again within the run: at least %s%s.",
			 facts_display(r->facts, "recovery_lower_bound_s"), from);
	else if (facts_find(r->facts, "recovery_time_sec"))
		buf_addf(r->out, " It was healthy again %s%s.",
			 facts_display(r->facts, "recovery_time_sec"), from);
}

static bool is_zero(const struct report *r, const char *id)
{
	const struct fact *f = facts_find(r->facts, "%s", id);
	return f && !(f->value > 0);
}

/* Tells a run without an anomaly from one that has no requests or no judged second. */
static const char *no_anomaly(const struct report *r)
{
	if (is_zero(r, "input.rows"))
		return "there is no request in the samples: nothing can be said";
	if (is_zero(r, "input.seconds_judged"))
		return "no second could be judged: the run is too short";
	return "no anomaly was seen";
}

void section_headline(const struct report *r)
{
	size_t faults = json_count(json_get(r->analysis, "faults"));
	size_t anomalies = json_count(json_get(r->analysis, "anomaly_windows"));
	buf_addstr(r->out, "# Report on ");
	report_text(r->out, json_str(json_get(r->analysis, "run_id"), "a run"));
	buf_addstr(r->out, "\n\n**");
	if (faults)
		add_faults(r, faults);
	else
		buf_addstr(r->out, "No fault is on record");
	if (!anomalies) {
		buf_addf(r->out, ", and %s.**\n", no_anomaly(r));
		return;
	}
	buf_addf(r->out, "; %zu anomal%s seen.**", anomalies, anomalies > 1 ? "ies were" : "y was");
	add_effect(r);
	add_recovery(r, faults);
	buf_addch(r->out, '\n');
}

#include "report/report.h"

#include "report/words.h"

#include <math.h>
#include <string.h>

void report_text(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 127) {
			buf_addch(out, ' ');
			continue;
		}
		if (strchr("\\`*_[]<>|&~!#", *text))
			buf_addch(out, '\\');
		buf_addch(out, *text);
	}
}

static const struct json *fault_at(const struct report *r, size_t i)
{
	return json_at(json_get(r->analysis, "faults"), i);
}

static const char *fault_node(const struct json *fault)
{
	return json_str(json_get(fault, "node"), json_str(json_get(fault, "url"), NULL));
}

void report_fault_name(const struct report *r, size_t i)
{
	const struct json *fault = fault_at(r, i);
	const char *node = fault_node(fault);
	report_text(r->out, json_str(json_get(fault, "action"), "fault"));
	if (node) {
		buf_addstr(r->out, " of ");
		report_text(r->out, node);
	}
}

/* "service-node-2 was killed at 10.0 s" or "3 faults from 10.0 s on" */
static void say_faults(const struct report *r, size_t count)
{
	const struct json *first = fault_at(r, 0);
	const char *node = fault_node(first);
	const char *done = words_past(json_str(json_get(first, "action"), ""));
	bool confirmed = facts_find(r->facts, "faults.0.injected_s");
	const char *at =
		facts_say(r->facts, confirmed ? "faults.0.injected_s" : "faults.0.requested_s");
	if (count > 1) {
		buf_addf(r->out, "%zu faults were injected from %s on", count, at);
		return;
	}
	if (node && done) {
		report_text(r->out, node);
		buf_addf(r->out, " was %s", done);
	} else {
		report_fault_name(r, 0);
		buf_addstr(r->out, " was injected");
	}
	buf_addf(r->out, " at %s%s", at, confirmed ? "" : " (asked for, never confirmed)");
}

/* The anomaly whose seconds were worst by that key: largest, or for the ratio least. */
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

static void say_effect(const struct report *r)
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

static void say_recovery(const struct report *r, size_t faults)
{
	const char *from = faults > 1 ? " after the fault, at the longest"
			   : faults   ? " after the fault"
				      : " after the first anomalous second";
	if (json_bool(json_get(r->analysis, "censored"), false))
		buf_addf(r->out, " It did not become healthy again within the run: at least %s%s.",
			 facts_say(r->facts, "recovery_lower_bound_s"), from);
	else if (facts_find(r->facts, "recovery_time_sec"))
		buf_addf(r->out, " It was healthy again %s%s.",
			 facts_say(r->facts, "recovery_time_sec"), from);
}

static bool is_zero(const struct report *r, const char *id)
{
	const struct fact *f = facts_find(r->facts, "%s", id);
	return f && !(f->value > 0);
}

/* Nothing seen is only good news if there was something to see. */
static const char *no_anomaly(const struct report *r)
{
	if (is_zero(r, "input.rows"))
		return "there is no request in the samples: nothing can be said";
	if (is_zero(r, "input.seconds_judged"))
		return "no second could be judged: the run is too short";
	return "no anomaly was seen";
}

void report_headline(const struct report *r)
{
	size_t faults = json_count(json_get(r->analysis, "faults"));
	size_t anomalies = json_count(json_get(r->analysis, "anomaly_windows"));
	buf_addstr(r->out, "# Report on ");
	report_text(r->out, json_str(json_get(r->analysis, "run_id"), "a run"));
	buf_addstr(r->out, "\n\n**");
	if (faults)
		say_faults(r, faults);
	else
		buf_addstr(r->out, "No fault is on record");
	if (!anomalies) {
		buf_addf(r->out, ", and %s.**\n", no_anomaly(r));
		return;
	}
	buf_addf(r->out, "; %zu anomal%s seen.**", anomalies, anomalies > 1 ? "ies were" : "y was");
	say_effect(r);
	say_recovery(r, faults);
	buf_addch(r->out, '\n');
}

void report_write(const struct report *r)
{
	static void (*const sections[])(const struct report *) = {
		report_headline, report_summary, report_timeline, report_users,
		report_recovery, report_nodes,	 report_trust,	  report_next,
	};
	for (size_t i = 0; i < ARRAY_LEN(sections); i++)
		sections[i](r);
}

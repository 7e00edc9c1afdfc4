/* The sections that are tables: summary, what users saw, recovery, nodes. */
#include "report/sections/sections.h"

#include "report/finding/finding.h"
#include "report/facts/words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MAX = 20 };

static const char *const metrics[] = {"throughput_rps", "p50_latency_ms", "p95_latency_ms", "p99_latency_ms",
				      "p99_all_ms",	"error_rate",	  "due",	    "err"};

/* A percentile that falls on a failure is no time: a refused connection took no 5 s. It does where more than one
 * in a hundred failed. */
static const char *figure(const struct report *r, const char *summary, const char *key)
{
	const struct fact *f = facts_find(r->facts, "%s.%s", summary, key);
	const struct fact *timeout = facts_find(r->facts, "%s.timeout_ms", summary);
	bool all = strcmp(key, "p99_all_ms") == 0;
	return all && f && timeout && f->value >= timeout->value ? "more than 1 % failed" : f ? f->display : "unknown";
}

static void metric_row(const struct report *r, const char *key, bool baseline)
{
	char words[WORDS_MAX];
	bool share = strcmp(key, "error_rate") == 0; /* its change is in points */
	if (!facts_find(r->facts, "run_summary.%s", key) && strcmp(key, "p99_all_ms") == 0)
		return;
	buf_addf(r->out, "| %s |", words_metric(key));
	if (baseline)
		buf_addf(r->out, " %s |", figure(r, "baseline_summary", key));
	buf_addf(r->out, " %s |", figure(r, "run_summary", key));
	if (baseline)
		buf_addf(r->out, " %s |", words_compared(compare_find(r->analysis, key), share, words));
	buf_addch(r->out, '\n');
}

static void compare_words(const struct report *r)
{
	const struct json *c = json_get(r->analysis, "comparison"), *reasons = json_get(c, "reasons");
	const char *verdict = json_text(c, "verdict");
	bool one = strcmp(json_text(c, "between_run_variance"), "unknown") == 0;
	if (!*verdict)
		return;
	if (strcmp(verdict, "pass") == 0)
		buf_addstr(r->out, "\nAgainst the baseline, no metric is worse beyond its tolerance");
	else
		buf_addstr(r->out, strcmp(verdict, "fail") == 0
					   ? "\nWorse than the baseline, beyond the tolerance: "
					   : "\nNot decided whether these are worse than the baseline: ");
	for (size_t i = 0; i < json_count(reasons) && i < ROWS_MAX; i++) {
		buf_addstr(r->out, i ? ", " : "");
		char *name = words_reason(json_str(json_at(reasons, i), "?"));
		report_text(r->out, name);
		free(name);
	}
	buf_addstr(r->out, one ? ". The variance between runs is unknown with so few baseline runs.\n"
			       : ".\n");
}

/* "baseline NAME", or "3 baseline runs". */
static void add_baseline_name(const struct report *r)
{
	const char *name = json_str(json_get(r->analysis, "baseline_id"), NULL);
	size_t count = json_count(json_get(r->analysis, "baselines"));
	if (count > 1) {
		buf_addf(r->out, "%zu baseline runs", count);
		return;
	}
	buf_addstr(r->out, "baseline");
	if (name) {
		buf_addch(r->out, ' ');
		report_text(r->out, name);
	}
}

void section_summary(const struct report *r)
{
	bool baseline = json_is_object(json_get(r->analysis, "baseline_summary"));
	report_heading(r, "Summary");
	if (facts_find(r->facts, "params.warmup_ignore_sec"))
		buf_addf(r->out, "Without the first %s of %s, which are warm-up. ",
			 facts_display(r->facts, "params.warmup_ignore_sec"),
			 facts_display(r->facts, "input.duration_s"));
	/* in a log of another tool, nothing was due */
	bool of_load = !json_is_null(json_get(r->analysis, "input.load_sound"));
	buf_addf(r->out, "Latency is that of successes%s.\n\n", of_load ? ", from the moment a request was due" : "");
	if (baseline) {
		buf_addstr(r->out, "| | ");
		add_baseline_name(r);
		buf_addstr(r->out, " | run | change |\n|---|---:|---:|---:|\n");
	} else {
		buf_addstr(r->out, "| | run |\n|---|---:|\n");
	}
	for (size_t i = 0; i < ARRAY_LEN(metrics); i++)
		metric_row(r, metrics[i], baseline);
	compare_words(r);
}

static void errors_by_class(const struct report *r)
{
	const struct json *errors = json_get(r->analysis, "run_summary.errors"), *value;
	const char *comma = "", *key;
	void *iter = NULL;
	while (json_next(errors, &iter, &key, &value)) {
		if (strcmp(key, "aborted") == 0) /* no failure, and not among those that failed */
			continue;
		buf_addstr(r->out, *comma ? comma : "Failed requests by class: ");
		report_text(r->out, key);
		buf_addf(r->out, " %s", facts_display(r->facts, "run_summary.errors.%s", key));
		comma = ", ";
	}
	buf_addstr(r->out, *comma ? ".\n\n" : "No request failed after the warm-up.\n\n");
}

static void interval_row(const struct report *r, size_t i)
{
	const struct json *x = json_at(json_get(r->analysis, "intervals"), i);
	const struct json *reasons = json_get(x, "reasons");
	buf_addf(r->out, "| %s | %s | ", facts_display(r->facts, "intervals.%zu.start_s", i),
		 facts_display(r->facts, "intervals.%zu.end_s", i));
	for (size_t k = 0; k < json_count(reasons); k++) {
		buf_addstr(r->out, k ? ", " : "");
		report_text(r->out, json_str(json_at(reasons, k), ""));
	}
	buf_addf(r->out, " | %s | %s | ", facts_display(r->facts, "intervals.%zu.max_error_rate", i),
		 facts_display(r->facts, "intervals.%zu.min_ratio", i));
	report_text(r->out, json_str(json_get(x, "fault"), "none"));
	buf_addstr(r->out, " |\n");
}

static void anomalies(const struct report *r)
{
	size_t count = json_count(json_get(r->analysis, "intervals"));
	if (!count) {
		buf_addstr(r->out, "No second was anomalous.\n");
		return;
	}
	buf_addstr(r->out,
		   "| anomaly from | to | because of | errors at worst | successes at worst, "
		   "of normal | fault |\n|---:|---:|---|---:|---:|---|\n");
	report_rows(r, count, ROWS_MAX, interval_row);
}

void section_users(const struct report *r)
{
	report_heading(r, "What users saw");
	errors_by_class(r);
	anomalies(r);
	if (!facts_find(r->facts, "availability.request"))
		return;
	buf_addf(r->out, "\nAvailability: %s of the requests due succeeded",
		 facts_display(r->facts, "availability.request"));
	if (facts_find(r->facts, "availability.time"))
		buf_addf(r->out, "; %s of the seconds judged were not anomalous",
			 facts_display(r->facts, "availability.time"));
	if (facts_find(r->facts, "availability.yield"))
		buf_addf(r->out, "; %s of what was planned succeeded",
			 facts_display(r->facts, "availability.yield"));
	buf_addstr(r->out, ".\n");
	const struct fact *cost = facts_find(r->facts, "availability.outage_equiv_s");
	if (!cost || !(cost->value > 0))
		return;
	buf_addf(r->out, "The anomalies cost as much as %s without any success", cost->display);
	if (json_bool(json_get(r->analysis, "params.slo_given"), false))
		buf_addf(r->out, ": %s of a month's error budget at an objective of %s",
			 facts_display(r->facts, "availability.budget_burned"),
			 facts_display(r->facts, "availability.slo"));
	buf_addstr(r->out, ".\n");
}

/* "as soon as it was lifted" is all that windows can tell of less than one of them. */
static const char *after_revert(const struct report *r, const struct json *entry, const char *id, size_t fault)
{
	const struct fact *after = facts_find(r->facts, "%s.recovery_after_revert_s", id);
	const struct fact *window = facts_find(r->facts, "params.window_s");
	double least = window ? window->value : 1;
	if (json_bool(json_get(entry, "by_other"), false))
		return "over before its undo";
	if (report_outlasted(r->analysis, fault))
		return "another fault went on";
	if (!after)
		return "unknown";
	if (after->value < -least)
		return report_before_revert(json_at(json_get(r->analysis, "faults"), fault), after->value, least);
	return after->value > least ? after->display : "as soon as it was lifted";
}

/* The cells after the first of a fault, or of one op in it; id is the path of the entry. */
static void recovery_cells(const struct report *r, const struct json *entry, const char *id, size_t fault)
{
	static const struct {
		const char *key, *none;
	} cells[] = {{"time_to_first_error_s", "none"},
		     {"time_to_detect_s", "never"},
		     {"blackout_s", "unknown"},
		     {"lost_requests", "unknown"}};
	bool affected = json_bool(json_get(entry, "affected"), false);
	bool judged = affected || facts_find(r->facts, "%s.recovery_time_s", id);
	for (size_t k = 0; k < ARRAY_LEN(cells); k++) {
		const struct fact *f = judged ? facts_find(r->facts, "%s.%s", id, cells[k].key) : NULL;
		bool at_once = f && k == 0 && f->value < 0.01;
		buf_addf(r->out, " | %s", at_once ? "at once" : f ? f->display : judged ? cells[k].none : "unknown");
	}
	if (!affected)
		buf_addf(r->out, " | %s | |\n", judged ? "no anomaly followed" : "not judged");
	else if (json_bool(json_get(entry, "censored"), false) && facts_find(r->facts, "%s.healthy_since_s", id))
		buf_addf(r->out, " | since %s of the run, for too short a time | |\n",
			 facts_display(r->facts, "%s.healthy_since_s", id));
	else if (json_bool(json_get(entry, "censored"), false))
		buf_addf(r->out, " | not within the run, at least %s | |\n",
			 facts_display(r->facts, "%s.recovery_lower_bound_s", id));
	else
		buf_addf(r->out, " | %s | %s |\n", facts_display(r->facts, "%s.recovery_time_s", id),
			 after_revert(r, entry, id, fault));
}

static void recovery_row(const struct report *r, size_t i)
{
	const struct json *fault = json_at(json_get(r->analysis, "faults"), i);
	const struct json *ops = json_get(fault, "ops");
	char id[64];
	snprintf(id, sizeof id, "faults.%zu", i);
	buf_addstr(r->out, "| ");
	report_fault_name(r, i);
	recovery_cells(r, fault, id, i);
	for (size_t k = 0; json_count(ops) > 1 && k < json_count(ops); k++) {
		snprintf(id, sizeof id, "faults.%zu.ops.%zu", i, k);
		buf_addstr(r->out, "| … for ");
		report_text(r->out, json_str(json_get(json_at(ops, k), "op"), "?"));
		recovery_cells(r, json_at(ops, k), id, i);
	}
}

/* A recovery that is not of one fault alone. */
static void together_lines(const struct report *r, size_t i, size_t count)
{
	for (size_t k = i + 1; k < count; k++) {
		if (!report_together(r->analysis, i, k))
			continue;
		buf_addstr(r->out, "\nThe recovery from ");
		report_fault_name(r, i);
		buf_addstr(r->out, " cannot be told apart from that of ");
		report_fault_name(r, k);
		buf_addstr(r->out, ".\n");
	}
}

/* A few slow requests are no anomaly, and in no other table. */
static void slowest_line(const struct report *r, size_t i)
{
	const struct json *fault = json_at(json_get(r->analysis, "faults"), i);
	const struct json *slow = json_at(json_get(fault, "slowest"), 0);
	double ms = json_num(json_get(slow, "latency_ms"), NAN), over_ms = json_num(json_get(slow, "over_normal_ms"), NAN);
	char took[WORDS_MAX], over[WORDS_MAX];
	if (json_bool(json_get(fault, "affected"), true) || !(over_ms > ms / 2))
		return;
	buf_addstr(r->out, "\nThe slowest request of ");
	report_fault_name(r, i);
	buf_addf(r->out, " took %s, %s more than is normal: ", words_span(ms / 1000, took), words_span(over_ms / 1000, over));
	report_text(r->out, json_str(json_get(slow, "op"), "a request"));
	buf_addf(r->out, " due at %.3f s.\n", json_num(json_get(slow, "due_s"), NAN));
}

void section_recovery(const struct report *r)
{
	size_t count = json_count(json_get(r->analysis, "faults"));
	if (!count)
		return;
	report_heading(r, "Recovery");
	buf_addstr(r->out,
		   "Times count from the moment the fault was confirmed, the last from its "
		   "end. Healthy again means: the first of ");
	buf_addf(r->out, "%s healthy seconds in a row.\n\n",
		 facts_display(r->facts, "params.stable_seconds"));
	buf_addstr(r->out, "| fault | first failed after | detectable after | longest time without a "
			   "success | requests lost | healthy again | after it was lifted |\n"
			   "|---|---:|---:|---:|---:|---:|---:|\n");
	report_rows(r, count, ROWS_MAX, recovery_row);
	for (size_t i = 0; i < count && i < ROWS_MAX; i++) {
		slowest_line(r, i);
		together_lines(r, i, count);
	}
}

static void part_row(const struct report *r, const char *list, size_t i)
{
	static const char *const keys[] = {"due", "err", "error_rate", "p50_latency_ms",
					   "p99_latency_ms"};
	const struct json *n = json_at(json_get(r->analysis, list), i);
	const char *name = json_str(json_get(n, "op"), json_str(json_get(n, "url"), "?"));
	buf_addstr(r->out, "| ");
	report_text(r->out, json_str(json_get(n, "node"), name));
	for (size_t k = 0; k < ARRAY_LEN(keys); k++)
		buf_addf(r->out, " | %s", facts_display(r->facts, "%s.%zu.%s", list, i, keys[k]));
	buf_addstr(r->out, " |\n");
}

static void node_row(const struct report *r, size_t i)
{
	part_row(r, "nodes", i);
}

static void op_row(const struct report *r, size_t i)
{
	part_row(r, "ops", i);
}

void section_nodes(const struct report *r)
{
	const char *rest = " | requests | failed | error rate | p50 | p99 |\n|---|---:|---:|---:|---:|---:|\n";
	size_t nodes = json_count(json_get(r->analysis, "nodes")), ops = json_count(json_get(r->analysis, "ops"));
	if (!nodes)
		return;
	report_heading(r, "Nodes");
	buf_addf(r->out, "Over the whole run, the warm-up included.\n\n| node%s", rest);
	report_rows(r, nodes, ROWS_MAX, node_row);
	if (ops < 2)
		return;
	buf_addf(r->out, "\n| request%s", rest);
	report_rows(r, ops, ROWS_MAX, op_row);
}

/* The sections that are tables: summary, what users saw, recovery, nodes. */
#include "report/report.h"

#include "report/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MAX = 20 };

struct metric {
	const char *key, *name;
	bool share; /* changes are in points */
};

static const struct metric metrics[] = {
	{"throughput_rps", "successes per second", false},
	{"p50_latency_ms", "p50 latency", false},
	{"p95_latency_ms", "p95 latency", false},
	{"p99_latency_ms", "p99 latency", false},
	{"p99_all_ms", "p99, a failure counting as the timeout", false},
	{"error_rate", "error rate", true},
	{"due", "requests", false},
	{"err", "failed", false},
};

static void metric_row(const struct report *r, const struct metric *m, bool baseline)
{
	char words[WORDS_MAX];
	if (!facts_find(r->facts, "run_summary.%s", m->key) && strcmp(m->key, "p99_all_ms") == 0)
		return;
	buf_addf(r->out, "| %s |", m->name);
	if (baseline)
		buf_addf(r->out, " %s |", facts_display(r->facts, "baseline_summary.%s", m->key));
	buf_addf(r->out, " %s |", facts_display(r->facts, "run_summary.%s", m->key));
	if (baseline)
		buf_addf(r->out, " %s |",
			 words_compared(compare_find(r->analysis, m->key), m->share, words));
	buf_addch(r->out, '\n');
}

/* Names a metric that did not pass; reason is "METRIC" or "PHASE: METRIC". */
static void add_reason(const struct report *r, const char *reason)
{
	static const struct {
		const char *key, *name;
	} others[] = {{"availability.request", "share of requests that succeeded"},
		      {"availability.time", "share of seconds without an anomaly"},
		      {"availability.yield", "share of the plan that succeeded"}};
	const char *colon = strrchr(reason, ':'), *key = colon ? colon + 2 : reason, *name = key;
	for (size_t i = 0; i < ARRAY_LEN(metrics); i++)
		if (strcmp(metrics[i].key, key) == 0)
			name = metrics[i].name;
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (strcmp(others[i].key, key) == 0)
			name = others[i].name;
	report_text(r->out, name);
	if (!colon)
		return;
	char *phase = mem_printf(" (phase %.*s)", (int)(colon - reason), reason);
	report_text(r->out, phase);
	free(phase);
}

static void compare_words(const struct report *r)
{
	const struct json *c = json_get(r->analysis, "comparison"), *reasons = json_get(c, "reasons");
	const char *verdict = json_str(json_get(c, "verdict"), "");
	bool one = strcmp(json_str(json_get(c, "between_run_variance"), ""), "unknown") == 0;
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
		add_reason(r, json_str(json_at(reasons, i), "?"));
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
	buf_addstr(r->out, "\n## Summary\n\n");
	if (facts_find(r->facts, "params.warmup_ignore_sec"))
		buf_addf(r->out, "Without the first %s of %s, which are warm-up. ",
			 facts_display(r->facts, "params.warmup_ignore_sec"),
			 facts_display(r->facts, "input.duration_s"));
	buf_addstr(r->out, "Latency is that of successes, from the moment a request was due.\n\n");
	if (baseline) {
		buf_addstr(r->out, "| | ");
		add_baseline_name(r);
		buf_addstr(r->out, " | run | change |\n|---|---:|---:|---:|\n");
	} else {
		buf_addstr(r->out, "| | run |\n|---|---:|\n");
	}
	for (size_t i = 0; i < ARRAY_LEN(metrics); i++)
		metric_row(r, &metrics[i], baseline);
	compare_words(r);
}

static void errors_by_class(const struct report *r)
{
	const struct json *errors = json_get(r->analysis, "run_summary.errors"), *value;
	const char *comma = "", *key;
	void *iter = NULL;
	while (json_next(errors, &iter, &key, &value)) {
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
	buf_addstr(r->out, "\n## What users saw\n\n");
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
	if (cost && cost->value > 0)
		buf_addf(r->out, "The anomalies cost as much as %s without any success: %s of a "
				 "month's error budget at an objective of %s.\n", cost->display,
			 facts_display(r->facts, "availability.budget_burned"),
			 facts_display(r->facts, "availability.slo"));
}

static void recovery_row(const struct report *r, size_t i)
{
	const struct json *fault = json_at(json_get(r->analysis, "faults"), i);
	buf_addstr(r->out, "| ");
	report_fault_name(r, i);
	if (!json_bool(json_get(fault, "affected"), false)) {
		buf_addstr(r->out, " | no anomaly followed | | | | | | |\n");
		return;
	}
	const struct {
		const char *key, *none;
	} cells[] = {{"time_to_first_error_s", "none"},
		     {"time_to_detect_s", "never"},
		     {"blackout_s", "unknown"},
		     {"lost_requests", "unknown"},
		     {"error_recovery_time_s", "not within the run"},
		     {"latency_recovery_time_s", "not within the run"}};
	for (size_t k = 0; k < ARRAY_LEN(cells); k++) {
		const struct fact *f = facts_find(r->facts, "faults.%zu.%s", i, cells[k].key);
		buf_addf(r->out, " | %s", f ? f->display : cells[k].none);
	}
	if (json_bool(json_get(fault, "censored"), false))
		buf_addf(r->out, " | not within the run, at least %s |\n",
			 facts_display(r->facts, "faults.%zu.recovery_lower_bound_s", i));
	else
		buf_addf(r->out, " | %s |\n", facts_display(r->facts, "faults.%zu.recovery_time_s", i));
}

void section_recovery(const struct report *r)
{
	size_t count = json_count(json_get(r->analysis, "faults"));
	if (!count)
		return;
	buf_addstr(r->out,
		   "\n## Recovery\n\nAll times count from the moment the fault was confirmed. "
		   "Healthy again means: the first of ");
	buf_addf(r->out, "%s healthy seconds in a row.\n\n",
		 facts_display(r->facts, "params.stable_seconds"));
	buf_addstr(r->out, "| fault | first failed request | first anomalous second over | longest "
			   "time without a success | successes lost | requests succeed again | fast again | healthy again |\n"
			   "|---|---:|---:|---:|---:|---:|---:|---:|\n");
	report_rows(r, count, ROWS_MAX, recovery_row);
}

static void node_row(const struct report *r, size_t i)
{
	static const char *const keys[] = {"due", "err", "error_rate", "p50_latency_ms",
					   "p99_latency_ms"};
	const struct json *n = json_at(json_get(r->analysis, "nodes"), i);
	buf_addstr(r->out, "| ");
	report_text(r->out, json_str(json_get(n, "node"), json_str(json_get(n, "url"), "?")));
	for (size_t k = 0; k < ARRAY_LEN(keys); k++)
		buf_addf(r->out, " | %s", facts_display(r->facts, "nodes.%zu.%s", i, keys[k]));
	buf_addstr(r->out, " |\n");
}

void section_nodes(const struct report *r)
{
	size_t count = json_count(json_get(r->analysis, "nodes"));
	if (!count)
		return;
	buf_addstr(r->out, "\n## Nodes\n\nOver the whole run, the warm-up included.\n\n"
			   "| node | requests | failed | error rate | p50 | p99 |\n"
			   "|---|---:|---:|---:|---:|---:|\n");
	report_rows(r, count, ROWS_MAX, node_row);
}

/* The last sections: how sure the findings are, and what to try next. */
#include "report/sections/sections.h"

#include "report/facts/words.h"
#include "report/finding/finding.h"
#include "url/url.h"

#include <stdlib.h>
#include <string.h>

static bool positive(const struct report *r, const char *id)
{
	const struct fact *f = facts_find(r->facts, "%s", id);
	return f && f->value > 0;
}

static void count_line(const struct report *r, const char *id, const char *words)
{
	if (positive(r, id))
		buf_addf(r->out, "- %s %s\n", facts_display(r->facts, "%s", id), words);
}

static void sound_line(const struct report *r)
{
	const struct json *sound = json_get(r->analysis, "input.load_sound");
	if (json_is_null(sound))
		buf_addstr(r->out,
			   "- Whether the load generator was the limit is not known: there is "
			   "no load summary.\n");
	else if (json_bool(sound, false))
		buf_addstr(r->out, "- The load generator kept its schedule.\n");
	else
		buf_addstr(r->out,
			   "- **The load generator was the limit at times**: what looks like "
			   "the service may be the generator.\n");
}

static void normal_line(const struct report *r)
{
	bool other = strcmp(json_text(r->analysis, "baseline.source"), "run") == 0;
	bool whole = strcmp(json_text(r->analysis, "baseline.source"), "whole_run") == 0;
	const char *self = whole ? "this run, faults included since nothing lies before them"
			   : json_count(json_get(r->analysis, "faults"))
				   ? "this run, before the first fault"
				   : "this run itself";
	if (!positive(r, "baseline.seconds"))
		return;
	buf_addf(r->out, "- The normal throughput is the median of %s s of %s: %s.\n",
		 facts_display(r->facts, "baseline.seconds"), other ? "the baseline run" : self,
		 facts_display(r->facts, "baseline.throughput_rps"));
}

void section_trust(const struct report *r)
{
	char requests[WORDS_MAX];
	report_heading(r, "How sure this is");
	buf_addf(r->out, "- %s requests were counted; %s of %s seconds were judged.\n",
		 words_requests(r->analysis, requests), facts_display(r->facts, "input.seconds_judged"),
		 facts_display(r->facts, "input.seconds"));
	count_line(r, "input.rows_aborted", "more were in flight when the load was stopped: nobody knows how they would have ended.");
	if (facts_find(r->facts, "params.window_s"))
		buf_addf(r->out,
			 "- Times of anomalies are exact to %s. A second is anomalous with "
			 "%s fewer successes than normal, or more than %s failures or slow ones.\n",
			 facts_display(r->facts, "params.window_s"),
			 facts_display(r->facts, "params.throughput_drop_threshold"),
			 facts_display(r->facts, "params.error_rate_threshold"));
	normal_line(r);
	sound_line(r);
	count_line(r, "input.lost",
		   "rows were lost because the reader was too slow: these spans are "
		   "unmeasured, not outages.");
	count_line(r, "input.rows_bad", "malformed rows were ignored.");
	count_line(r, "input.rows_torn", "truncated last lines were ignored.");
	count_line(r, "input.rows_duplicate", "duplicate rows were counted once.");
	count_line(r, "input.rows_contradict",
		   "of these: a failure where the first row of the slot is a success, or the other way round; which is true is "
		   "unknown.");
	count_line(r, "input.rows_outside", "rows outside the run were ignored.");
	count_line(r, "input.events_bad", "unreadable event lines were ignored.");
}

static bool any_revert_failed(const struct report *r)
{
	const struct json *faults = json_get(r->analysis, "faults");
	for (size_t i = 0; i < json_count(faults); i++)
		if (json_bool(json_get(json_at(faults, i), "revert_failed"), false))
			return true;
	return false;
}

/* The first fault after whose end the recovery took more than a second. */
static const struct fact *slow_return(const struct report *r)
{
	for (size_t i = 0; i < json_count(json_get(r->analysis, "faults")); i++) {
		const struct fact *f =
			facts_find(r->facts, "faults.%zu.recovery_after_revert_s", i);
		const struct json *fault = json_at(json_get(r->analysis, "faults"), i);
		if (f && f->value > 1 && !json_bool(json_get(fault, "by_other"), false) &&
		    !json_count(json_get(fault, "together_with")))
			return f;
	}
	return NULL;
}

/* Of faults that were judged and had no anomaly: what of them was seen all the same. */
static void about_unaffected(const struct report *r)
{
	const struct json *faults = json_get(r->analysis, "faults");
	bool nothing = false;
	for (size_t i = 0; i < json_count(faults); i++) {
		const struct json *fault = json_at(faults, i);
		const struct fact *err = facts_find(r->facts, "faults.%zu.own.err", i);
		if (strcmp(json_text(fault, "users"), "unaffected") != 0)
			continue;
		nothing = nothing || !err || !(err->value > 0);
		if (err && err->value > 0)
			buf_addf(r->out, "- While a fault lasted, %s of %s requests failed, which is not enough for an anomaly: try "
				 "a longer one, or more load.\n",
				 err->display, facts_display(r->facts, "faults.%zu.own.due", i));
	}
	if (nothing)
		buf_addstr(r->out, "- A fault had no effect that was seen: try a longer one, or more load.\n");
}

/* Returns whether the baseline was unhealthy. */
static bool about_baseline(const struct report *r)
{
	char *what = report_unhealthy(r->analysis);
	if (!what)
		return false;
	buf_addstr(r->out, "- Begin with what was wrong without a fault: ");
	report_text(r->out, what);
	buf_addf(r->out, ". Above the threshold of %s nothing counts as healthy again. An answer that was not expected counts as "
		 "a failure too: see the rows' detail.\n",
		 facts_display(r->facts, "params.error_rate_threshold"));
	free(what);
	return true;
}

static void about_faults(const struct report *r)
{
	const struct fact *slow = slow_return(r);
	bool unhealthy = about_baseline(r);
	if (any_revert_failed(r))
		buf_addstr(r->out,
			   "- **Undoing a fault failed**: see 'chaos-fault ls' before anything "
			   "else.\n");
	else if (!unhealthy && !report_cut_short(r->analysis) && json_bool(json_get(r->analysis, "censored"), false))
		buf_addstr(r->out,
			   "- Run longer after the fault: the recovery lies beyond the end of this "
			   "run.\n");
	if (slow)
		buf_addf(r->out,
			 "- It took %s from the confirmed undoing to be well again: start-up, cold "
			 "caches and connection pools are places to look.\n",
			 slow->display);
	about_unaffected(r);
}

/* A write is for the primary alone, of a node that the load itself went to. */
static bool of_redis(const struct report *r)
{
	const struct json *nodes = json_get(r->analysis, "nodes"), *faults = json_get(r->analysis, "faults");
	for (size_t i = 0; i < json_count(faults); i++) {
		const char *url = json_text(json_at(faults, i), "url");
		bool redis = strncmp(url, "redis", 5) == 0 || strncmp(url, "unix:", 5) == 0;
		for (size_t k = 0; redis && k < json_count(nodes); k++)
			if (url_same_node(json_text(json_at(nodes, k), "url"), url) &&
			    json_num(json_get(json_at(nodes, k), "err"), 0) > 0)
				return true;
	}
	return false;
}

static void about_errors(const struct report *r)
{
	if (of_redis(r)) {
		if (positive(r, "audit.lost"))
			buf_addstr(r->out, "- Redis acknowledges a write before a replica or the disk has it: WAIT, "
					   "min-replicas-to-write and appendfsync bound what is lost with a primary. Run "
					   "again with one of them and compare.\n");
		buf_addstr(r->out,
			   "- Writes go to the primary alone: Sentinel or a cluster that promotes a replica, and "
			   "clients that follow it, bound how long they are gone. Run again with it and "
			   "compare.\n");
		return;
	}
	if (positive(r, "run_summary.errors.refused") || positive(r, "run_summary.errors.reset"))
		buf_addstr(r->out,
			   "- Requests went to a node that refused or dropped them: a retry on "
			   "another node, or a quicker health check, could spare users these "
			   "errors. Run again with it and compare.\n");
	if (positive(r, "run_summary.errors.timeout"))
		buf_addstr(r->out,
			   "- Requests ran into the timeout: a shorter one with a retry elsewhere "
			   "could cost users less. Run again with it and compare.\n");
	if (positive(r, "run_summary.errors.not_sent") || positive(r, "run_summary.errors.local"))
		buf_addstr(r->out, "- Some requests never left the generator: raise its limits "
				   "(max_inflight, descriptors) or lower the rate.\n");
}

void section_next(const struct report *r)
{
	struct buf lines = BUF_INIT;
	struct report next = *r;
	next.out = &lines;
	about_faults(&next);
	about_errors(&next);
	if (!json_is_object(json_get(r->analysis, "baseline_summary")))
		buf_addstr(&lines,
			   "- Record a run without faults and give it as the baseline: then "
			   "changes can be told from noise.\n");
	if (lines.len)
		buf_addf(r->out, "\n## What to try next\n\n%s", lines.data);
	buf_release(&lines);
}

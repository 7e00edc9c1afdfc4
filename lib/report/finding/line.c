/* The finding in one line: the title of a picture, the first line of a report. */
#include "report/finding/finding.h"

#include "report/facts/words.h"
#include "url/url.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NODE_MAX = 40 }; /* columns of a node's name */

struct finding_line {
	struct buf out;
	const struct json *analysis;
	const struct json *faults, *intervals;
	size_t fault_count;
	struct facts facts;
};

static double value(const struct finding_line *l, const char *id, double otherwise)
{
	return json_num(json_get(l->analysis, id), otherwise);
}

/* The largest value of a key in a list, and in *at which entry has it; NaN if none has one. */
static double most(const struct json *list, const char *key, size_t *at)
{
	double worst = NAN;
	for (size_t i = 0; i < json_count(list); i++) {
		double v = json_num(json_get(json_at(list, i), key), NAN);
		if (!isnan(v) && !(v <= worst)) {
			worst = v;
			*at = i;
		}
	}
	return worst;
}

static size_t count_true(const struct json *list, const char *key)
{
	size_t n = 0;
	for (size_t i = 0; i < json_count(list); i++)
		n += json_bool(json_get(json_at(list, i), key), false);
	return n;
}

static void add_subject(struct finding_line *l)
{
	const struct json *f = json_at(l->faults, 0);
	const char *action = json_str(json_get(f, "action"), "fault"), *past = words_past(f);
	const char *its = json_str(json_get(f, "node"), json_text(f, "url"));
	bool confirmed = facts_find(&l->facts, "faults.0.injected_s");
	const char *at = facts_display(&l->facts, confirmed ? "faults.0.injected_s" : "faults.0.requested_s");
	char *node = text_shorten(its, NODE_MAX);
	if (l->fault_count > 1)
		buf_addf(&l->out, "%zu faults from %s", l->fault_count, at);
	else if (past && *node)
		buf_addf(&l->out, "%s %s at %s", past, node, at);
	else
		buf_addf(&l->out, "%s%s%s at %s", action, *node ? " on " : "", node, at);
	free(node);
	if (!confirmed)
		buf_addstr(&l->out, ", never confirmed");
	size_t others = count_true(l->faults, "by_other");
	if (others && l->fault_count > 1)
		buf_addf(&l->out, ", %zu of them over before chaos-fault undid them", others);
	else if (others)
		buf_addf(&l->out, ", over before chaos-fault undid it, as seen at %s", facts_display(&l->facts, "faults.0.reverted_s"));
}

static const char *load_of(const struct finding_line *l, size_t interval)
{
	return json_text(json_at(l->intervals, interval), "load");
}

/* Which of several loads had an anomaly. */
static void add_loads(struct finding_line *l)
{
	const char *before = " of ";
	for (size_t i = 0, k; *load_of(l, 0) && i < json_count(l->intervals); i++) {
		for (k = 0; strcmp(load_of(l, k), load_of(l, i)) != 0; k++)
			;
		if (k < i)
			continue;
		buf_addf(&l->out, "%s%s", before, load_of(l, i));
		before = ", ";
	}
}

static bool has_errors(const struct finding_line *l)
{
	for (size_t i = 0; i < json_count(l->intervals); i++) {
		const struct json *all = json_get(json_at(l->intervals, i), "reasons");
		for (size_t k = 0; k < json_count(all); k++)
			if (strcmp(json_str(json_at(all, k), ""), "errors") == 0)
				return true;
	}
	return false;
}

/* How bad it was, by the reason for which it was an anomaly. */
static void add_worst(struct finding_line *l)
{
	size_t errors = 0, slow = 0, count = json_count(l->intervals);
	double least = NAN;
	for (size_t i = 0; i < count; i++)
		least = fmin(least, json_num(json_get(json_at(l->intervals, i), "min_ratio"), NAN));
	if (most(l->intervals, "max_error_rate", &errors) >= 0.005)
		buf_addf(&l->out, ": up to %s errors",
			 facts_display(&l->facts, "intervals.%zu.max_error_rate", errors));
	else if (least < 1 - value(l, "params.throughput_drop_threshold", NAN))
		buf_addf(&l->out, ": throughput down to %.0f %% of normal", least * 100);
	else if (most(l->intervals, "p99_ratio", &slow) > 1)
		report_add_slow(&l->out, l->analysis, slow);
	else
		buf_addstr(&l->out, has_errors(l) ? ": errors, how many is not known" : ": degraded");
	if (count > 1)
		buf_addf(&l->out, " in %zu anomalies", count);
	add_loads(l);
	report_add_silence(&l->out, l->analysis, &l->facts);
}

static bool affected(const struct json *fault)
{
	return json_bool(json_get(fault, "affected"), false);
}

/* The longest recovery after a revert, of faults with an effect that no other one outlasted; NaN
 * unless each of these was reverted. */
static double after_revert(const struct finding_line *l, size_t *which)
{
	double worst = NAN;
	for (size_t i = 0; i < l->fault_count; i++) {
		const struct fact *f = facts_find(&l->facts, "faults.%zu.recovery_after_revert_s", i);
		if (!affected(json_at(l->faults, i)) || report_outlasted(l->analysis, i))
			continue;
		if (!f)
			return NAN;
		if (!(f->value <= worst)) {
			worst = f->value;
			*which = i;
		}
	}
	return worst;
}

/* An entry of not_judged that is of this kind; before: not that one or one behind it. */
static bool has_left(const struct finding_line *l, const char *what, const struct json *before)
{
	const struct json *list = json_get(l->analysis, "not_judged");
	for (size_t i = 0; i < json_count(list) && json_at(list, i) != before; i++)
		if (strcmp(json_text(json_at(list, i), "what"), what) == 0)
			return true;
	return false;
}

/* The latest moment since which a fault that was not seen to be over may have been over; NaN if one was not. */
static double healthy_since(const struct finding_line *l, size_t *which)
{
	for (size_t i = 0; i < l->fault_count; i++)
		if (json_bool(json_get(json_at(l->faults, i), "censored"), false) &&
		    !facts_find(&l->facts, "faults.%zu.healthy_since_s", i))
			return NAN;
	return most(l->faults, "healthy_since_s", which);
}

/* Why no recovery was seen. */
static void add_unseen(struct finding_line *l)
{
	size_t i = 0;
	if (has_left(l, "recovery", NULL))
		buf_addstr(&l->out, ", its load ended before it was lifted");
	else if (report_cut_short(l->analysis))
		buf_addstr(&l->out, ", the run was cut short: recovery not seen");
	else if (isnan(healthy_since(l, &i)))
		buf_addstr(&l->out, ", not healthy again within the run");
	else
		buf_addf(&l->out, ", healthy since %s, but the run ended before %s healthy seconds in a row",
			 facts_display(&l->facts, "faults.%zu.healthy_since_s", i),
			 facts_display(&l->facts, "params.stable_seconds"));
}

static void add_recovery(struct finding_line *l)
{
	size_t i = 0;
	double window_s = value(l, "params.window_s", 1), after_s = after_revert(l, &i);
	bool several = l->fault_count > 1, joint = false;
	for (size_t k = 0; k < l->fault_count; k++)
		joint = joint || report_outlasted(l->analysis, k);
	const char *it = joint ? "the last" : several ? "each" : "it";
	const struct fact *all = facts_find(&l->facts, "recovery_time_sec");
	if (json_bool(json_get(l->analysis, "censored"), false))
		add_unseen(l);
	else if (count_true(l->faults, "by_other"))
		return; /* what somebody else did is no recovery */
	else if (after_s > window_s)
		buf_addf(&l->out, ", healthy again %s%s after %s was lifted", several ? "at most " : "",
			 facts_display(&l->facts, "faults.%zu.recovery_after_revert_s", i), it);
	else if (after_s >= -window_s)
		buf_addf(&l->out, ", healthy again as soon as %s was lifted", it);
	else if (all && all->value > 0) {
		buf_addf(&l->out, ", healthy again %s %s%s", several ? "at most" : "after", all->display, several ? " after each" : "");
		if (!several && after_s < -window_s)
			buf_addf(&l->out, ", %s", report_before_revert(json_at(l->faults, i), after_s, window_s));
	}
}

/* Of a fault that could not be judged, why; NULL if all were, or there are others. */
static const char *unjudged(const struct finding_line *l)
{
	const struct json *list = json_get(l->analysis, "not_judged");
	for (size_t i = 0; i < l->fault_count; i++)
		if (json_str(json_get(json_at(l->faults, i), "users"), NULL))
			return NULL;
	for (size_t i = 0; i < json_count(list); i++)
		if (strcmp(json_text(json_at(list, i), "what"), "fault") == 0)
			return json_str(json_get(json_at(list, i), "reason"), NULL);
	return NULL;
}

/* What stays below the thresholds is not nothing. */
static void add_no_anomaly(struct finding_line *l)
{
	size_t i = 0;
	double rate = most(l->faults, "own.error_rate", &i), bound = value(l, "params.error_rate_threshold", NAN);
	buf_addstr(&l->out, ": no anomaly");
	if (rate > bound)
		buf_addf(&l->out, ", but %s of %s requests failed while %s lasted",
			 facts_display(&l->facts, "faults.%zu.own.err", i), facts_display(&l->facts, "faults.%zu.own.due", i),
			 l->fault_count > 1 ? "one of them" : "it");
	else if (rate > 0)
		buf_addf(&l->out, ", %s errors while %s lasted%s%s",
			 facts_display(&l->facts, "faults.%zu.own.error_rate", i),
			 l->fault_count > 1 ? "one of them" : "it",
			 rate <= bound ? ", below the threshold of " : "",
			 rate <= bound ? facts_display(&l->facts, "params.error_rate_threshold") : "");
	else if (value(l, "run_summary.err", 0) > 0)
		buf_addf(&l->out, ", %s of %s requests failed", facts_display(&l->facts, "run_summary.err"),
			 facts_display(&l->facts, "run_summary.due"));
}

/* "web-1 was down for 4.0 s", "delayed web-1 for 4.0 s", "web-1 had latency for 4.0 s", "3 faults from 10.0 s" */
static void add_borne(struct finding_line *l)
{
	const struct json *f = json_at(l->faults, 0);
	const char *past = words_past(f);
	double held_s = json_num(json_get(f, "reverted_s"), NAN) - json_num(json_get(f, "injected_s"), NAN);
	char span[WORDS_MAX], *node = text_shorten(json_str(json_get(f, "node"), json_str(json_get(f, "url"), "a node")), NODE_MAX);
	if (l->fault_count > 1)
		buf_addf(&l->out, "%zu faults from %s", l->fault_count, facts_display(&l->facts, "faults.0.injected_s"));
	else if (json_bool(json_get(f, "node_down"), false))
		buf_addf(&l->out, "%s was down", node);
	else if (past)
		buf_addf(&l->out, "%s %s", past, node);
	else
		buf_addf(&l->out, "%s had %s", node, json_str(json_get(f, "action"), "a fault"));
	if (l->fault_count == 1 && !isnan(held_s))
		buf_addf(&l->out, " for %s", words_span(held_s, span));
	free(node);
}

/* Every fault was verified at its target, and no user noticed: the system's success. What weakens
 * the finding leaves no success, and neither does a write that is lost, or has too few replicas, behind its user's back. */
static bool is_absorbed(const struct finding_line *l)
{
	return l->fault_count && count_true(l->faults, "absorbed") == l->fault_count &&
	       !count_true(l->faults, "by_other") && !json_count(json_get(l->analysis, "not_judged")) &&
	       !json_int(json_get(l->analysis, "audit.lost"), 0) &&
	       !json_int(json_get(l->analysis, "audit.unreplicated"), 0) &&
	       json_bool(json_get(l->analysis, "input.load_sound"), true);
}

static void add_absorbed(struct finding_line *l)
{
	double due = 0, err = 0, all = 0, slowest_ms = NAN, bound = value(l, "params.error_rate_threshold", NAN);
	const struct json *loads = json_get(l->analysis, "loads"), *its = l->analysis;
	char span[WORDS_MAX], share[WORDS_MAX], failed[WORDS_MAX], asked[WORDS_MAX];
	const char *name, *worst = NULL;
	void *iter = NULL;
	while (loads ? json_next(loads, &iter, &name, &its) : its != NULL) {
		double its_due = fmax(0, json_num(json_get(its, "shared.due"), 0));
		double its_err = fmax(0, json_num(json_get(its, "shared.err"), 0));
		for (size_t i = 0; i < l->fault_count; i++) {
			const struct json *f = json_at(json_get(its, "faults"), i);
			its_due += json_num(json_get(f, "own.due"), 0);
			its_err += json_num(json_get(f, "own.err"), 0);
			slowest_ms = fmax(slowest_ms, json_num(json_get(json_at(json_get(f, "slowest"), 0), "latency_ms"), NAN));
		}
		all += its_due;
		if (its_err > 0 && !(its_err / its_due <= err / due)) {
			due = its_due, err = its_err;
			worst = loads ? name : NULL;
		}
		its = NULL;
	}
	buf_addstr(&l->out, "absorbed: ");
	add_borne(l);
	if (err > 0)
		buf_addf(&l->out, ", %s of %s requests%s%s failed", words_many(err, failed), words_many(due, asked),
			 worst ? " of " : "", worst ? worst : "");
	else if (all > 0)
		buf_addf(&l->out, ", none of %s requests failed", words_many(all, asked));
	if (err / due >= 0.01 && err / due <= bound)
		buf_addf(&l->out, " (%s, below the threshold of %s)", words_share(err / due, share),
			 facts_display(&l->facts, "params.error_rate_threshold"));
	if (!isnan(slowest_ms))
		buf_addf(&l->out, ", slowest %s", words_span(slowest_ms / 1000, span));
}

static void add_not_judged(struct finding_line *l)
{
	double warmup_s = value(l, "params.warmup_ignore_sec", 0);
	buf_addstr(&l->out, ": no second could be judged");
	if (warmup_s >= value(l, "input.duration_s", NAN))
		buf_addf(&l->out, ", the warm-up is %s", facts_display(&l->facts, "params.warmup_ignore_sec"));
}

/* What weakens the finding. */
static void add_doubts(struct finding_line *l)
{
	const struct json *left = json_get(l->analysis, "not_judged");
	char *unhealthy = report_unhealthy(l->analysis);
	if (count_true(l->faults, "revert_failed"))
		buf_addstr(&l->out, ", undoing failed");
	if (unhealthy)
		buf_addf(&l->out, "; %s", unhealthy);
	free(unhealthy);
	report_add_unstable(&l->out, l->analysis);
	if (!json_bool(json_get(l->analysis, "input.load_sound"), true))
		buf_addstr(&l->out, ", the load generator was the limit");
	for (size_t i = 0; value(l, "input.seconds_judged", 1) > 0 && i < json_count(left); i++) { /* else of all */
		const char *what = json_str(json_get(json_at(left, i), "what"), "?");
		if (!has_left(l, what, json_at(left, i))) /* once for all loads */
			buf_addf(&l->out, "%s%s", i ? ", " : "; not judged: ", what);
	}
}

static void add_all(struct finding_line *l)
{
	if (value(l, "input.rows", 1) < 1) {
		buf_addstr(&l->out, "no requests: nothing can be said");
		return;
	}
	char requests[WORDS_MAX];
	bool absorbed = is_absorbed(l);
	size_t anomalies = json_count(l->intervals);
	if (absorbed)
		add_absorbed(l);
	else if (l->fault_count)
		add_subject(l);
	if (anomalies && (absorbed || !l->fault_count))
		buf_addf(&l->out, "%sanomalous from %s", absorbed ? "; " : "",
			 facts_display(&l->facts, json_get(l->analysis, "intervals")
							  ? "intervals.0.start_s"
							  : "anomaly_windows.0.start_sec"));
	else if (!l->fault_count)
		buf_addf(&l->out, "%s requests in %s", words_requests(l->analysis, requests),
			 facts_display(&l->facts, "input.duration_s"));
	if (unjudged(l) && value(l, "input.seconds_judged", 1) > 0) {
		if (!strstr(l->out.data, unjudged(l))) /* as the reason of an expectation */
			buf_addf(&l->out, ": %s", unjudged(l));
	} else if (anomalies) {
		add_worst(l);
		add_recovery(l);
	} else if (!absorbed) { /* else said */
		value(l, "input.seconds_judged", 1) > 0 ? add_no_anomaly(l) : add_not_judged(l);
	}
	report_add_losses(&l->out, l->analysis);
	add_doubts(l);
}

char *report_line(const struct json *analysis)
{
	struct finding_line l = {.out = BUF_INIT, .analysis = analysis,
			 .faults = json_get(analysis, "faults"),
			 .intervals = json_get(analysis, "intervals")};
	if (!l.intervals) /* of the first version of the format */
		l.intervals = json_get(analysis, "anomaly_windows");
	l.fault_count = json_count(l.faults);
	bool judged = report_add_outcome(&l.out, analysis), measured = !json_is_null(json_get(analysis, "input"));
	facts_collect(&l.facts, analysis);
	if (judged && measured)
		buf_addstr(&l.out, "; ");
	if (measured || !judged)
		add_all(&l);
	facts_release(&l.facts);
	if (l.out.len)
		url_show_braces(l.out.data);
	return buf_detach(&l.out);
}

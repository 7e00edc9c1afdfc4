#include "detect/metric.h"

#include "base/suggest.h"
#include "base/units.h"

#include <stdio.h>
#include <string.h>

const char *const metric_names[METRIC_COUNT + 1] = {
	[METRIC_THROUGHPUT] = "throughput_rps",
	[METRIC_ERROR_RATE] = "error_rate",
	[METRIC_P50] = "p50_latency_ms",
	[METRIC_P95] = "p95_latency_ms",
	[METRIC_P99] = "p99_latency_ms",
	[METRIC_MAX] = "max_latency_ms",
	[METRIC_LOST] = "lost",
	[METRIC_P50_ALL] = "p50_all_ms",
	[METRIC_P95_ALL] = "p95_all_ms",
	[METRIC_P99_ALL] = "p99_all_ms",
	[METRIC_ERR] = "err",
	[METRIC_DUE] = "due",
	[METRIC_RECOVERY] = "recovery_time_sec",
	[METRIC_DROP] = "throughput_drop_pct",
	[METRIC_REQUEST] = "availability.request",
	[METRIC_TIME] = "availability.time",
	[METRIC_YIELD] = "availability.yield",
	[METRIC_BLACKOUT] = "blackout_s",
	[METRIC_LOST_REQUESTS] = "lost_requests",
	[METRIC_OUTAGE] = "outage_equiv_s",
	[METRIC_DETECT] = "time_to_detect_s",
	[METRIC_FIRST_ERROR] = "time_to_first_error_s",
	[METRIC_RELAPSES] = "relapses",
	[METRIC_AFTER_REVERT] = "recovery_after_revert_s",
	[METRIC_ERRORS_OVER] = "error_recovery_time_s",
	[METRIC_LATENCY_OVER] = "latency_recovery_time_s",
	[METRIC_ANOMALOUS] = "anomalous_s",
	[METRIC_LOST_WRITES] = "lost_writes",
	[METRIC_BUDGET] = "budget_burned",
	[METRIC_BURN] = "burn_rate",
	[METRIC_SILENCE] = "silence_s",
};

/* The first metric that a rule of that kind cannot use, and why. */
static const struct {
	unsigned end, baseline_end;
	const char *why;
} kinds[] = {
	[RULE_GATE] = {METRIC_SILENCE, METRIC_SILENCE, ""},
	[RULE_STOP] = {METRIC_OF_WINDOWS, METRIC_OF_SUMMARIES, "not known before its end"},
	[RULE_EXPECT] = {METRIC_OF_PHASES, METRIC_OF_SUMMARIES, "not of one phase"},
	[RULE_STEADY] = {METRIC_OF_SUMMARIES, 0, "not known before its end"},
};

static int check_metric(const struct expr *x, unsigned metric, bool baseline, enum rule_kind kind,
			struct err *e)
{
	unsigned end = baseline ? kinds[kind].baseline_end : kinds[kind].end;
	const char *name = metric_names[metric];
	if (x->for_ns && !baseline && end > METRIC_OF_WINDOWS)
		end = METRIC_OF_WINDOWS;
	if (metric < end && !(baseline && (metric == METRIC_DROP || metric == METRIC_LOST_WRITES)))
		return 0;
	if (baseline)
		return err_usage(e, "wrong rule '%s': a baseline has no '%s'", x->text, name);
	if (metric == METRIC_SILENCE && kind == RULE_STOP)
		return 0;
	if (metric == METRIC_SILENCE)
		return err_usage(e, "wrong rule '%s': '%s' is for %s", x->text, name,
				 kind == RULE_GATE ? "--stop-on" : "'stop_conditions'");
	return err_usage(e, "wrong rule '%s': '%s' is of the whole run and %s", x->text, name,
			 metric >= kinds[kind].end ? kinds[kind].why : "cannot hold 'for' a time");
}

/* --- shares ---------------------------------------------------------------- */

static bool is_share(unsigned metric)
{
	return metric == METRIC_ERROR_RATE || metric == METRIC_REQUEST || metric == METRIC_TIME || metric == METRIC_YIELD;
}

/* Every value that the metric may have. A share is from 0 to 1, here a little more, so that rules may
 * have 0 and 1 as their bounds. */
static struct expr_value any_value(const void *context, unsigned metric, bool baseline)
{
	(void)context, (void)baseline;
	return is_share(metric) ? (struct expr_value){-1e-9, 1 + 1e-9} : expr_unknown();
}

/* A bound that no share can reach makes a rule that says nothing, whatever happens. */
static int check_shares(const struct expr *x, struct err *e)
{
	const struct expr_source any = {any_value, NULL};
	const char *share = NULL, *other = NULL;
	struct expr_value left, right;
	for (unsigned i = 0; i < x->count; i++)
		if (x->nodes[i].op == EXPR_METRIC)
			*(is_share(x->nodes[i].metric) ? &share : &other) = metric_names[x->nodes[i].metric];
	if (x->percent && (other || !share))
		return err_usage(e, "wrong rule '%s': column %u: '%%' is for shares such as error_rate; %s", x->text,
				 x->percent, other ? "this metric has its unit in its name" : "there is no metric");
	if (!share || expr_eval(x, &any, &left, &right) == EXPR_UNKNOWN)
		return 0;
	double bound = left.low >= left.high ? left.low : right.low;
	bool points = bound > 1 && bound <= 100;
	if (x->percent)
		return err_usage(e, "wrong rule '%s': %s is a share, from 0%% to 100%%", x->text, share);
	return err_usage(e, "wrong rule '%s': %s is a fraction%s: write %g for %g %%", x->text, share,
			 points ? "" : " from 0 to 1", points ? bound / 100 : 0.05, points ? bound : 5);
}

/* "recovered within 15s" is "recovery_after_revert_s <= 15". */
static int parse_recovered(struct expr *x, const char *text, struct err *e)
{
	char rule[EXPR_TEXT_MAX];
	const char *span = text + strlen("recovered"), *word = span + strspn(span, " ");
	int64_t within_ns;
	if (word == span || strncmp(word, "within ", 7) != 0)
		return err_usage(e, "wrong rule '%s': column %zu: want 'within' and a time span", text,
				 (size_t)(word - text) + 1);
	span = word + 7 + strspn(word + 7, " ");
	if (strlen(text) >= sizeof x->text || span_parse(span, &within_ns))
		return err_usage(e, "wrong rule '%.100s': column %zu: want a time span, as 15s", text,
				 (size_t)(span - text) + 1);
	snprintf(rule, sizeof rule, "%s <= %.9f", metric_names[METRIC_AFTER_REVERT], ns_to_s(within_ns));
	int rc = expr_parse(x, rule, metric_names, e);
	memcpy(x->text, text, strlen(text) + 1);
	return rc;
}

/* -1, also for a rule that is parsed already and wrong: names "recovered" where a word near to it has its form. */
static int near_recovered(const char *text, struct err *e)
{
	const char *near = NULL;
	char word[32];
	snprintf(word, sizeof word, "%.*s", (int)strcspn(text, " "), text);
	suggest(word, "recovered", &near);
	if (near && strncmp(text + strlen(word), " within ", 8) == 0)
		err_usage(e, "wrong rule '%.100s': column 1: unknown '%s'; did you mean '%s'?", text, word, near);
	return -1;
}

int rule_parse(struct expr *x, const char *text, enum rule_kind kind, bool has_baseline, struct err *e)
{
	if (kind == RULE_EXPECT && strncmp(text, "recovered", 9) == 0)
		return parse_recovered(x, text, e);
	if (expr_parse(x, text, metric_names, e))
		return kind == RULE_EXPECT ? near_recovered(text, e) : -1;
	for (unsigned i = 0; i < x->count; i++)
		if (x->nodes[i].op == EXPR_METRIC &&
		    check_metric(x, x->nodes[i].metric, x->nodes[i].baseline, kind, e))
			return -1;
	if (check_shares(x, e))
		return -1;
	if (x->uses_baseline && !has_baseline)
		return err_usage(e, "the rule '%s' needs a baseline run (--baseline, --baseline-id)", x->text);
	return 0;
}

size_t rule_load_len(const char *text)
{
	size_t len = strcspn(text, ": <>=");
	return text[len] == ':' ? len : 0;
}

bool rule_is_for(const char *rule, const char *load)
{
	size_t len = rule_load_len(rule);
	return !len || (load && strlen(load) == len && strncmp(rule, load, len) == 0);
}

const char *rule_of_load(const char *text)
{
	size_t len = rule_load_len(text);
	text += len + (len > 0);
	return text + strspn(text, " ");
}

#include "detect/metric.h"

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
		return err_usage(e, "wrong rule '%s': there is no '%s' of a baseline", x->text, name);
	if (metric == METRIC_SILENCE && kind == RULE_STOP)
		return 0;
	if (metric == METRIC_SILENCE)
		return err_usage(e, "wrong rule '%s': '%s' is for %s", x->text, name,
				 kind == RULE_GATE ? "--stop-on" : "'stop_conditions'");
	return err_usage(e, "wrong rule '%s': '%s' is of the whole run and %s", x->text, name,
			 metric >= kinds[kind].end ? kinds[kind].why : "cannot hold 'for' a time");
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

int rule_parse(struct expr *x, const char *text, enum rule_kind kind, bool has_baseline, struct err *e)
{
	if (kind == RULE_EXPECT && strncmp(text, "recovered", 9) == 0)
		return parse_recovered(x, text, e);
	if (expr_parse(x, text, metric_names, e))
		return -1;
	for (unsigned i = 0; i < x->count; i++)
		if (x->nodes[i].op == EXPR_METRIC &&
		    check_metric(x, x->nodes[i].metric, x->nodes[i].baseline, kind, e))
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

const char *rule_of_load(const char *text)
{
	size_t len = rule_load_len(text);
	text += len + (len > 0);
	return text + strspn(text, " ");
}

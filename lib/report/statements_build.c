/* The statements of an analysis: figures, errors, anomalies, faults, nodes. */
#include "report/statements.h"

#include "report/facts/words.h"
#include "base/error_class.h"

#include <math.h>
#include <string.h>

enum { ANOMALIES_MAX = 8, FAULTS_MAX = 12, NODES_MAX = 26 };

struct source {
	struct statements *out;
	const struct json *analysis;
	const struct facts *facts;
	const struct aliases *aliases;
};

/* --- figures of the run beside those of the baseline -------------------------- */

static const struct metric {
	const char *key, *id, *name;
	bool share; /* changes are in percentage points */
} metrics[] = {
	{"throughput_rps", "throughput", "throughput", false},
	{"p50_latency_ms", "p50", "p50 latency", false},
	{"p95_latency_ms", "p95", "p95 latency", false},
	{"p99_latency_ms", "p99", "p99 latency", false},
	{"error_rate", "error_rate", "the error rate", true},
};

static const struct json *compared(const struct source *s, const char *key)
{
	double scale = json_num(json_get(s->analysis, "baseline.rate_ratio"), 1);
	if (strcmp(key, "throughput_rps") == 0 && fabs(scale - 1) > 0.005)
		return NULL; /* the two runs were planned at different rates */
	return compare_find(s->analysis, key);
}

/* "p99 latency rose from 148 ms to 300 ms (×2.0)" */
static void add_change(const struct source *s, const struct metric *m, const struct fact *before,
		       const struct fact *after, const struct json *entry)
{
	char change[WORDS_MAX];
	char *id = mem_printf("%s_change", m->id);
	words_compared(entry, m->share, change);
	if (strcmp(before->display, after->display) == 0)
		statements_add(s->out, id, "%s stayed at %s", m->name, after->display);
	else
		statements_add(s->out, id, "%s %s from %s to %s%s%s%s", m->name,
			       after->value > before->value ? "rose" : "fell", before->display,
			       after->display, *change ? " (" : "", change, *change ? ")" : "");
}

static void add_figures(const struct source *s)
{
	for (size_t i = 0; i < ARRAY_LEN(metrics); i++) {
		const struct metric *m = &metrics[i];
		const struct fact *run = facts_find(s->facts, "run_summary.%s", m->key);
		const struct fact *baseline = facts_find(s->facts, "baseline_summary.%s", m->key);
		const struct json *entry = compared(s, m->key);
		if (!run)
			continue;
		statements_add(s->out, mem_strdup(m->id), "%s was %s in the run", m->name,
			       run->display);
		if (baseline && entry)
			add_change(s, m, baseline, run, entry);
	}
}

/* --- the run as a whole --------------------------------------------------------- */

static const struct sentence {
	const char *id, *prefix, *first, *infix, *second, *suffix; /* first, second: facts */
} sentences[] = {
	{"failed", "", "run_summary.err", " of ", "run_summary.due", " requests failed"},
	{"availability", "", "availability.request", " of the requests due succeeded", NULL, ""},
	{"judged", "", "input.seconds_judged", " of ", "input.seconds", " seconds were judged"},
	{"warmup", "the first ", "params.warmup_ignore_sec",
	 " of the run are warm-up and left out", NULL, ""},
};

static void add_sentences(const struct source *s)
{
	for (size_t i = 0; i < ARRAY_LEN(sentences); i++) {
		const struct sentence *t = &sentences[i];
		const struct fact *a = facts_find(s->facts, "%s", t->first);
		const struct fact *b = t->second ? facts_find(s->facts, "%s", t->second) : NULL;
		if (a && (b || !t->second))
			statements_add(s->out, mem_strdup(t->id), "%s%s%s%s%s", t->prefix,
				       a->display, t->infix, b ? b->display : "", t->suffix);
	}
}

static void add_errors(const struct source *s)
{
	const struct json *errors = json_get(s->analysis, "run_summary.errors"), *value;
	const char *key;
	void *iter = NULL;
	while (json_next(errors, &iter, &key, &value)) {
		const struct fact *f = facts_find(s->facts, "run_summary.errors.%s", key);
		/* only words of the closed list: anything else is text from outside */
		enum error_class class = error_class_parse(key, strlen(key));
		if (f && class != ERROR_COUNT && class != ERROR_NONE)
			statements_add(s->out, mem_printf("errors_%s", key),
				       class == ERROR_ABORTED ? "%s requests were in flight when the load was stopped"
							      : "%s requests failed with the error class '%s'",
				       f->display, key);
	}
}

static void add_anomalies(const struct source *s)
{
	size_t count = json_count(json_get(s->analysis, "intervals"));
	statements_add(s->out, mem_strdup("anomalies"), "%zu anomal%s seen", count,
		       count == 1 ? "y was" : "ies were");
	for (size_t i = 0; i < count && i < ANOMALIES_MAX; i++) {
		const struct fact *start = facts_find(s->facts, "intervals.%zu.start_s", i);
		const struct fact *end = facts_find(s->facts, "intervals.%zu.end_s", i);
		const struct fact *rate = facts_find(s->facts, "intervals.%zu.max_error_rate", i);
		if (!start || !end)
			continue;
		statements_add(s->out, mem_printf("anomaly_%zu", i + 1),
			       "an anomaly lasted from %s to %s of the run", start->display,
			       end->display);
		if (rate && rate->value > 0)
			statements_add(s->out, mem_printf("anomaly_%zu_worst", i + 1),
				       "at worst, %s of the requests of a second failed in the anomaly "
				       "that began at %s",
				       rate->display, start->display);
	}
}

static void add_soundness(const struct source *s)
{
	const struct json *sound = json_get(s->analysis, "input.load_sound");
	statements_add(s->out, mem_strdup("load_sound"), "%s",
		       json_is_null(sound) ? "whether the load generator was the limit is not known"
		       : json_bool(sound, false)
			       ? "the load generator kept its schedule"
			       : "the load generator was the limit at times, so that what looks like "
				 "the service may be the generator");
}

/* --- faults ----------------------------------------------------------------------- */

/* What the statements call the node that j is about. */
static const char *name_of(const struct source *s, const struct json *j)
{
	size_t i = aliases_find(s->aliases, j);
	return i < s->out->name_count ? s->out->names[i] : "a node";
}

static const struct {
	const char *key, *id, *first, *last; /* words around the fact */
	enum { ALWAYS, IF_RECOVERED, IF_CENSORED, IF_STILL_SLOW } when;
} effects[] = {
	{"time_to_first_error_s", "first_error", "the first failed request came ", " later", ALWAYS},
	{"blackout_s", "blackout", "the longest time without a success was ", "", ALWAYS},
	{"lost_requests", "lost", "", " successes were lost", ALWAYS},
	{"error_recovery_time_s", "errors_over", "requests succeeded again ",
	 " later, but were still slow", IF_STILL_SLOW},
	{"recovery_time_s", "recovery", "the system was healthy again ", " later", IF_RECOVERED},
	{"recovery_lower_bound_s", "recovery",
	 "the system did not become healthy again within the run, for at least ", "", IF_CENSORED},
};

/* Errors were over before latency was as usual again. */
static bool still_slow(const struct facts *facts, size_t fault)
{
	const struct fact *errors = facts_find(facts, "faults.%zu.error_recovery_time_s", fault);
	const struct fact *slow = facts_find(facts, "faults.%zu.latency_recovery_time_s", fault);
	return errors && errors->value > 0 && (!slow || slow->value > errors->value);
}

/* "after a fault killed service-node-2, the system was healthy again 8.0 s later" */
static void add_effects(const struct source *s, size_t i, bool censored, bool by_other,
			const char *name, const char *past)
{
	for (size_t k = 0; k < ARRAY_LEN(effects); k++) {
		const struct fact *f = facts_find(s->facts, "faults.%zu.%s", i, effects[k].key);
		if (!f || effects[k].when == (censored ? IF_RECOVERED : IF_CENSORED) ||
		    (by_other && effects[k].when == IF_RECOVERED))
			continue;
		if (effects[k].when == IF_STILL_SLOW && !still_slow(s->facts, i))
			continue;
		statements_add(s->out, mem_printf("fault_%zu_%s", i + 1, effects[k].id),
			       "after a fault %s %s, %s%s%s", past, name, effects[k].first, f->display,
			       effects[k].last);
	}
}

static void add_fault(const struct source *s, size_t i, const struct json *fault)
{
	const struct fact *start = facts_find(s->facts, "faults.%zu.injected_s", i);
	const struct fact *end = facts_find(s->facts, "faults.%zu.reverted_s", i);
	const char *name = name_of(s, fault);
	const char *past = words_past(fault);
	past = past ? past : "disturbed";
	statements_add(s->out, mem_printf("fault_%zu", i + 1), "a fault %s %s%s%s", past, name,
		       start ? " at " : ", which was never confirmed", start ? start->display : "");
	bool by_other = json_bool(json_get(fault, "by_other"), false);
	if (end)
		statements_add(s->out, mem_printf("fault_%zu_undone", i + 1),
			       "the fault on %s was %s at %s", name,
			       by_other ? "over before chaos-fault undid it, as seen" : "undone", end->display);
	if (json_bool(json_get(fault, "revert_failed"), false))
		statements_add(s->out, mem_printf("fault_%zu_undone", i + 1),
			       "undoing the fault on %s failed", name);
	if (json_bool(json_get(fault, "affected"), false))
		add_effects(s, i, json_bool(json_get(fault, "censored"), false), by_other, name, past);
	else
		statements_add(s->out, mem_printf("fault_%zu_effect", i + 1),
			       "no anomaly followed the fault on %s", name);
}

static void add_faults(const struct source *s)
{
	const struct json *faults = json_get(s->analysis, "faults");
	for (size_t i = 0; i < json_count(faults) && i < FAULTS_MAX; i++)
		add_fault(s, i, json_at(faults, i));
	if (!json_count(faults))
		statements_add(s->out, mem_strdup("no_fault"), "no fault is on record");
}

/* --- nodes ------------------------------------------------------------------------ */

/* Says what a node was in the run beside its name, so that no text can give it another part. */
static void add_node_names(const struct source *s)
{
	for (size_t i = 0; i < s->aliases->count && i < NODES_MAX && s->aliases->all_known; i++)
		statements_add(s->out, mem_printf("node_%zu", i + 1), "%s (%s fault)",
			       s->out->names[i],
			       s->aliases->all[i].faulted ? "the node with the"
							  : "a node without a");
}

static void add_nodes(const struct source *s)
{
	const struct json *nodes = json_get(s->analysis, "nodes");
	for (size_t i = 0; i < json_count(nodes) && i < NODES_MAX; i++) {
		const struct fact *err = facts_find(s->facts, "nodes.%zu.err", i);
		const struct fact *due = facts_find(s->facts, "nodes.%zu.due", i);
		const struct fact *p99 = facts_find(s->facts, "nodes.%zu.p99_latency_ms", i);
		size_t number = aliases_find(s->aliases, json_at(nodes, i));
		if (number == s->aliases->count)
			continue;
		if (err && due)
			statements_add(s->out, mem_printf("node_%zu_failed", number + 1),
				       "%s of %s requests failed on %s", err->display, due->display,
				       s->out->names[number]);
		if (p99)
			statements_add(s->out, mem_printf("node_%zu_p99", number + 1),
				       "p99 latency was %s on %s", p99->display,
				       s->out->names[number]);
	}
}

void statements_build(struct statements *out, const struct json *analysis, const struct facts *facts,
		      const struct aliases *aliases, bool redact)
{
	const struct source s = {out, analysis, facts, aliases};
	*out = (struct statements){0};
	for (size_t i = 0; i < aliases->count; i++) {
		struct buf name = BUF_INIT;
		char alias[ALIAS_MAX];
		if (redact)
			buf_addstr(&name, alias_text(i, alias));
		else
			report_text(&name, aliases_name(aliases, i));
		statements_add_name(out, buf_detach(&name));
	}
	add_figures(&s);
	add_sentences(&s);
	add_errors(&s);
	add_anomalies(&s);
	add_faults(&s);
	add_node_names(&s);
	add_nodes(&s);
	add_soundness(&s);
}

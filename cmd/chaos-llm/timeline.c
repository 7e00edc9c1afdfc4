/* What was done: requested and confirmed are two moments. */
#include "report.h"

#include "stream/words.h"

#include <math.h>

enum { LINES_MAX = 40 };

static const char *verb(enum event_kind k)
{
	static const char *const words[EVENT_COUNT] = {
		[EVENT_RUN_START] = "run starts",
		[EVENT_PHASE_START] = "phase",
		[EVENT_LOAD_RATE] = "load",
		[EVENT_FAULT_REQUESTED] = "asked for",
		[EVENT_FAULT_INJECTED] = "confirmed",
		[EVENT_FAULT_VERIFIED] = "effect seen",
		[EVENT_REVERT_REQUESTED] = "undoing asked for",
		[EVENT_REVERTED] = "undone, confirmed",
		[EVENT_REVERT_FAILED] = "**undoing failed**",
		[EVENT_NODE_DOWN] = "node down",
		[EVENT_NODE_READY] = "node ready",
		[EVENT_STOP_RULE] = "stop rule",
		[EVENT_RUN_END] = "run ends",
		[EVENT_WARNING] = "warning",
		[EVENT_ERROR] = "error",
	};
	return words[k];
}

static void add_word(const struct report *r, const char *before, const char *word)
{
	if (!word)
		return;
	buf_addstr(r->out, before);
	report_text(r->out, word);
}

static void event_line(const struct report *r, const struct event *ev, double t0_s)
{
	char rate[WORDS_MAX];
	const struct json *rps = json_get(ev->json, "rate_rps");
	buf_addf(r->out, "| %.3f s | %s", ev->t - t0_s, verb(ev->kind));
	if (ev->kind == EVENT_LOAD_RATE)
		buf_addf(r->out, " %s", words_value(json_num(rps, NAN), "/s", rate));
	else
		add_word(r, ev->fault ? ": " : " ", ev->fault ? ev->action : NULL);
	add_word(r, ev->fault && ev->action ? " of " : " ", ev->node ? ev->node : ev->url);
	add_word(r, " ",
		 json_str(json_get(ev->json, "name"), json_str(json_get(ev->json, "phase"), NULL)));
	add_word(r, ": ", json_str(json_get(ev->json, "message"), NULL));
	add_word(r, " (", ev->fault);
	buf_addstr(r->out, ev->fault ? ") |\n" : " |\n");
}

/* From events; times count from second 0 of the analysis. */
static void from_events(const struct report *r, double t0_s)
{
	size_t shown = 0, left_out = 0;
	buf_addstr(r->out, "| at | event |\n|---:|---|\n");
	for (size_t i = 0; i < r->events->count; i++) {
		if (!verb(r->events->events[i].kind))
			continue;
		if (shown++ < LINES_MAX)
			event_line(r, &r->events->events[i], t0_s);
		else
			left_out++;
	}
	if (left_out)
		buf_addf(r->out, "\n… and %zu more.\n", left_out);
}

static void from_faults(const struct report *r)
{
	static const char *const keys[] = {"requested_s", "injected_s", "revert_requested_s",
					   "reverted_s"};
	size_t count = json_count(json_get(r->analysis, "faults"));
	buf_addstr(r->out,
		   "| fault | asked for | confirmed | undoing asked for | undone, confirmed "
		   "|\n|---|---:|---:|---:|---:|\n");
	for (size_t i = 0; i < count && i < LINES_MAX; i++) {
		buf_addstr(r->out, "| ");
		report_fault_name(r, i);
		for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
			const struct fact *f = facts_find(r->facts, "faults.%zu.%s", i, keys[k]);
			buf_addf(r->out, " | %s", f ? f->display : "never");
		}
		buf_addstr(r->out, " |\n");
	}
}

void report_timeline(const struct report *r)
{
	const struct fact *t0 = facts_find(r->facts, "input.start_epoch_s");
	bool events = r->events->count && t0;
	if (!events && !json_count(json_get(r->analysis, "faults")))
		return;
	buf_addstr(r->out, "\n## What was done\n\n");
	if (events)
		from_events(r, t0->value);
	else
		from_faults(r);
}

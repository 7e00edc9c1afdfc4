/* The timeline: events, or else the times of each fault. */
#include "report/sections/sections.h"

#include "base/signame.h"
#include "report/facts/words.h"

#include <math.h>
#include <signal.h>
#include <string.h>

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

/* Why the run ended, unless it simply came to its end. */
static const char *why_ended(const struct event *ev)
{
	const char *reason = json_str(json_get(ev->json, "reason"), NULL);
	double signo = json_num(json_get(ev->json, "signal"), 0);
	const char *name = signo > 0 && signo < NSIG ? signal_abbrev((int)signo) : NULL;
	if (ev->kind != EVENT_RUN_END || !reason || strcmp(reason, "done") == 0)
		return NULL;
	if (name && strcmp(name, "INT") == 0)
		return "interrupted (SIGINT)";
	return name && strcmp(name, "TERM") == 0 ? "ended from outside (SIGTERM)"
	       : name			     ? "ended by a signal"
					     : reason;
}

static void event_line(const struct report *r, const struct event *ev, double t0_s)
{
	char rate[WORDS_MAX];
	const struct json *rps = json_get(ev->json, "rate_rps");
	/* The state of a node is shown without the fault that caused it. */
	bool node_state = ev->kind == EVENT_NODE_DOWN || ev->kind == EVENT_NODE_READY;
	bool named = ev->fault && !node_state;
	buf_addf(r->out, "| %.3f s | %s", ev->t - t0_s, verb(ev->kind));
	if (ev->kind == EVENT_LOAD_RATE)
		buf_addf(r->out, " %s", words_value(json_num(rps, NAN), "/s", rate));
	else
		add_word(r, ": ", named ? ev->action : NULL);
	add_word(r, named && ev->action ? " of " : named || node_state ? ": " : " ",
		 ev->node ? ev->node : ev->url);
	add_word(r, " ",
		 json_str(json_get(ev->json, "name"), json_str(json_get(ev->json, "phase"), NULL)));
	add_word(r, ": ", json_str(json_get(ev->json, "message"), NULL));
	add_word(r, ": ", why_ended(ev));
	add_word(r, " (", named ? ev->fault : NULL);
	buf_addstr(r->out, named ? ") |\n" : " |\n");
}

/* Whether the event sets the rate that the load has already, as at the start of a phase. */
static bool same_rate(const struct event *ev, double *last)
{
	if (ev->kind != EVENT_LOAD_RATE)
		return false;
	double now = json_num(json_get(ev->json, "rate_rps"), NAN);
	double then = json_num(json_get(ev->json, "to_rps"), NAN); /* of a ramp */
	bool same = isnan(then) && now >= *last && now <= *last;
	*last = isnan(then) ? now : then;
	return same;
}

/* Times are relative to second 0 of the analysis. */
static void from_events(const struct report *r, double t0_s)
{
	size_t shown = 0, left_out = 0;
	buf_addstr(r->out, "| at | event |\n|---:|---|\n");
	double rate = NAN;
	for (size_t i = 0; i < r->events->count; i++) {
		if (!verb(r->events->events[i].kind) || same_rate(&r->events->events[i], &rate))
			continue;
		if (shown++ < LINES_MAX)
			event_line(r, &r->events->events[i], t0_s);
		else
			left_out++;
	}
	if (left_out)
		buf_addf(r->out, "\n… and %zu more.\n", left_out);
}

static void fault_row(const struct report *r, size_t i)
{
	static const char *const keys[] = {"requested_s", "injected_s", "revert_requested_s",
					   "reverted_s"};
	buf_addstr(r->out, "| ");
	report_fault_name(r, i);
	for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
		const struct fact *f = facts_find(r->facts, "faults.%zu.%s", i, keys[k]);
		buf_addf(r->out, " | %s", f ? f->display : "never");
	}
	buf_addstr(r->out, " |\n");
}

static void from_faults(const struct report *r)
{
	buf_addstr(r->out,
		   "| fault | asked for | confirmed | undoing asked for | undone, confirmed "
		   "|\n|---|---:|---:|---:|---:|\n");
	report_rows(r, json_count(json_get(r->analysis, "faults")), LINES_MAX, fault_row);
}

void section_timeline(const struct report *r)
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

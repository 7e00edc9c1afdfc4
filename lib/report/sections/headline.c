/* The title and the finding in a paragraph. */
#include "report/sections/sections.h"

#include "report/facts/words.h"
#include "report/finding/finding.h"

#include <math.h>
#include <stdlib.h>

static void add_effect(const struct report *r)
{
	const struct json *intervals = json_get(r->analysis, "intervals");
	const struct fact *rate = NULL, *least = NULL;
	for (size_t i = 0; i < json_count(intervals); i++) {
		const struct fact *e = facts_find(r->facts, "intervals.%zu.max_error_rate", i);
		const struct fact *q = facts_find(r->facts, "intervals.%zu.min_ratio", i);
		rate = e && e->value > (rate ? rate->value : 0) ? e : rate;
		least = q && (!least || q->value < least->value) ? q : least;
	}
	if (least && least->value >= 0.995) /* slow, but all succeeded */
		least = NULL;
	if (!rate && !least)
		return;
	buf_addstr(r->out, " In the worst second ");
	if (rate)
		buf_addf(r->out, "%s of requests failed%s", rate->display, least ? " and " : "");
	if (least)
		buf_addf(r->out, "throughput was %s of normal", least->display);
	buf_addch(r->out, '.');
}

/* What nobody can tell apart. */
static void add_shared(const struct report *r)
{
	const struct fact *due = facts_find(r->facts, "shared.due");
	if (due && due->value > 0)
		buf_addf(r->out,
			 " Faults overlap: %s requests, of which %s failed, lie in more than one of them and "
			 "cannot be told apart; none of them is among the losses of a single fault.",
			 due->display, facts_display(r->facts, "shared.err"));
}

/* What could not be judged might have been bad too. */
static void add_not_judged(const struct report *r)
{
	const struct json *list = json_get(r->analysis, "not_judged");
	for (size_t i = 0; i < json_count(list); i++) {
		buf_addstr(r->out, i ? "; " : "\nNot judged: ");
		report_text(r->out, json_str(json_get(json_at(list, i), "what"), "?"));
		buf_addstr(r->out, " (");
		report_text(r->out, json_str(json_get(json_at(list, i), "reason"), "?"));
		buf_addch(r->out, ')');
	}
	if (json_count(list))
		buf_addstr(r->out, ".\n");
}

/* Windows of another length than a second, of which the report speaks. */
static void add_window(const struct report *r)
{
	const struct fact *f = facts_find(r->facts, "params.window_s");
	if (f && fabs(f->value - 1) > 1e-9)
		buf_addf(r->out, "\nA second stands here for a window of %s.\n", f->display);
}

static void add_finding(const struct report *r)
{
	char *line = report_line(r->analysis);
	buf_addstr(r->out, "# Report on ");
	report_text(r->out, json_str(json_get(r->analysis, "run_id"), "a run"));
	buf_addstr(r->out, "\n\n**");
	report_text(r->out, line);
	buf_addstr(r->out, ".**");
	if (json_count(json_get(r->analysis, "intervals")))
		add_effect(r);
	add_shared(r);
	buf_addch(r->out, '\n');
	free(line);
}

void section_headline(const struct report *r)
{
	add_finding(r);
	add_not_judged(r);
	add_window(r);
}

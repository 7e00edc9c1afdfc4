/* The section that tells what came of each expectation. */
#include "report/sections/sections.h"

#include "report/facts/words.h"

#include <math.h>
#include <string.h>

enum { ROWS_MAX = 50 };

/* A side of the rule, in the unit of its metric. */
static void add_side(const struct report *r, const struct json *x, const char *key)
{
	static const struct {
		const char *in, *unit;
	} units[] = {{"_ms", "ms"}, {"_s ", "s"}, {"_sec", "s"}, {"_rps", "/s"}};
	const char *text = json_text(x, "text"), *unit = NULL;
	char words[WORDS_MAX];
	double v = json_num(json_get(x, key), NAN);
	for (size_t i = 0; i < ARRAY_LEN(units) && !unit; i++)
		unit = strstr(text, units[i].in) ? units[i].unit : NULL;
	if (isnan(v))
		buf_addstr(r->out, " unknown |");
	else if (strncmp(text, "recovered", 9) == 0 && v < 0)
		buf_addstr(r->out, " before it was lifted |");
	else if (strncmp(text, "recovered", 9) == 0)
		buf_addf(r->out, " %s |", words_span(v, words));
	else if (!unit && (strstr(text, "error_rate") || strstr(text, "availability.")))
		buf_addf(r->out, " %s |", words_share(v, words));
	else
		buf_addf(r->out, " %s%s%s |", words_many(v, words), unit ? " " : "", unit ? unit : "");
}

static void expectation_row(const struct report *r, size_t i)
{
	static const char *const keys[] = {"phase", "load", "fault"};
	const struct json *x = json_at(json_get(r->analysis, "expectations"), i);
	const char *reason = json_str(json_get(x, "reason"), NULL), *comma = "";
	bool told = !json_is_null(json_get(x, "value")) && strcmp(json_text(x, "result"), "missed") == 0;
	buf_addstr(r->out, "| ");
	report_text(r->out, json_str(json_get(x, "text"), "?"));
	buf_addstr(r->out, " | ");
	for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
		const char *name = json_str(json_get(x, keys[k]), NULL);
		if (!name)
			continue;
		buf_addstr(r->out, comma);
		report_text(r->out, name);
		comma = ", ";
	}
	buf_addstr(r->out, *comma ? " |" : "the whole run |");
	add_side(r, x, "value");
	add_side(r, x, "bound");
	buf_addf(r->out, " %s%s", json_str(json_get(x, "result"), "unknown"), reason && !told ? ": " : "");
	if (reason && !told) /* else the value says it */
		report_text(r->out, reason);
	buf_addstr(r->out, " |\n");
}

void section_expectations(const struct report *r)
{
	size_t count = json_count(json_get(r->analysis, "expectations"));
	if (!count)
		return;
	report_heading(r, "Expectations");
	buf_addstr(r->out, "| rule | phase, load, fault | value | bound | result |\n|---|---|---:|---:|---|\n");
	report_rows(r, count, ROWS_MAX, expectation_row);
}

/* What the sections share. */
#include "report/sections/sections.h"

#include "report/facts/words.h"

void report_heading(const struct report *r, const char *title)
{
	buf_addf(r->out, "\n## %s%s", title, r->load ? ": " : "");
	report_text(r->out, r->load ? r->load : "");
	buf_addstr(r->out, "\n\n");
}

void report_fault_name(const struct report *r, size_t i)
{
	const struct json *fault = json_at(json_get(r->analysis, "faults"), i);
	const char *node = json_str(json_get(fault, "node"), json_str(json_get(fault, "url"), NULL));
	report_text(r->out, json_str(json_get(fault, "action"), "fault"));
	if (node) {
		buf_addstr(r->out, " of ");
		report_text(r->out, node);
	}
}

void report_rows(const struct report *r, size_t count, size_t most,
		 void (*row)(const struct report *r, size_t i))
{
	for (size_t i = 0; i < count && i < most; i++)
		row(r, i);
	if (count > most)
		buf_addf(r->out, "\n… and %zu more.\n", count - most);
}

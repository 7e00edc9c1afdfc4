#include "report/report.h"

void report_markdown(const struct report *r)
{
	static void (*const sections[])(const struct report *) = {
		section_headline, section_expectations, section_summary, section_timeline, section_users,
		section_recovery, section_nodes,	section_trust,	 section_next,
	};
	for (size_t i = 0; i < ARRAY_LEN(sections); i++)
		report_section(r, sections[i]);
}

void report_section(const struct report *r, void (*section)(const struct report *))
{
	const struct json *loads = json_get(r->analysis, "loads"), *its;
	bool whole = section == section_headline || section == section_expectations ||
		     section == section_timeline || section == section_next;
	const char *name;
	void *iter = NULL;
	if (whole || !json_is_object(loads))
		section(r);
	while (!whole && json_next(loads, &iter, &name, &its)) {
		struct facts facts;
		facts_collect(&facts, its);
		section(&(struct report){r->out, its, &facts, r->events, name});
		facts_release(&facts);
	}
}

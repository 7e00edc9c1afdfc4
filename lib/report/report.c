#include "report/report.h"

#include <math.h>
#include <string.h>

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

bool report_together(const struct json *analysis, size_t i, size_t k)
{
	const struct json *faults = json_get(analysis, "faults");
	const struct json *others = json_get(json_at(faults, i), "together_with");
	const char *uid = json_str(json_get(json_at(faults, k), "fault"), "");
	for (size_t n = 0; n < json_count(others); n++)
		if (strcmp(json_str(json_at(others, n), ""), uid) == 0)
			return true;
	return false;
}

bool report_outlasted(const struct json *analysis, size_t i)
{
	const struct json *faults = json_get(analysis, "faults");
	double own_s = json_num(json_get(json_at(faults, i), "reverted_s"), INFINITY);
	for (size_t k = 0; k < json_count(faults); k++)
		if (json_num(json_get(json_at(faults, k), "reverted_s"), INFINITY) > own_s &&
		    report_together(analysis, i, k))
			return true;
	return false;
}

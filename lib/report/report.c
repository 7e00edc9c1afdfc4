#include "report/report.h"

void report_markdown(const struct report *r)
{
	static void (*const sections[])(const struct report *) = {
		section_headline, section_summary, section_timeline, section_users,
		section_recovery, section_nodes,	 section_trust,	  section_next,
	};
	for (size_t i = 0; i < ARRAY_LEN(sections); i++)
		sections[i](r);
}

#include "report/report.h"

void report_write(const struct report *r)
{
	static void (*const sections[])(const struct report *) = {
		report_headline, report_summary, report_timeline, report_users,
		report_recovery, report_nodes,	 report_trust,	  report_next,
	};
	for (size_t i = 0; i < ARRAY_LEN(sections); i++)
		sections[i](r);
}

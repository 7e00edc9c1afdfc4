/* Faults whose effects cannot be told apart from each other, or from their undo. */
#include "report/finding/finding.h"

#include <math.h>
#include <string.h>

bool report_together(const struct json *analysis, size_t i, size_t k)
{
	const struct json *faults = json_get(analysis, "faults");
	const struct json *others = json_get(json_at(faults, i), "together_with");
	const char *uid = json_text(json_at(faults, k), "fault");
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

const char *report_before_revert(const struct json *fault, double after_s, double window_s)
{
	double reverted_s = json_num(json_get(fault, "reverted_s"), NAN);
	double undo_s = reverted_s - json_num(json_get(fault, "revert_requested_s"), reverted_s);
	return after_s + window_s / 2 < -undo_s ? "while it lasted" : "during its undo";
}

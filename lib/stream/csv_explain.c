#include "stream/csv_row.h"

#include <stdio.h>

enum { SHOWN_MAX = 40 };

static void say(struct csv *c, const char *column, struct csv_text t, const char *is)
{
	char shown[SHOWN_MAX + 1];
	size_t len = t.len < SHOWN_MAX ? t.len : SHOWN_MAX;
	for (size_t i = 0; i < len; i++) /* whatever it is, it must not move the cursor */
		shown[i] = t.at[i] < ' ' || t.at[i] == 127 ? '?' : t.at[i];
	shown[len] = '\0';
	snprintf(c->bad_reason, sizeof c->bad_reason, "%s '%s' %s", column, shown, is);
}

/* Whether the field is what makes the row bad; then it is named. */
static bool is_wrong(struct csv *c, enum csv_column column, struct csv_text t)
{
	int64_t v;
	if (column == CSV_TIMESTAMP && (csv_fixed(t, 9, &v) || v >= CSV_TIME_END_NS))
		say(c, "timestamp", t, "is no UNIX time in seconds");
	else if (column == CSV_LATENCY_MS && (csv_fixed(t, 6, &v) || v > CSV_LATENCY_MAX_NS))
		say(c, "latency_ms", t, "is no time in ms");
	else
		return false;
	return true;
}

void csv_explain(struct csv *c, const char *p, const char *end)
{
	bool odd = false;
	struct csv_text t;
	size_t fields = 0;
	while (p < end && (p = csv_scan_field(p, end, &t, &odd))) {
		if (fields < c->column_count &&
		    is_wrong(c, (enum csv_column)c->columns[fields], t))
			return;
		fields++;
		if (*p++ == '\n')
			break;
	}
	if (fields < c->column_count)
		snprintf(c->bad_reason, sizeof c->bad_reason, "%zu of %zu fields", fields,
			 c->column_count);
	else
		snprintf(c->bad_reason, sizeof c->bad_reason, "the row is damaged");
}

#include "csv/csv_row.h"

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
	bool span = column == CSV_LATENCY_MS || column == CSV_LENGTH_S || column == CSV_P50_MS ||
		    column == CSV_P95_MS || column == CSV_P99_MS;
	bool count = column == CSV_OK || column == CSV_ERR;
	if (column == CSV_TIMESTAMP && csv_unix_time(t, &v))
		say(c, "timestamp", t, "is no UNIX time in s, ms, us or ns");
	else if (count && (csv_fixed(t, 0, &v) || v > CSV_COUNT_MAX))
		say(c, csv_column_name(column), t, "is no count");
	else if (column == CSV_LENGTH_S && t.len &&
		 (csv_fixed(t, 9, &v) || v == 0 || v > CSV_LENGTH_MAX_NS))
		say(c, "length_s", t, "is no length in s");
	else if (span && column != CSV_LENGTH_S && (t.len || column == CSV_LATENCY_MS) &&
		 (csv_fixed(t, 6, &v) || v > CSV_LATENCY_MAX_NS))
		say(c, csv_column_name(column), t, "is no time in ms");
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
		if (fields < c->column_count && is_wrong(c, (enum csv_column)c->columns[fields], t))
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

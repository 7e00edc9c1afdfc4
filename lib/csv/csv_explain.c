#include "csv/csv_row.h"

#include "base/text.h"

#include <stdio.h>

enum { SHOWN_MAX = 40 };

static const char *const is_no[CSV_COLUMN_COUNT] = {
	[CSV_TIMESTAMP] = "no UNIX time in s, ms, us or ns",
	[CSV_LATENCY_MS] = "no time in ms",
	[CSV_SUCCESS] = "neither true nor false",
	[CSV_DETAIL] = "no account of lost rows",
	[CSV_LENGTH_S] = "no length in s",
	[CSV_OK] = "no count",
	[CSV_ERR] = "no count",
	[CSV_P50_MS] = "no time in ms",
	[CSV_P95_MS] = "no time in ms from p50_ms on",
	[CSV_P99_MS] = "no time in ms from p95_ms on",
};

static void say_field(struct csv *c)
{
	const struct csv_text t = c->wrong_text;
	snprintf(c->bad_reason, sizeof c->bad_reason, "%s '%.*s' is %s", csv_column_name(c->wrong),
		 (int)(t.len < SHOWN_MAX ? t.len : SHOWN_MAX), t.at, is_no[c->wrong]);
	plain_line(c->bad_reason);
}

static void say_form(struct csv *c, const char *p, const char *end)
{
	bool odd = false;
	struct csv_text t = {"", 0};
	size_t fields = 0;
	while (p < end && (p = csv_scan_field(p, end, &t, &odd))) {
		fields++;
		if (*p++ == '\n')
			break;
	}
	if (fields < c->column_count)
		snprintf(c->bad_reason, sizeof c->bad_reason, "%zu of %zu fields", fields,
			 c->column_count);
	else if (!odd && csv_is_too_long(c, fields, t))
		snprintf(c->bad_reason, sizeof c->bad_reason, "%zu fields, not %zu", fields,
			 c->column_count);
	else
		snprintf(c->bad_reason, sizeof c->bad_reason, "the row is damaged");
}

void csv_explain(struct csv *c, const char *p, const char *end)
{
	if (c->wrong == CSV_SKIPPED)
		say_form(c, p, end);
	else
		say_field(c);
}

#include "stream/csv_row.h"

#include "base/buf.h"
#include "base/units.h"

#include <string.h>

/* What free text in `error` says, tried in this order, without regard to case. */
static const struct {
	const char *says;
	enum sample_error error;
} phrases[] = {
	{"timed out", ERROR_TIMEOUT},
	{"timeout", ERROR_TIMEOUT},
	{"refused", ERROR_REFUSED},
	{"reset", ERROR_RESET},
	{"unreachable", ERROR_UNREACHABLE},
	{"no route", ERROR_UNREACHABLE},
	{"name or service", ERROR_DNS},
	{"name resolution", ERROR_DNS},
	{"resolve", ERROR_DNS},
	{"getaddrinfo", ERROR_DNS},
	{"certificate", ERROR_TLS},
	{"ssl", ERROR_TLS},
	{"readonly", ERROR_REDIS_READONLY},
	{"read only replica", ERROR_REDIS_READONLY},
	{"clusterdown", ERROR_REDIS_CLUSTERDOWN},
	{"is loading", ERROR_REDIS_LOADING},
	{"noauth", ERROR_REDIS_AUTH},
	{"wrongpass", ERROR_REDIS_AUTH},
	{"out of memory", ERROR_REDIS_OOM},
	{"closed", ERROR_CLOSED},
	{"disconnected", ERROR_CLOSED},
	{"broken pipe", ERROR_CLOSED},
	{"aborted", ERROR_CLOSED},
};

static enum sample_error class_of_status(int status)
{
	return status >= 600 || status < 400 ? ERROR_HTTP_OTHER
	       : status >= 500		     ? ERROR_HTTP_5XX
					     : ERROR_HTTP_4XX;
}

static enum sample_error class_of_text(struct csv_text t)
{
	char text[512];
	size_t len = t.len < sizeof text - 1 ? t.len : sizeof text - 1;
	memcpy(text, t.at, len);
	text[len] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(phrases); i++)
		if (strcasestr(text, phrases[i].says))
			return phrases[i].error;
	return ERROR_COUNT;
}

/* During an outage every row has the same word of the list: it is looked up once. */
static enum sample_error class_of(struct csv *c, struct csv_text t, int status)
{
	if (t.len && t.len == c->last_error_len && memcmp(t.at, c->last_error, t.len) == 0)
		return c->last_class;
	enum sample_error e = t.len ? sample_error_parse(t.at, t.len) : ERROR_COUNT;
	if (e == ERROR_COUNT)
		return status >= 400 ? class_of_status(status) : class_of_text(t);
	memcpy(c->last_error, t.at, t.len);
	c->last_error_len = t.len;
	c->last_class = e;
	return e;
}

static bool text_is(struct csv_text t, const char *word)
{
	return t.len == strlen(word) && memcmp(t.at, word, t.len) == 0;
}

/* The text behind "key=" in t, up to a blank. */
static struct csv_text key_text(struct csv_text t, const char *key)
{
	const char *p = memmem(t.at, t.len, key, strlen(key));
	if (!p)
		return (struct csv_text){"", 0};
	p += strlen(key);
	const char *end = t.at + t.len, *blank = memchr(p, ' ', (size_t)(end - p));
	return (struct csv_text){p, (size_t)((blank ? blank : end) - p)};
}

static int unix_time(struct csv_text t, int64_t *ns)
{
	return csv_fixed(t, 9, ns) || *ns >= CSV_TIME_END_NS ? -1 : 0;
}

/* A marker row of lost output; one that does not say what it stands for is bad. */
static int marker(struct csv_row *row, struct csv_text detail)
{
	int64_t count;
	if (csv_fixed(key_text(detail, "count="), 0, &count) ||
	    unix_time(key_text(detail, "from="), &row->lost_from_ns) ||
	    unix_time(key_text(detail, "to="), &row->lost_to_ns) ||
	    row->lost_to_ns < row->lost_from_ns)
		return -1;
	row->kind = CSV_LOST;
	row->lost = (uint64_t)count;
	return 0;
}

int csv_failed_row(struct csv *c, struct csv_row *row, struct csv_text error,
		   struct csv_text detail)
{
	row->failed = true;
	row->error = class_of(c, error, row->status_code);
	if (row->error == ERROR_LOCAL && row->slot == SAMPLE_NO_SLOT && text_is(row->op, "output"))
		return marker(row, detail);
	return 0;
}

/* What the columns of a row had, before it is known whether the row is whole. */
struct fields {
	struct csv_text error, detail;
	bool has_time, has_latency, bad_latency;
};

static void take(struct csv_row *row, struct fields *f, enum csv_column column, struct csv_text t)
{
	int64_t v;
	switch (column) {
	case CSV_TIMESTAMP:
		f->has_time = unix_time(t, &row->due_ns) == 0;
		break;
	case CSV_LATENCY_MS:
		f->has_latency = csv_fixed(t, 6, &row->latency_ns) == 0 &&
				 row->latency_ns <= CSV_LATENCY_MAX_NS;
		f->bad_latency = !f->has_latency && t.len;
		break;
	case CSV_STATUS_CODE:
		row->status_code = t.len && csv_fixed(t, 0, &v) == 0 && v < 1000 ? (int)v : 0;
		break;
	case CSV_SLOT:
		row->slot = t.len && csv_fixed(t, 0, &v) == 0 ? (uint64_t)v : SAMPLE_NO_SLOT;
		break;
	case CSV_NODE:
		row->node = t;
		break;
	case CSV_OP:
		row->op = t;
		break;
	case CSV_ERROR_TEXT:
		f->error = t;
		break;
	case CSV_DETAIL:
		f->detail = t;
		break;
	case CSV_SKIPPED:
	case CSV_COLUMN_COUNT:
		break;
	}
}

static enum csv_scan finish(struct csv *c, struct csv_row *row, const struct fields *f)
{
	if (!f->has_time || f->bad_latency)
		return SCAN_BAD;
	if (f->error.len == 0 && row->status_code < 400)
		return f->has_latency ? SCAN_ROW : SCAN_BAD;
	if (!f->has_latency)
		row->latency_ns = -1;
	return csv_failed_row(c, row, f->error, f->detail) ? SCAN_BAD : SCAN_ROW;
}

enum csv_scan csv_scan_row(struct csv *c, const char *p, const char *end, struct csv_row *row,
			   const char **next)
{
	struct fields f = {.error = {"", 0}, .detail = {"", 0}};
	struct csv_text t = {p, 0};
	bool odd = false;
	const char *start = p;
	size_t column = 0;
	*row = (struct csv_row){.slot = SAMPLE_NO_SLOT, .node = {"", 0}, .op = {"", 0}};
	for (;;) {
		p = csv_scan_field(p, end, &t, &odd);
		if (!p)
			return SCAN_PART;
		if (column < c->column_count && c->columns[column] != CSV_SKIPPED)
			take(row, &f, (enum csv_column)c->columns[column], t);
		column++;
		if (*p++ == '\n')
			break;
	}
	*next = p;
	if (column == 1 && t.len == 0 && *start != '"')
		return SCAN_BLANK;
	if (odd || column < c->column_count)
		return SCAN_BAD;
	return finish(c, row, &f);
}

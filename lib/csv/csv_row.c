#include "csv/csv_row.h"

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

/* A marker row of lost output; one that does not say what it stands for is bad. */
static int marker(struct csv_row *row, struct csv_text detail)
{
	int64_t count;
	if (csv_fixed(key_text(detail, "count="), 0, &count) ||
	    csv_unix_time(key_text(detail, "from="), &row->lost_from_ns) ||
	    csv_unix_time(key_text(detail, "to="), &row->lost_to_ns) ||
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
	if (row->error == ERROR_LOCAL && row->slot == SAMPLE_NO_SLOT && csv_text_is(row->op, "output"))
		return marker(row, detail);
	if (row->error == ERROR_ABORTED)
		row->kind = CSV_ABORTED;
	return 0;
}

/* What the columns of a row hold; empty where the file has no such column. */
struct fields {
	struct csv_text of[CSV_COLUMN_COUNT];
};

static enum csv_scan take_request(struct csv *c, struct csv_row *row, const struct fields *f)
{
	int64_t v;
	struct csv_text latency = f->of[CSV_LATENCY_MS], status = f->of[CSV_STATUS_CODE];
	struct csv_text slot = f->of[CSV_SLOT], error = f->of[CSV_ERROR_TEXT];
	bool has_latency = csv_fixed(latency, 6, &row->latency_ns) == 0 &&
			   row->latency_ns <= CSV_LATENCY_MAX_NS;
	row->status_code = status.len && csv_fixed(status, 0, &v) == 0 && v < 1000 ? (int)v : 0;
	row->slot = slot.len && csv_fixed(slot, 0, &v) == 0 ? (uint64_t)v : SAMPLE_NO_SLOT;
	row->op = f->of[CSV_OP];
	if (!has_latency && latency.len)
		return SCAN_BAD;
	if (error.len == 0 && row->status_code < 400)
		return has_latency ? SCAN_ROW : SCAN_BAD;
	if (!has_latency)
		row->latency_ns = -1;
	return csv_failed_row(c, row, error, f->of[CSV_DETAIL]) ? SCAN_BAD : SCAN_ROW;
}

static int take_quantile(struct csv_text t, int64_t *ns)
{
	*ns = -1;
	return t.len && (csv_fixed(t, 6, ns) || *ns > CSV_LATENCY_MAX_NS) ? -1 : 0;
}

static enum csv_scan take_counts(struct csv_row *row, const struct fields *f)
{
	struct csv_counts *n = &row->counts;
	struct csv_text length = f->of[CSV_LENGTH_S];
	int64_t ok, err;
	row->kind = CSV_COUNTS;
	*n = (struct csv_counts){0};
	if (csv_fixed(f->of[CSV_OK], 0, &ok) || csv_fixed(f->of[CSV_ERR], 0, &err) ||
	    ok > CSV_COUNT_MAX || err > CSV_COUNT_MAX ||
	    (length.len && (csv_fixed(length, 9, &n->length_ns) || n->length_ns == 0 ||
			    n->length_ns > CSV_LENGTH_MAX_NS)) ||
	    take_quantile(f->of[CSV_P50_MS], &n->p50_ns) ||
	    take_quantile(f->of[CSV_P95_MS], &n->p95_ns) ||
	    take_quantile(f->of[CSV_P99_MS], &n->p99_ns) ||
	    (n->p95_ns >= 0 && n->p50_ns > n->p95_ns) || (n->p99_ns >= 0 && n->p95_ns > n->p99_ns))
		return SCAN_BAD;
	n->ok = (uint32_t)ok;
	n->err = (uint32_t)err;
	return SCAN_ROW;
}

static enum csv_scan finish(struct csv *c, struct csv_row *row, const struct fields *f)
{
	*row = (struct csv_row){.slot = SAMPLE_NO_SLOT, .node = f->of[CSV_NODE], .op = {"", 0}};
	if (csv_unix_time(f->of[CSV_TIMESTAMP], &row->due_ns))
		return SCAN_BAD;
	return c->counts ? take_counts(row, f) : take_request(c, row, f);
}

enum csv_scan csv_scan_row(struct csv *c, const char *p, const char *end, struct csv_row *row,
			   const char **next)
{
	struct fields f;
	struct csv_text t = {p, 0};
	bool odd = false;
	const char *start = p;
	size_t column = 0;
	for (size_t i = 0; i < CSV_COLUMN_COUNT; i++)
		f.of[i] = (struct csv_text){"", 0};
	for (;;) {
		p = csv_scan_field(p, end, &t, &odd);
		if (!p)
			return SCAN_PART;
		if (column < c->column_count)
			f.of[c->columns[column]] = t;
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

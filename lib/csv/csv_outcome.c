#include "csv/csv_row.h"

#include "base/buf.h"

#include <string.h>

/* What free text says, tried in this order, without regard to case. */
static const struct {
	const char *says;
	enum error_class error;
} phrases[] = {
	{"timed out", ERROR_TIMEOUT},
	{"timedout", ERROR_TIMEOUT},
	{"timeout", ERROR_TIMEOUT},
	{"deadline exceeded", ERROR_TIMEOUT},
	{"refused", ERROR_REFUSED},
	{"reset", ERROR_RESET},
	{"unreach", ERROR_UNREACHABLE},
	{"no route", ERROR_UNREACHABLE},
	{"noroute", ERROR_UNREACHABLE},
	{"name or service", ERROR_DNS},
	{"name resolution", ERROR_DNS},
	{"resolve", ERROR_DNS},
	{"getaddrinfo", ERROR_DNS},
	{"no such host", ERROR_DNS},
	{"unknownhost", ERROR_DNS},
	{"enotfound", ERROR_DNS},
	{"eai_again", ERROR_DNS},
	{"certificate", ERROR_TLS},
	{"ssl", ERROR_TLS},
	{"tls", ERROR_TLS},
	{"readonly", ERROR_REDIS_READONLY},
	{"read only replica", ERROR_REDIS_READONLY},
	{"clusterdown", ERROR_REDIS_CLUSTERDOWN},
	{"is loading", ERROR_REDIS_LOADING},
	{"noauth", ERROR_REDIS_AUTH},
	{"wrongpass", ERROR_REDIS_AUTH},
	{"out of memory", ERROR_REDIS_OOM},
	{"connectexception", ERROR_REFUSED},
	{"closed", ERROR_CLOSED},
	{"disconnected", ERROR_CLOSED},
	{"broken pipe", ERROR_CLOSED},
	{"epipe", ERROR_CLOSED},
	{"hang up", ERROR_CLOSED},
	{"nohttpresponse", ERROR_CLOSED},
	{"eof", ERROR_CLOSED},
	{"aborted", ERROR_CLOSED},
};

/* The numbers of k6's error_code, tried in this order. */
static const struct {
	int from, to;
	enum error_class error;
} codes[] = {
	{1050, 1050, ERROR_TIMEOUT},  {1100, 1199, ERROR_DNS},	    {1201, 1201, ERROR_CLOSED},
	{1211, 1211, ERROR_TIMEOUT},  {1212, 1212, ERROR_REFUSED},  {1220, 1220, ERROR_RESET},
	{1300, 1399, ERROR_TLS},      {1400, 1499, ERROR_HTTP_4XX}, {1500, 1599, ERROR_HTTP_5XX},
	{1600, 1799, ERROR_PROTOCOL},
};

static bool number_is(struct csv_text t, int64_t number)
{
	int64_t v;
	return csv_fixed(t, 0, &v) == 0 && v == number;
}

static enum error_class class_of_text(struct csv_text t)
{
	char text[512];
	size_t len = t.len < sizeof text - 1 ? t.len : sizeof text - 1;
	memcpy(text, t.at, len);
	text[len] = '\0';
	for (size_t i = 0; len && i < ARRAY_LEN(phrases); i++)
		if (strcasestr(text, phrases[i].says))
			return phrases[i].error;
	return ERROR_COUNT;
}

static enum error_class class_of_code(struct csv_text t)
{
	int64_t v;
	for (size_t i = 0; csv_fixed(t, 0, &v) == 0 && i < ARRAY_LEN(codes); i++)
		if (v >= codes[i].from && v <= codes[i].to)
			return codes[i].error;
	return ERROR_COUNT;
}

int csv_status(struct csv_text t)
{
	uint64_t v;
	const char *blank = memchr(t.at, ' ', t.len);
	if (blank)
		t.len = (size_t)(blank - t.at);
	return csv_whole(t, &v) == 0 && v >= 100 && v < 600 ? (int)v : 0;
}

/* What tools write in place of a status when nothing was answered. */
static bool no_answer(struct csv_text status)
{
	return status.len == 0 || number_is(status, 0) || csv_text_is(status, "-") ||
	       csv_text_is(status, "-1");
}

/* Of what is no word of the list. */
static enum error_class class_of_rest(const struct csv *c, const struct csv_row *row,
				       const struct csv_outcome *o)
{
	if (row->status_code >= 400)
		return row->status_code >= 500 ? ERROR_HTTP_5XX : ERROR_HTTP_4XX;
	enum error_class e = class_of_text(o->error);
	if (e == ERROR_COUNT)
		e = class_of_code(o->error_code);
	if (e != ERROR_COUNT || o->error.len || csv_status_is_good(c, row->status_code))
		return e;
	if (no_answer(o->status))
		return ERROR_CLOSED;
	e = class_of_text(o->status);
	return e == ERROR_COUNT ? ERROR_PROTOCOL : e;
}

/* During an outage every row has the same word of the list: it is looked up once. */
static enum error_class class_of(struct csv *c, const struct csv_row *row,
				  const struct csv_outcome *o)
{
	struct csv_text t = o->error;
	if (t.len && t.len == c->last_error_len && memcmp(t.at, c->last_error, t.len) == 0)
		return c->last_class;
	enum error_class e = t.len ? error_class_parse(t.at, t.len) : ERROR_COUNT;
	if (e == ERROR_COUNT)
		return class_of_rest(c, row, o);
	memcpy(c->last_error, t.at, t.len);
	c->last_error_len = t.len;
	c->last_class = e;
	return e;
}

/* See struct csv_row. A class of the list alone says no more than the class. */
static struct csv_text detail_of(const struct csv_row *row, const struct csv_outcome *o)
{
	if (o->detail.len)
		return o->detail;
	if (o->error.len && error_class_parse(o->error.at, o->error.len) == ERROR_COUNT)
		return o->error;
	if (!o->error.len && !row->status_code && !no_answer(o->status))
		return o->status;
	return (struct csv_text){"", 0};
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
static enum csv_column marker(struct csv_row *row, struct csv_text detail)
{
	int64_t count;
	if (csv_fixed(key_text(detail, "count="), 0, &count) ||
	    csv_unix_time(key_text(detail, "from="), &row->lost_from_ns) ||
	    csv_unix_time(key_text(detail, "to="), &row->lost_to_ns) ||
	    row->lost_to_ns < row->lost_from_ns)
		return CSV_DETAIL;
	row->kind = CSV_LOST;
	row->lost = (uint64_t)count;
	return CSV_SKIPPED;
}

/* What the column success says: 1, 0, or -1 if that is neither. */
static int success(struct csv_text t)
{
	static const char *const words[] = {"0", "false", "1", "true"};
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (t.len == strlen(words[i]) && strncasecmp(t.at, words[i], t.len) == 0)
			return i >= 2;
	return -1;
}

enum csv_column csv_take_outcome(struct csv *c, struct csv_row *row, const struct csv_outcome *o)
{
	row->failed = o->error.len || (o->error_code.len && !number_is(o->error_code, 0)) ||
		      !csv_status_is_good(c, row->status_code);
	row->error = ERROR_NONE;
	if (!row->failed && c->has_success) {
		int said = success(o->success);
		if (said < 0)
			return CSV_SUCCESS;
		row->failed = !said;
	}
	if (!row->failed)
		return CSV_SKIPPED;
	row->error = class_of(c, row, o);
	if (row->error == ERROR_LOCAL && row->slot == SAMPLE_NO_SLOT && csv_text_is(row->op, "output"))
		return marker(row, o->detail);
	row->detail = detail_of(row, o);
	if (row->error == ERROR_ABORTED)
		row->kind = CSV_ABORTED;
	return CSV_SKIPPED;
}

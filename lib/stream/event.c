#include "stream/event.h"

#include "base/buf.h"
#include "base/text.h"
#include "url/url.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const names[] = {
	[EVENT_RUN_START] = "run_start",
	[EVENT_PHASE_START] = "phase_start",
	[EVENT_LOAD_RATE] = "load_rate",
	[EVENT_FAULT_REQUESTED] = "fault_requested",
	[EVENT_FAULT_INJECTED] = "fault_injected",
	[EVENT_FAULT_VERIFIED] = "fault_verified",
	[EVENT_REVERT_REQUESTED] = "revert_requested",
	[EVENT_REVERTED] = "reverted",
	[EVENT_REVERT_FAILED] = "revert_failed",
	[EVENT_NODE_DOWN] = "node_down",
	[EVENT_NODE_READY] = "node_ready",
	[EVENT_STOP_RULE] = "stop_rule",
	[EVENT_RUN_END] = "run_end",
	[EVENT_WARNING] = "warning",
	[EVENT_ERROR] = "error",
	[EVENT_LOAD_READY] = "load_ready",
	[EVENT_SESSION_START] = "session_start",
	[EVENT_PICKED] = "picked",
	[EVENT_CHECKED] = "checked",
	[EVENT_CLOCK] = "clock",
	[EVENT_HOST] = "host",
	[EVENT_OTHER] = "other",
};
_Static_assert(ARRAY_LEN(names) == EVENT_COUNT, "every event has a name");

static enum event_kind kind_of(const char *name)
{
	for (size_t i = 0; i < EVENT_OTHER; i++)
		if (strcmp(names[i], name) == 0)
			return (enum event_kind)i;
	return EVENT_OTHER;
}

struct json *event_new(const struct event_sink *s, enum event_kind k)
{
	return event_new_at(s, k, mono_ns());
}

struct json *event_new_at(const struct event_sink *s, enum event_kind k, int64_t mono)
{
	struct json *j = json_object_new();
	json_set_round(j, "t", anchor_unix_s(&s->anchor, mono), 6);
	json_set_str(j, "event", names[k]);
	return j;
}

void event_set_err(struct json *j, const struct err *e)
{
	json_set_str(j, "message", e->msg);
	json_set_int(j, "code", e->code);
	if (e->unknown)
		json_set_str(j, "unknown", e->unknown);
	if (e->unknown && *e->near)
		json_set_str(j, "near", e->near);
	if (!e->allow)
		return;
	char *why = mem_printf("%.*s", (int)e->why_len, e->msg);
	json_set_str(j, "why", why);
	json_set_str(j, "allow", e->allow);
	free(why);
}

/* Waits if the descriptor is non-blocking, such as a shared terminal. */
static bool wait_writable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	return poll(&p, 1, -1) > 0 || errno == EINTR;
}

int event_send(const struct event_sink *s, struct json *j, struct err *e)
{
	struct buf line = BUF_INIT;
	int rc = 0;
	json_line(j, &line);
	if (s->fd >= 0) {
		ssize_t n;
		do
			n = write(s->fd, line.data, line.len);
		while (n < 0 && (errno == EINTR || (errno == EAGAIN && wait_writable(s->fd))));
		if (n < 0)
			rc = err_sys(e, errno, "cannot write an event");
		else if ((size_t)n < line.len)
			rc = err_sys(e, ENOSPC, "cannot write a whole event");
	}
	buf_release(&line);
	return rc;
}

/* the year 2200: later times, as negative ones, are no times of a run */
static const double TIME_END_S = 7258118400;

static int by_time(const void *a, const void *b)
{
	const struct event *x = a, *y = b;
	if (x->t < y->t || x->t > y->t)
		return x->t < y->t ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

/* The file may come from other tools. */
static void hide_user(struct json *j)
{
	const char *url = json_str(json_get(j, "url"), NULL);
	if (!url || !strchr(url, '@'))
		return;
	char *shown = url_public(url);
	json_set_str(j, "url", shown);
	free(shown);
}

static const char no_json[] = "it is no JSON";

static const char *why_no_event(const struct json *j)
{
	double t = json_num(json_get(j, "t"), NAN);
	if (!j)
		return no_json;
	if (!json_is_object(j))
		return "it is no JSON object";
	if (!(t >= 0 && t < TIME_END_S))
		return "its 't' is no UNIX time in seconds";
	return json_str(json_get(j, "event"), NULL) ? NULL : "it has no 'event'";
}

/* Why it is no event; NULL: it is one, and was added. */
static const char *add_line(struct event_log *log, const char *line, size_t len)
{
	struct err e;
	struct json *j = json_parse(line, len, "events", &e);
	const char *why = why_no_event(j);
	if (why) {
		json_free(j);
		return why;
	}
	hide_user(j);
	double t = json_num(json_get(j, "t"), NAN);
	const char *name = json_str(json_get(j, "event"), NULL);
	size_t lines_alloc = log->alloc;
	log->lines = mem_grow(log->lines, &lines_alloc, log->count, sizeof *log->lines);
	log->events = mem_grow(log->events, &log->alloc, log->count, sizeof *log->events);
	log->lines[log->count] = j;
	log->events[log->count] = (struct event){
		.t = t,
		.line = log->count,
		.kind = kind_of(name),
		.fault = json_str(json_get(j, "fault"), NULL),
		.action = json_str(json_get(j, "action"), NULL),
		.node = json_str(json_get(j, "node"), NULL),
		.url = json_str(json_get(j, "url"), NULL),
		.json = j,
	};
	log->count++;
	return NULL;
}

static void note_bad(struct event_log *log, size_t number, const char *why, bool torn)
{
	log->bad_lines++;
	log->torn += torn;
	if (torn || log->first_bad)
		return;
	log->first_bad = number;
	log->bad_reason = why;
}

static bool is_blank(const char *line, size_t len)
{
	while (len && memchr(" \t\r", *line, 3)) {
		line++;
		len--;
	}
	return len == 0;
}

void event_log_parse(struct event_log *log, const char *text, size_t len)
{
	size_t mark = utf8_mark_length(text, len);
	*log = (struct event_log){0};
	text += mark;
	len -= mark;
	for (size_t number = 1; len; number++) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) : len;
		const char *why = is_blank(text, n) ? NULL : add_line(log, text, n);
		/* A last line without a newline is torn unless its JSON object is complete. */
		if (why)
			note_bad(log, number, why, !end && *text == '{' && why == no_json);
		size_t step = end ? n + 1 : n;
		text += step;
		len -= step;
	}
	if (log->count)
		qsort(log->events, log->count, sizeof *log->events, by_time);
}

void event_log_release(struct event_log *log)
{
	for (size_t i = 0; i < log->count; i++)
		json_free(log->lines[i]);
	free(log->lines);
	free(log->events);
	*log = (struct event_log){0};
}

size_t event_log_unread(const struct event_log *log)
{
	return log->bad_lines - log->torn;
}

bool event_log_much_unread(const struct event_log *log)
{
	return event_log_unread(log) * 100 > log->count + event_log_unread(log);
}

bool event_log_cut_off(const struct event_log *log)
{
	bool began = false;
	for (size_t i = 0; i < log->count; i++) {
		began = began || log->events[i].kind == EVENT_RUN_START;
		if (log->events[i].kind == EVENT_RUN_END)
			return false;
	}
	return began;
}

#include "children/heard.h"

#include "base/clock.h"
#include "base/units.h"
#include "stream/event.h"
#include "stream/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void heard_init(struct heard *w, int fd)
{
	*w = (struct heard){.fd = fd};
	buf_init(&w->rest);
}

static void held_release(struct held_fault *h)
{
	free(h->uid);
	free(h->action);
	free(h->node);
}

static void drop_held(struct heard *w, size_t i)
{
	held_release(&w->held[i]);
	w->held[i] = w->held[--w->held_count];
}

void heard_release(struct heard *w)
{
	for (size_t i = 0; i < w->held_count; i++)
		held_release(&w->held[i]);
	free(w->held);
	free(w->error);
	free(w->revert_reason);
	free(w->by_other);
	buf_release(&w->rest);
	*w = (struct heard){.fd = -1};
}

static void injected(struct heard *w, const struct event *ev)
{
	if (!ev->fault)
		return;
	double for_s = json_num(json_get(ev->json, "for_s"), 0);
	w->changed_ns = mono_ns();
	w->held = mem_grow(w->held, &w->held_alloc, w->held_count, sizeof *w->held);
	w->held[w->held_count++] = (struct held_fault){
		.uid = mem_strdup(ev->fault),
		.action = mem_strdup(ev->action ? ev->action : "fault"),
		.node = mem_strdup(ev->node ? ev->node : "?"),
		.until_ns = for_s > 0 ? mono_ns() + s_to_ns(for_s) : 0,
	};
}

static void reverted(struct heard *w, const struct event *ev)
{
	w->changed_ns = mono_ns();
	for (size_t i = w->held_count; ev->fault && i-- > 0;)
		if (strcmp(w->held[i].uid, ev->fault) == 0)
			drop_held(w, i);
}

static void note_by_other(struct heard *w, const struct event *ev)
{
	if (!json_bool(json_get(ev->json, "by_other"), false))
		return;
	free(w->by_other);
	w->by_other = mem_printf("the %s of %s", ev->action ? ev->action : "fault",
				 ev->node ? ev->node : "a node");
}

static bool brings_up(const struct event *ev)
{
	return ev->action && strcmp(ev->action, "bring-up") == 0;
}

static const char *reason_of(const struct event *ev)
{
	static const char *const keys[] = {"reason", "error", "message", "detail"};
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const char *text = json_str(json_get(ev->json, keys[i]), NULL);
		if (text)
			return text;
	}
	return "no reason given";
}

/* A fault that had no effect makes the run inconclusive; any other error makes it fail. */
static void failed(struct heard *w, const struct event *ev)
{
	if (w->error)
		return;
	bool idle = (int)json_num(json_get(ev->json, "code"), 0) == EXIT_INCONCLUSIVE;
	w->error = mem_strdup(reason_of(ev));
	w->error_code = idle ? EXIT_INCONCLUSIVE : EXIT_RUNTIME;
}

static void take(struct heard *w, const struct event *ev)
{
	switch ((int)ev->kind) {
	case EVENT_SESSION_START:
		w->session_ready = true;
		w->session_s = ev->t;
		break;
	case EVENT_LOAD_READY:
		w->loads_ready++;
		break;
	case EVENT_NODE_READY:
		w->brought_up += brings_up(ev) && json_bool(json_get(ev->json, "started"), false);
		break;
	case EVENT_NODE_DOWN:
		w->brought_up -= brings_up(ev) && w->brought_up;
		break;
	case EVENT_FAULT_INJECTED:
		injected(w, ev);
		break;
	case EVENT_REVERTED:
		note_by_other(w, ev);
		reverted(w, ev);
		break;
	case EVENT_REVERT_FAILED:
		w->revert_failed = true;
		free(w->revert_reason);
		w->revert_reason = mem_printf("%s of %s: %s", ev->action ? ev->action : "a fault",
					      ev->node ? ev->node : "a node", reason_of(ev));
		break;
	case EVENT_ERROR:
		failed(w, ev);
		break;
	default: /* only the analysis uses these */
		break;
	}
}

int heard_poll(struct heard *w, struct err *e)
{
	for (;;) {
		buf_grow(&w->rest, 65536);
		ssize_t n = pread(w->fd, w->rest.data + w->rest.len, 65536, w->at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, errno, "cannot read the events of the run");
		if (n == 0)
			break;
		w->at += n;
		w->rest.len += (size_t)n;
		w->rest.data[w->rest.len] = '\0';
	}
	const char *end = w->rest.len ? memrchr(w->rest.data, '\n', w->rest.len) : NULL;
	if (!end)
		return 0;
	size_t whole = (size_t)(end - w->rest.data) + 1;
	struct event_log log;
	event_log_parse(&log, w->rest.data, whole);
	for (size_t i = 0; i < log.count; i++)
		take(w, &log.events[i]);
	event_log_release(&log);
	buf_consume(&w->rest, whole);
	return 0;
}

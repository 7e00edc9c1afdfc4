#include "api/server.h"

#include "api/routes.h"
#include "base/clock.h"
#include "base/units.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BODY_MAX = 4 * 1024 * 1024, RUNS_MAX = 64, STREAM_BYTES = 16 * 1024, IDLE_S = 300 };

struct api_server {
	struct evloop_watch watch; /* first; of libmicrohttpd's own epoll descriptor */
	struct evloop_timer timer;
	struct relay *relay;
	struct MHD_Daemon *daemon;
};

/* One call. It lives from the first time that the handler is called to completed(). */
struct request {
	struct buf body;
	bool too_long;
};

/* The decisions under way to a reader. */
struct listing {
	struct relay *relay;
	uint64_t next, end;
	struct buf text; /* not sent yet */
};

static ssize_t read_listing(void *cls, uint64_t at, char *out, size_t max)
{
	struct listing *l = cls;
	(void)at;
	while (l->text.len < max && l->next < l->end) {
		uint64_t first = decisions_first(&l->relay->decisions);
		if (l->next < first) /* they have been replaced meanwhile */
			l->next = first;
		decisions_line(&l->relay->decisions, l->next++, &l->text);
	}
	if (!l->text.len)
		return MHD_CONTENT_READER_END_OF_STREAM;
	size_t n = l->text.len < max ? l->text.len : max;
	memcpy(out, l->text.data, n);
	buf_consume(&l->text, n);
	return (ssize_t)n;
}

static void free_listing(void *cls)
{
	struct listing *l = cls;
	buf_release(&l->text);
	free(l);
}

static struct MHD_Response *stream_decisions(struct relay *r)
{
	struct listing *l = mem_alloc(sizeof *l);
	l->relay = r;
	l->next = decisions_first(&r->decisions);
	l->end = r->decisions.count;
	buf_init(&l->text);
	return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BYTES, read_listing, l,
						 free_listing);
}

static enum MHD_Result reply(struct relay *r, struct MHD_Connection *connection,
			     const struct api_answer *a)
{
	struct MHD_Response *response =
		a->decisions ? stream_decisions(r)
			     : MHD_create_response_from_buffer(a->text.len, a->text.data,
							       MHD_RESPMEM_MUST_COPY);
	if (!response)
		return MHD_NO;
	if (a->decisions || a->text.len)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, a->type);
	enum MHD_Result rc = MHD_queue_response(connection, (unsigned int)a->status, response);
	MHD_destroy_response(response);
	return rc;
}

/* A page in a browser must not be able to reach it: a form can be posted to any address. */
static bool from_browser(struct MHD_Connection *connection)
{
	const char *agent = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
							MHD_HTTP_HEADER_USER_AGENT);
	return agent && strncmp(agent, "Mozilla/", 8) == 0;
}

static enum MHD_Result handle(void *cls, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_len, void **state)
{
	struct api_server *s = cls;
	struct request *q = *state;
	struct api_answer a = {.text = BUF_INIT, .type = "application/json"};
	(void)version;
	if (!q) {
		q = mem_alloc(sizeof *q);
		buf_init(&q->body);
		*state = q;
		return MHD_YES;
	}
	if (*upload_len) {
		q->too_long |= q->body.len + *upload_len > BODY_MAX;
		if (!q->too_long)
			buf_add(&q->body, upload, *upload_len);
		*upload_len = 0;
		return MHD_YES;
	}
	if (q->too_long || from_browser(connection)) {
		a.status = q->too_long ? 413 : 403;
		buf_addf(&a.text, "{\"error\":\"%s\",\"status\":%d}\n",
			 q->too_long ? "body too long" : "not for browsers", a.status);
	} else {
		routes_answer(s->relay, method, url, q->body.data, q->body.len, &a);
	}
	enum MHD_Result rc = reply(s->relay, connection, &a);
	buf_release(&a.text);
	return rc;
}

static void completed(void *cls, struct MHD_Connection *connection, void **state,
		      enum MHD_RequestTerminationCode how)
{
	struct request *q = *state;
	(void)cls;
	(void)connection;
	(void)how;
	if (q)
		buf_release(&q->body);
	free(q);
	*state = NULL;
}

/* Runs the library until it waits for a descriptor or a time. */
static void run(struct api_server *s)
{
	MHD_UNSIGNED_LONG_LONG ms = 0;
	for (int i = 0; i < RUNS_MAX; i++) {
		MHD_run(s->daemon);
		if (MHD_get_timeout(s->daemon, &ms) != MHD_YES) {
			evloop_unset(s->relay->loop, &s->timer);
			return;
		}
		if (ms)
			break;
	}
	evloop_at(s->relay->loop, &s->timer, mono_ns() + (int64_t)ms * NS_PER_MS);
}

static void ready(struct evloop_watch *w, int events)
{
	(void)events;
	run((struct api_server *)(void *)w);
}

static void timer_due(struct evloop_timer *t)
{
	run((struct api_server *)(void *)((char *)t - offsetof(struct api_server, timer)));
}

struct api_server *api_server_new(struct relay *r, int listen_fd, struct err *e)
{
	struct api_server *s = mem_alloc(sizeof *s);
	const union MHD_DaemonInfo *info;
	s->relay = r;
	s->watch = (struct evloop_watch){.ready = ready, .fd = -1};
	s->timer.due = timer_due;
	s->daemon = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, handle, s, MHD_OPTION_LISTEN_SOCKET,
				     listen_fd, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)IDLE_S,
				     MHD_OPTION_NOTIFY_COMPLETED, completed, NULL, MHD_OPTION_END);
	info = s->daemon ? MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
	if (info && !evloop_add_level(r->loop, &s->watch, info->epoll_fd, e))
		return s;
	if (!info)
		err_runtime(e, "the HTTP server of the API cannot start");
	if (!s->daemon)
		close(listen_fd);
	api_server_free(s);
	return NULL;
}

void api_server_free(struct api_server *s)
{
	if (!s)
		return;
	evloop_unset(s->relay->loop, &s->timer);
	if (s->watch.fd >= 0)
		evloop_forget(s->relay->loop, &s->watch);
	if (s->daemon)
		MHD_stop_daemon(s->daemon);
	free(s);
}

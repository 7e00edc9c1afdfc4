#include "server.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/rng.h"
#include "base/units.h"
#include "pool.h"

#include <microhttpd.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	DESCRIPTORS_WANTED = 65536,
	DESCRIPTORS_SPARE = 32, /* for everything that is not a connection */
	BODY_MAX = 512,
};

struct server {
	const struct options *o;
	struct pool *pool;
	int64_t started_ns;
	atomic_uint_fast64_t requests, work_begun, work_done, client_errors;
};

/* One request. It lives from the first call of the handler to completed(). */
struct request {
	struct job job; /* first: the pool hands this back */
	struct server *server;
	struct MHD_Connection *connection;
	bool headers_seen, waited;
};

struct route {
	const char *path, *method;
	enum MHD_Result (*answer)(struct request *r);
};

static enum MHD_Result reply(struct request *r, unsigned int status, const char *allow,
			     const char *body)
{
	/* libmicrohttpd copies the body; its parameter is not const for history's sake. */
	struct MHD_Response *response = MHD_create_response_from_buffer(
		strlen(body), (void *)(uintptr_t)body, MHD_RESPMEM_MUST_COPY);
	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
	if (allow)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, allow);
	if (status >= 400)
		atomic_fetch_add(&r->server->client_errors, 1);
	enum MHD_Result rc = MHD_queue_response(r->connection, status, response);
	MHD_destroy_response(response);
	return rc;
}

static enum MHD_Result answer_health(struct request *r)
{
	char body[BODY_MAX];
	snprintf(body, sizeof body, "{\"status\":\"ok\",\"node\":\"%s\"}\n", r->server->o->name);
	return reply(r, MHD_HTTP_OK, NULL, body);
}

static enum MHD_Result answer_state(struct request *r)
{
	struct server *s = r->server;
	char body[BODY_MAX];
	size_t busy, waiting;
	pool_load(s->pool, &busy, &waiting);
	snprintf(body, sizeof body,
		 "{\"node\":\"%s\",\"pid\":%d,\"uptime_s\":%.3f,\"requests\":%llu,"
		 "\"work_done\":%llu,\"client_errors\":%llu,\"busy\":%zu,\"waiting\":%zu,"
		 "\"workers\":%lld,\"delay_min_ms\":%.3f,\"delay_max_ms\":%.3f,\"seed\":%lld}\n",
		 s->o->name, (int)getpid(), ns_to_s(mono_ns() - s->started_ns),
		 (unsigned long long)atomic_load(&s->requests),
		 (unsigned long long)atomic_load(&s->work_done),
		 (unsigned long long)atomic_load(&s->client_errors), busy, waiting,
		 (long long)s->o->workers, ns_to_ms(s->o->delay_min_ns),
		 ns_to_ms(s->o->delay_max_ns), (long long)s->o->seed);
	return reply(r, MHD_HTTP_OK, NULL, body);
}

/* Called in a worker's thread: resumes the connection, so that the server calls the handler again.
 */
static void work_finished(struct job *j)
{
	struct request *r = (struct request *)(void *)j;
	MHD_resume_connection(r->connection);
}

/* The length of a job is a function of the seed and its number. */
static int64_t work_length(struct server *s)
{
	uint64_t n = atomic_fetch_add(&s->work_begun, 1);
	uint64_t range = (uint64_t)(s->o->delay_max_ns - s->o->delay_min_ns) + 1;
	return s->o->delay_min_ns + (int64_t)(rng_at((uint64_t)s->o->seed, n) % range);
}

static enum MHD_Result answer_work(struct request *r)
{
	struct server *s = r->server;
	char body[BODY_MAX];
	if (!r->waited) {
		r->waited = true;
		r->job.length_ns = work_length(s);
		r->job.done = work_finished;
		if (r->job.length_ns > 0) {
			MHD_suspend_connection(r->connection);
			pool_add(s->pool, &r->job);
			return MHD_YES;
		}
	}
	atomic_fetch_add(&s->work_done, 1);
	snprintf(body, sizeof body, "{\"node\":\"%s\",\"work_ms\":%.3f}\n", s->o->name,
		 ns_to_ms(r->job.length_ns));
	return reply(r, MHD_HTTP_OK, NULL, body);
}

static const struct route routes[] = {
	{"/health", "GET", answer_health},
	{"/work", "POST", answer_work},
	{"/state", "GET", answer_state},
};

static bool method_fits(const char *method, const char *want)
{
	return strcmp(method, want) == 0 ||
	       (strcmp(want, "GET") == 0 && strcmp(method, "HEAD") == 0);
}

static enum MHD_Result answer(struct request *r, const char *path, const char *method)
{
	char body[BODY_MAX];
	for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
		if (strcmp(routes[i].path, path) != 0)
			continue;
		if (method_fits(method, routes[i].method))
			return routes[i].answer(r);
		snprintf(body, sizeof body, "{\"error\":\"method not allowed\",\"allow\":\"%s\"}\n",
			 routes[i].method);
		return reply(r, MHD_HTTP_METHOD_NOT_ALLOWED, routes[i].method, body);
	}
	return reply(r, MHD_HTTP_NOT_FOUND, NULL,
		     "{\"error\":\"not found\",\"paths\":[\"/health\",\"/work\",\"/state\"]}\n");
}

/* Called with the headers, then for each part of the body, then at its end,
 * and once more when a piece of work is done. */
static enum MHD_Result handle(void *cls, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_len, void **state)
{
	struct server *s = cls;
	struct request *r = *state;
	(void)version;
	(void)upload;
	if (!r) {
		r = mem_alloc(sizeof *r);
		r->server = s;
		r->connection = connection;
		*state = r;
		return MHD_YES;
	}
	if (*upload_len) { /* what the work is about does not matter */
		*upload_len = 0;
		return MHD_YES;
	}
	if (!r->headers_seen) {
		r->headers_seen = true;
		atomic_fetch_add(&s->requests, 1);
	}
	return answer(r, url, method);
}

static void completed(void *cls, struct MHD_Connection *connection, void **state,
		      enum MHD_RequestTerminationCode how)
{
	(void)cls;
	(void)connection;
	(void)how;
	free(*state);
	*state = NULL;
}

/* As many connections as the system lets this process have. */
static unsigned int connection_limit(void)
{
	struct rlimit lim = {.rlim_cur = 1024, .rlim_max = 1024};
	getrlimit(RLIMIT_NOFILE, &lim);
	lim.rlim_cur = lim.rlim_max < DESCRIPTORS_WANTED ? lim.rlim_max : DESCRIPTORS_WANTED;
	setrlimit(RLIMIT_NOFILE, &lim);
	getrlimit(RLIMIT_NOFILE, &lim);
	rlim_t spare = lim.rlim_cur > 2 * DESCRIPTORS_SPARE ? DESCRIPTORS_SPARE : lim.rlim_cur / 2;
	return (unsigned int)(lim.rlim_cur - spare);
}

struct server *server_start(const struct options *o, int listen_fd, struct err *e)
{
	struct server *s = mem_alloc(sizeof *s);
	s->o = o;
	s->started_ns = mono_ns();
	s->pool = pool_new((size_t)o->workers, e);
	if (!s->pool) {
		free(s);
		return NULL;
	}
	if (MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL,
			     NULL, handle, s, MHD_OPTION_LISTEN_SOCKET, listen_fd,
			     MHD_OPTION_CONNECTION_LIMIT, connection_limit(),
			     MHD_OPTION_NOTIFY_COMPLETED, completed, NULL, MHD_OPTION_END))
		return s;
	err_runtime(e, "the HTTP server cannot start");
	return NULL; /* s is not freed: workers use it until the process ends */
}

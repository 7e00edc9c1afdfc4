#include "net/curl/curl_probe.h"

#include "base/buf.h"
#include "net/curl/curl_call.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct attempt {
	struct curl_call call; /* first: its ended gets it */
	struct probe_result *out;
};

static size_t drop_body(char *data, size_t size, size_t count, void *arg)
{
	(void)data;
	(void)arg;
	return size * count;
}

static void ended(struct curl_call *c)
{
	struct probe_result *out = ((struct attempt *)(void *)c)->out;
	bool connects = c->transfer.takes_socket;
	int status = curl_call_status(c);
	if (connects && c->code == CURLE_OK)
		close(c->transfer.fd);
	out->heard = status > 0;
	out->local = curl_call_local(c);
	out->answer = c->code == CURLE_OK && (connects || (status > 0 && status < 400)) ? PROBE_YES
											: PROBE_NO;
	out->status = c->code == CURLE_OK ? status : 0;
	if (c->code == CURLE_OK)
		snprintf(out->why, sizeof out->why, "status %d", status);
	else
		snprintf(out->why, sizeof out->why, "%s", curl_call_why(c));
}

static void *attempt_new(struct loop *l, const struct url *at, const char *path,
			 struct probe_result *out)
{
	struct attempt *a = mem_alloc(sizeof *a);
	curl_call_init(&a->call, l, drop_body, NULL);
	curl_call_to(&a->call, at, path);
	a->call.ended = ended;
	a->out = out;
	return a;
}

static void *http_open(struct loop *l, const struct url *at, const char *path,
		       struct probe_result *out)
{
	return attempt_new(l, at, path && *path ? path : "/", out);
}

static void *tcp_open(struct loop *l, const struct url *at, const char *what,
		      struct probe_result *out)
{
	(void)what;
	return attempt_new(l, at, NULL, out);
}

static void curl_probe_start(void *state, int64_t timeout_ns)
{
	struct attempt *a = state;
	curl_call_start(&a->call, timeout_ns);
	if (!a->call.under_way && a->out->answer == PROBE_PENDING)
		ended(&a->call);
}

static void curl_probe_free(void *state)
{
	struct attempt *a = state;
	curl_call_release(&a->call);
	free(a);
}

const struct prober curl_prober = {
	.open = http_open, .start = curl_probe_start, .close = curl_probe_free};
const struct prober tcp_prober = {
	.open = tcp_open, .start = curl_probe_start, .close = curl_probe_free};

#include "net/curl/curl_probe.h"

#include "base/buf.h"
#include "net/curl/curl_call.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	int status = curl_call_status(c);
	out->heard = status > 0;
	out->answer = c->code == CURLE_OK && status > 0 && status < 400 ? PROBE_YES : PROBE_NO;
	if (c->code == CURLE_OK)
		snprintf(out->why, sizeof out->why, "status %d", status);
	else
		snprintf(out->why, sizeof out->why, "%s", curl_call_why(c));
}

static void *curl_probe_new(struct loop *l, const struct url *at, const char *path,
			    struct probe_result *out)
{
	struct attempt *a = mem_alloc(sizeof *a);
	char host[URL_HOST_TEXT];
	char *text = mem_printf("%s://%s:%d%s", at->scheme, url_host_text(at, true, host), at->port,
				path && *path ? path : "/");
	curl_call_init(&a->call, l, drop_body, NULL);
	a->call.ended = ended;
	a->out = out;
	curl_easy_setopt(a->call.easy, CURLOPT_URL, text);
	/* The question is whether it answers, not whether it is the right one. */
	curl_easy_setopt(a->call.easy, CURLOPT_SSL_VERIFYPEER, 0L);
	curl_easy_setopt(a->call.easy, CURLOPT_SSL_VERIFYHOST, 0L);
	free(text);
	return a;
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
	.open = curl_probe_new, .start = curl_probe_start, .close = curl_probe_free};

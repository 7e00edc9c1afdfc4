#include "net/curl/curl_probe.h"

#include "base/buf.h"
#include "base/units.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct curl_probe {
	CURL *easy;
	CURLM *multi;
	bool under_way, heard;
	char why[CURL_ERROR_SIZE], message[CURL_ERROR_SIZE];
};

static size_t drop_body(char *data, size_t size, size_t count, void *arg)
{
	(void)data;
	(void)arg;
	return size * count;
}

static void set_url(CURL *easy, const struct url *at, const char *path)
{
	const char *open = strchr(at->host, ':') ? "[" : "", *close = *open ? "]" : "";
	char *text = mem_printf("%s://%s%s%s:%d%s", at->scheme, open, at->host, close, at->port,
				path && *path ? path : "/");
	curl_easy_setopt(easy, CURLOPT_URL, text);
	free(text);
}

struct curl_probe *curl_probe_new(const struct url *at, const char *path)
{
	struct curl_probe *p = mem_alloc(sizeof *p);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	p->easy = curl_easy_init();
	p->multi = curl_multi_init();
	if (!p->easy || !p->multi)
		abort(); /* only for want of memory */
	set_url(p->easy, at, path);
	curl_easy_setopt(p->easy, CURLOPT_ERRORBUFFER, p->message);
	curl_easy_setopt(p->easy, CURLOPT_WRITEFUNCTION, drop_body);
	curl_easy_setopt(p->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(p->easy, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(p->easy, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(p->easy, CURLOPT_FORBID_REUSE, 1L);
	/* Whether it answers is the question here, not who it is. */
	curl_easy_setopt(p->easy, CURLOPT_SSL_VERIFYPEER, 0L);
	curl_easy_setopt(p->easy, CURLOPT_SSL_VERIFYHOST, 0L);
	return p;
}

static void give_up(struct curl_probe *p)
{
	if (p->under_way)
		curl_multi_remove_handle(p->multi, p->easy);
	p->under_way = false;
}

void curl_probe_free(struct curl_probe *p)
{
	if (!p)
		return;
	give_up(p);
	curl_easy_cleanup(p->easy);
	curl_multi_cleanup(p->multi);
	curl_global_cleanup();
	free(p);
}

void curl_probe_start(struct curl_probe *p, int64_t timeout_ns)
{
	long timeout_ms = (long)(timeout_ns / NS_PER_MS);
	give_up(p);
	p->message[0] = '\0';
	p->heard = false;
	curl_easy_setopt(p->easy, CURLOPT_TIMEOUT_MS, timeout_ms > 0 ? timeout_ms : 1L);
	p->under_way = curl_multi_add_handle(p->multi, p->easy) == CURLM_OK;
}

/* The system's own word where there is one: "Connection refused". */
static const char *why_not(const struct curl_probe *p, CURLcode result)
{
	long error = 0;
	curl_easy_getinfo(p->easy, CURLINFO_OS_ERRNO, &error);
	if (result == CURLE_COULDNT_CONNECT && error)
		return strerror((int)error);
	return p->message[0] ? p->message : curl_easy_strerror(result);
}

static enum probe_answer judge(struct curl_probe *p, CURLcode result)
{
	long status = 0;
	curl_easy_getinfo(p->easy, CURLINFO_RESPONSE_CODE, &status);
	give_up(p);
	p->heard = status > 0;
	if (result == CURLE_OK && status > 0 && status < 400)
		return PROBE_YES;
	if (result == CURLE_OK)
		snprintf(p->why, sizeof p->why, "status %ld", status);
	else
		snprintf(p->why, sizeof p->why, "%s", why_not(p, result));
	return PROBE_NO;
}

enum probe_answer curl_probe_step(struct curl_probe *p)
{
	int running = 0, left;
	if (!p->under_way) {
		snprintf(p->why, sizeof p->why, "not started");
		return PROBE_NO;
	}
	curl_multi_perform(p->multi, &running);
	const CURLMsg *m = curl_multi_info_read(p->multi, &left);
	if (m && m->msg == CURLMSG_DONE)
		return judge(p, m->data.result);
	return PROBE_PENDING;
}

const char *curl_probe_why(const struct curl_probe *p)
{
	return p->why;
}

bool curl_probe_heard(const struct curl_probe *p)
{
	return p->heard;
}

#include "net/transport.h"

#include "net/curl/curl_http.h"
#include "net/http1/http1_transport.h"
#include "net/http_request.h"
#include "net/redis/redis_load.h"

#include <string.h>

static const struct transport_ops *const engines[] = {&http1_transport, &curl_http_transport,
						      &redis_transport};

static bool has_word(const char *words, const char *word)
{
	size_t len = strlen(word);
	for (const char *at = words; (at = strstr(at, word)); at += len)
		if ((at == words || at[-1] == ' ') && (at[len] == ' ' || !at[len]))
			return true;
	return false;
}

bool transport_speaks(const struct url *u)
{
	for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++)
		if (has_word(engines[i]->schemes, u->scheme))
			return true;
	return false;
}

/* Why the own engine is not for this: a phrase, or NULL if it is. */
static const char *needs_curl(const struct transport_config *c)
{
	for (size_t i = 0; i < c->node_count; i++)
		if (strcmp(c->nodes[i].url.scheme, "https") == 0)
			return "https";
	return c->http.http2		      ? "HTTP/2"
	       : c->http.proxy		      ? "proxies"
	       : c->http.follow		      ? "redirects"
	       : http_headers_frame(&c->http) ? "headers that change how a request is framed"
					      : NULL;
}

const struct transport_ops *transport_for(const struct transport_config *c, enum http_engine wanted,
					  struct err *e)
{
	if (url_is_redis(&c->nodes[0].url))
		return &redis_transport;
	const char *need = needs_curl(c);
	if (!need && wanted != HTTP_ENGINE_CURL)
		return &http1_transport;
	if (need && wanted == HTTP_ENGINE_OWN) {
		err_usage(e, "the own HTTP engine cannot do %s; libcurl can", need);
		return NULL;
	}
	return &curl_http_transport;
}

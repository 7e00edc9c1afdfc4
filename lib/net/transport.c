#include "net/transport.h"

#include "base/text.h"
#include "net/http_request.h"

#include <string.h>

/* Every engine, each defined in a file of its own folder. Of two that speak a scheme the first is
 * taken, but see needs_curl. */
extern const struct transport_ops http1_transport, curl_http_transport, redis_transport;
static const struct transport_ops *const engines[] = {&http1_transport, &curl_http_transport,
						      &redis_transport};

static const struct transport_ops *engine_for(const struct url *u)
{
	for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++)
		if (text_has_word(engines[i]->schemes, ' ', u->scheme))
			return engines[i];
	return NULL;
}

bool transport_speaks(const struct url *u)
{
	return engine_for(u) != NULL;
}

/* Why the own engine is not for this: a phrase, or NULL if it is. */
static const char *needs_curl(const struct transport_config *c)
{
	for (size_t i = 0; i < c->node_count; i++)
		if (strcmp(c->nodes[i].url.scheme, "https") == 0)
			return "https";
	for (size_t i = 0; i < c->http.template_count; i++)
		if (http_headers_frame(&c->http.templates[i]))
			return "headers that change how a request is framed";
	return c->http.http2	? "HTTP/2"
	       : c->http.proxy	? "proxies"
	       : c->http.follow ? "redirects"
				: NULL;
}

const struct transport_ops *transport_for(const struct transport_config *c, enum http_engine wanted,
					  struct err *e)
{
	const struct url *u = &c->nodes[0].url;
	const struct transport_ops *first = engine_for(u);
	if (!text_has_word(curl_http_transport.schemes, ' ', u->scheme))
		return first;
	const char *need = needs_curl(c);
	if (!need && wanted != HTTP_ENGINE_CURL)
		return &http1_transport;
	if (need && wanted == HTTP_ENGINE_OWN) {
		err_usage(e, "the engine 'own' does not support %s; 'curl' does", need);
		return NULL;
	}
	return &curl_http_transport;
}

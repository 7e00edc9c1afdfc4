#include "net/transport.h"

#include "net/curl_http.h"
#include "net/redis_load.h"

#include <string.h>

void request_explain(struct request *r, const char *text)
{
	size_t len = strnlen(text, sizeof r->detail - 1);
	memcpy(r->detail, text, len);
	r->detail[len] = '\0';
}

static const struct transport_ops *const engines[] = {&curl_http_transport, &redis_transport};

static bool has_word(const char *words, const char *word)
{
	size_t len = strlen(word);
	for (const char *at = words; (at = strstr(at, word)); at += len)
		if ((at == words || at[-1] == ' ') && (at[len] == ' ' || !at[len]))
			return true;
	return false;
}

const struct transport_ops *transport_for(const struct url *u)
{
	for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++)
		if (has_word(engines[i]->schemes, u->scheme))
			return engines[i];
	return NULL;
}

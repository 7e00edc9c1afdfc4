#include "model/provider.h"

#include "base/buf.h"
#include "base/suggest.h"
#include "conf/key_vars.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct provider table[] = {
	{"groq", "https://api.groq.com/openai/v1", KEY_VAR_GROQ, true, "llama-3.3-70b-versatile",
	 "openai/gpt-oss-120b", "max_completion_tokens", false, false, "low"},
	{"openai", "https://api.openai.com/v1", KEY_VAR_OPENAI, true, "gpt-4o-mini", NULL,
	 "max_completion_tokens", true, false, NULL},
	{"ollama", "http://127.0.0.1:11434/v1", NULL, false, "llama3.1", NULL, "max_tokens", true,
	 true, NULL},
	{"llamacpp", "http://127.0.0.1:8080/v1", NULL, false, "default", NULL, "max_tokens", true,
	 true, NULL},
	{"vllm", "http://127.0.0.1:8000/v1", KEY_VAR_VLLM, false, NULL, NULL, "max_tokens", true,
	 false, NULL},
	{"openrouter", "https://openrouter.ai/api/v1", KEY_VAR_OPENROUTER, true,
	 "openai/gpt-oss-120b", NULL, "max_tokens", true, false, NULL},
};

/* Any other, with a base_url: only the fields that all servers know. */
static const struct provider other = {.name = "other", .limit_field = "max_tokens"};

static const struct provider *find(const char *name, bool has_url, struct err *e)
{
	const char *near = NULL;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
		suggest(name, table[i].name, &near);
	}
	if (has_url)
		return &other;
	err_usage(e, "unknown provider '%s'%s%s%s", name,
		  SUGGESTED(near, ": without a base_url it is groq, openai, ollama, llamacpp, vllm or openrouter"));
	return NULL;
}

/* "BASE/chat/completions", with BASE's query behind it, unless BASE is the endpoint already. */
static char *endpoint(const char *base)
{
	static const char path[] = "/chat/completions";
	const char *query = base + strcspn(base, "?");
	size_t len = (size_t)(query - base), end = sizeof path - 1;
	while (len && base[len - 1] == '/')
		len--;
	bool whole = len > end && strncmp(base + len - end, path, end) == 0;
	return mem_printf("%.*s%s%s", (int)len, base, whole ? "" : path, query);
}

/* Its scheme is one of these two, or may be a typo of one. */
static bool is_nearly_http(const char *base)
{
	const char *near = NULL, *colon = strstr(base, "://");
	char *scheme = mem_printf("%.*s", colon ? (int)(colon - base) : 0, base);
	for (char *c = scheme; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	suggest(scheme, "http", &near);
	suggest(scheme, "https", &near);
	free(scheme);
	return near;
}

static int set_url(struct settings *s, const char *base, struct err *e)
{
	struct url u, own = {0};
	const char *shown = strrchr(base, '@') ? strrchr(base, '@') + 1 : base; /* without a password */
	if (url_parse(base, &u, e))
		return is_nearly_http(base) ? err_prefix(e, "base_url")
					    : err_usage(e, "base_url '%s' is not an http:// or https:// URL", shown);
	bool redis = url_is_redis(&u), user = *u.user || *u.password;
	if (redis)
		err_usage(e, "base_url '%s' is not an http:// or https:// URL", shown);
	else if (user)
		err_usage(e, "a base_url must not contain a user or password; see api_key_file");
	s->url = endpoint(base);
	s->host = url_is_loopback(&u) ? mem_printf("%s:%d", u.host, u.port) : mem_strdup(u.host);
	s->loopback = url_is_loopback(&u);
	s->tls = strcmp(u.scheme, "https") == 0;
	s->own_host = s->provider->base_url && !url_parse(s->provider->base_url, &own, e) &&
		      strcmp(own.host, u.host) == 0 && own.port == u.port &&
		      strcmp(own.scheme, u.scheme) == 0;
	url_release(&u);
	url_release(&own);
	return redis || user ? -1 : 0;
}

static int set_models(struct settings *s, const struct options *o, const struct config *c,
		      struct err *e)
{
	size_t n = 0, configured = 0;
	const char *first = o->model ? o->model : c->llm.model ? c->llm.model : s->provider->model;
	if (!first)
		return err_usage(e, "provider '%s' needs a model: set llm.model or --model", s->name);
	while (c->llm.fallback_models[configured])
		configured++;
	s->models = mem_alloc((configured + o->fallbacks.count + 3) * sizeof *s->models);
	s->models[n++] = first;
	for (size_t i = 0; i < o->fallbacks.count; i++)
		s->models[n++] = o->fallbacks.items[i];
	for (size_t i = 0; i < configured && !o->fallbacks.count; i++)
		s->models[n++] = c->llm.fallback_models[i];
	if (n == 1 && s->provider->fallback && strcmp(first, s->provider->fallback) != 0)
		s->models[n++] = s->provider->fallback;
	return 0;
}

int settings_init(struct settings *s, const struct options *o, const struct config *c,
		  struct err *e)
{
	const char *base = o->base_url ? o->base_url : c->llm.base_url;
	*s = (struct settings){.name = o->provider ? o->provider : c->llm.provider};
	/* The config's URL belongs to the config's provider, not to another of the command line. */
	if (o->provider && !o->base_url && strcmp(o->provider, c->llm.provider) != 0)
		base = NULL;
	s->provider = find(s->name, base != NULL, e);
	if (!s->provider || set_url(s, base ? base : s->provider->base_url, e) ||
	    set_models(s, o, c, e))
		return -1;
	s->temperature = o->temperature >= 0 ? o->temperature : c->llm.temperature;
	s->max_words = o->max_words ? o->max_words : c->llm.max_words;
	s->timeout_ns = o->timeout_ns ? o->timeout_ns : c->llm.timeout_ns;
	s->api_key_file = o->api_key_file ? o->api_key_file : c->llm.api_key_file;
	return 0;
}

void settings_release(struct settings *s)
{
	free(s->url);
	free(s->host);
	free(s->models);
	*s = (struct settings){0};
}

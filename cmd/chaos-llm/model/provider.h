/* The table of providers, and the settings that result from options and config. */
#ifndef LLM_PROVIDER_H
#define LLM_PROVIDER_H

#include "conf/config.h"
#include "options.h"

#include <stdbool.h>

struct provider {
	const char *name, *base_url;
	const char *key_var;	 /* the environment variable of its key; NULL: none */
	bool needs_key;
	const char *model;	 /* the default; NULL: there is none */
	const char *fallback;	 /* the default fallback, or NULL */
	const char *limit_field; /* name of the field for the token limit */
	bool ask_usage;		 /* supports stream_options.include_usage */
	bool cuts_context;	 /* silently drops what exceeds the context */
	const char *effort;	 /* reasoning_effort for reasoning models; NULL: not sent */
};

struct settings {
	const struct provider *provider;
	const char *name; /* of the provider, as given */
	char *url;	  /* of the endpoint */
	char *host;	  /* for messages: "api.groq.com", "127.0.0.1:8080" */
	bool own_host;	  /* the provider's own host, which may get the key of its variable */
	bool loopback, tls;
	const char **models; /* tried in this order; at least one, then NULL */
	double temperature;
	int64_t max_words, timeout_ns;
	const char *api_key_file;
};

/* Borrows from both. -1 with EXIT_USAGE for an unknown provider, no URL or no model. */
int settings_init(struct settings *s, const struct options *o, const struct config *c,
		  struct err *e);
void settings_release(struct settings *s); /* accepts a zeroed one */

#endif

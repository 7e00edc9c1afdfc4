/* Who answers: the providers known by name, and the settings that come out of options and config. */
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
	const char *limit_field; /* how the bound on tokens is called */
	bool ask_usage;		 /* stream_options.include_usage is known */
	bool cuts_context;	 /* drops what does not fit, in silence */
	const char *effort;	 /* reasoning_effort for models that think; NULL: not known */
};

struct settings {
	const struct provider *provider;
	const char *name; /* of the provider, as given */
	char *url;	  /* of the endpoint */
	char *host;	  /* for messages: "api.groq.com", "127.0.0.1:8080" */
	bool own_host;	  /* it is the provider's own: its variable's key belongs there */
	bool loopback, tls;
	const char **models; /* to be tried in turn; never empty, NULL at the end */
	double temperature;
	int64_t max_words, timeout_ns;
	const char *api_key_file;
};

/* Borrows from both. -1 with EXIT_USAGE: unknown provider, no URL, no model. */
int settings_init(struct settings *s, const struct options *o, const struct config *c,
		  struct err *e);
void settings_release(struct settings *s); /* accepts a zeroed one */

#endif

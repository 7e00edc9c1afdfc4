/* The options of chaos-proxy, checked before anything listens. */
#ifndef PROXY_OPTIONS_H
#define PROXY_OPTIONS_H

#include "cli/cli.h"
#include "stream/json.h"

struct proxy_opts {
	const char *api, *config; /* NULL: not given */
	struct str_list toxics;	  /* as on the command line */
	int64_t for_ns;		  /* 0: until a signal */
	int64_t seed;
	const char *decisions; /* a file for them at the end; NULL: none */
	bool quiet, check;
	struct json *proxies; /* owned: a list as the API has it, of config and command line */
};

/* Fills opts. Returns CLI_RUN or the exit code. */
int options_parse(struct proxy_opts *o, int argc, char **argv);
void options_release(struct proxy_opts *o);

#endif

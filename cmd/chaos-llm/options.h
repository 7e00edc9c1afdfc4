#ifndef LLM_OPTIONS_H
#define LLM_OPTIONS_H

#include "cli/cli.h"

struct options {
	const char *run_id, *baseline_id, *runs_dir, *config;
	const char *events, *output;
	const char *numbers; /* an option that is gone; NULL: not given */
	bool no_model, require_llm, redact, show_prompt, insecure_loopback;
	/* What the config says where these are not given. */
	const char *provider, *model, *base_url, *api_key_file;
	struct str_list fallbacks;
	double temperature; /* negative: not given */
	int64_t max_words, timeout_ns; /* 0: not given */
	const char *file; /* operand; NULL or "-" for stdin */
};

/* Fills o from argv. CLI_RUN, or an exit code (a line was printed if it is not 0). */
int options_parse(struct options *o, int argc, char **argv);
void options_release(struct options *o);

#endif

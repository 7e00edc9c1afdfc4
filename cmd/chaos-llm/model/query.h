/* Sends the prompt to one model after the other until one answers, within one time limit. */
#ifndef LLM_QUERY_H
#define LLM_QUERY_H

#include "model/key.h"
#include "model/prompt.h"
#include "llm/chat.h"

struct query {
	const struct prompt *prompt;
	const struct key *key;
	bool insecure_loopback;
	int64_t deadline_ns; /* monotonic */
	size_t model;	     /* index of the model in use: advances when one is retired */
	char gone[2 * CHAT_WHY_MAX]; /* names the first retired model and its error; "" if none is */
};

/* Passes the answer to text. Returns how it ended, with the reason in why (the key is masked);
 * name is the model's name from the answer, else from the settings. */
enum chat_end query_models(struct query *q, const struct prompt_retry *retry,
			int (*text)(void *arg, const char *text, size_t len), void *arg,
			char why[static CHAT_WHY_MAX], char name[static CHAT_MODEL_MAX]);

#endif

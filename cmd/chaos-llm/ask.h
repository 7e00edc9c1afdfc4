/* Asks one model after the other until one answers, within one bound of time. */
#ifndef LLM_ASK_H
#define LLM_ASK_H

#include "key.h"
#include "prompt.h"
#include "llm/chat.h"

struct ask {
	const struct prompt *prompt;
	const struct key *key;
	bool insecure_loopback;
	int64_t deadline_ns; /* monotonic */
	size_t model;	     /* index of the one to ask: moves on when one is retired */
	char gone[2 * CHAT_WHY_MAX]; /* what is to be said of retired models, or "" */
};

/* Feeds the answer to text. Returns how it ended, with the reason in why (the key is masked);
 * name is the model as the server calls it, else as we do. */
enum chat_end ask_model(struct ask *a, const struct prompt_retry *retry,
			int (*text)(void *arg, const char *text, size_t len), void *arg,
			char why[static CHAT_WHY_MAX], char name[static CHAT_MODEL_MAX]);

#endif

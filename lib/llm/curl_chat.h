/* One request to a chat API, with libcurl. Blocks, with a bound on every wait; does not handle
 * signals, so that Ctrl-C ends the program at once. */
#ifndef LLM_CURL_CHAT_H
#define LLM_CURL_CHAT_H

#include "llm/chat.h"

#include <stdbool.h>
#include <stdint.h>

struct chat_request {
	const char *url; /* of the endpoint itself */
	const char *body;
	size_t body_len;
	/* Sent in the Authorization header only; NULL for none. Redirects are not followed. With
	 * http:// to another machine the call fails before anything is sent. */
	const char *key;
	bool insecure_loopback; /* certificates of hosts of this machine need not verify */
	int64_t connect_ns, stall_ns, total_ns; /* bounds, each at least 1 ms */
	int64_t max_bytes;
};

/* Sends the request and feeds the answer to c, which then has its end and why.
 * Returns the time of Retry-After in ns; -1 if there is none. */
int64_t curl_chat(const struct chat_request *q, struct chat *c);

#endif

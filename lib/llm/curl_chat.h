/* One request to a chat API, on libcurl. Waits; every wait has a bound. Signals are left alone, so
 * that Ctrl-C ends the program at once. */
#ifndef LLM_CURL_CHAT_H
#define LLM_CURL_CHAT_H

#include "llm/chat.h"

#include <stdbool.h>
#include <stdint.h>

struct chat_request {
	const char *url; /* of the endpoint itself */
	const char *body;
	size_t body_len;
	/* NULL for none. Goes into the Authorization header and nowhere else; redirects are not
	 * followed. Never given with http:// beyond this machine: that fails before anything is
	 * sent. */
	const char *key;
	bool insecure_loopback; /* certificates of hosts of this machine need not verify */
	int64_t connect_ns, first_byte_ns, stall_ns, total_ns; /* bounds, each > 0 */
	int64_t max_bytes;
};

/* Sends it and feeds the answer to c, whose end and why then say how it went.
 * Returns what Retry-After asks for in ns; -1 if there is none. */
int64_t curl_chat(const struct chat_request *q, struct chat *c);

#endif

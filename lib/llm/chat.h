/* The answers of an OpenAI-compatible chat API: a stream of events, one JSON object, or an error.
 * Pure: what the bytes say, whoever fetched them. */
#ifndef LLM_CHAT_H
#define LLM_CHAT_H

#include "base/buf.h"
#include "llm/sse.h"

#include <stdbool.h>
#include <stdint.h>

enum chat_end {
	CHAT_OPEN,	/* not ended yet */
	CHAT_DONE,	/* the model came to its end */
	CHAT_TRUNCATED, /* finish_reason length: its limit cut it off */
	CHAT_WITHHELD,	/* a filter of the provider, or a tool call, in place of text */
	CHAT_CUT,	/* the stream ended before the answer did */
	CHAT_RETIRED,	/* there is no such model any more, or for this account */
	CHAT_LIMITED,	/* 429 */
	CHAT_DENIED,	/* 401, 403: the key */
	CHAT_REFUSED,	/* another 4xx, or a redirect: the request */
	CHAT_BROKEN,	/* 5xx, or an error within the stream */
	CHAT_MALFORMED, /* no such answer as the protocol allows */
	CHAT_TOO_BIG,
	CHAT_TIMEOUT,
	CHAT_NETWORK,	/* no connection, no TLS, a reset */
	CHAT_STOPPED,	/* by the one who takes the text */
};

enum { CHAT_WHY_MAX = 240, CHAT_MODEL_MAX = 96 };

struct chat {
	enum chat_end end;
	char why[CHAT_WHY_MAX];	    /* a phrase for people; control characters are blanks */
	char model[CHAT_MODEL_MAX]; /* which says it answered; "" if it did not say */
	int64_t prompt_tokens;	    /* -1 if unknown */
	int64_t text_bytes;

	/* Called with each piece of text. Other than 0 stops: CHAT_STOPPED. */
	int (*text)(void *arg, const char *text, size_t len);
	void *arg;

	/* Private. */
	struct sse sse;
	struct buf body; /* of an answer that is no stream */
	int status;
	bool is_stream, finished;
};

void chat_init(struct chat *c, int (*text)(void *arg, const char *text, size_t len), void *arg);
void chat_release(struct chat *c);

/* The head of the answer: status, and the Content-Type (NULL if there was none). */
void chat_head(struct chat *c, int status, const char *content_type);

/* Bytes of the body. Returns 0, or -1 when no more are wanted: end and why say why. */
int chat_feed(struct chat *c, const char *bytes, size_t len);

/* The body is over: fills end if it is still open. */
void chat_finish(struct chat *c);

/* Ends it, unless it has ended before. */
void chat_fail(struct chat *c, enum chat_end end, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif

/* Parses the answers of an OpenAI-compatible chat API: a stream of events, one JSON object, or an
 * error. Pure: the caller fetches the bytes. */
#ifndef LLM_CHAT_H
#define LLM_CHAT_H

#include "base/buf.h"
#include "llm/sse.h"

#include <stdbool.h>
#include <stdint.h>

enum chat_end {
	CHAT_OPEN,	/* not ended yet */
	CHAT_DONE,	/* a complete answer */
	CHAT_TRUNCATED, /* finish_reason length: the token limit was reached */
	CHAT_WITHHELD,	/* another finish_reason: a filter, a tool call */
	CHAT_CUT,	/* the stream ended before the answer did */
	CHAT_RETIRED,	/* the model does not exist, or not for this account */
	CHAT_LIMITED,	/* 429 */
	CHAT_DENIED,	/* 401, 403: the key was not accepted */
	CHAT_REFUSED,	/* another 4xx, or a redirect */
	CHAT_BROKEN,	/* 5xx, or an error within the stream */
	CHAT_MALFORMED, /* the answer breaks the protocol */
	CHAT_TOO_BIG,
	CHAT_TIMEOUT,
	CHAT_NETWORK,	/* no connection, no TLS, a reset */
	CHAT_STOPPED,	/* the text callback stopped it */
};

enum { CHAT_WHY_MAX = 240, CHAT_MODEL_MAX = 96 };

struct chat {
	enum chat_end end;
	char why[CHAT_WHY_MAX];	    /* a phrase for the user, without control characters */
	char model[CHAT_MODEL_MAX]; /* as named in the answer, or "" */
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

/* Ends the body: sets end if it is still open. */
void chat_finish(struct chat *c);

/* Sets end and why, unless the chat has ended before. */
void chat_fail(struct chat *c, enum chat_end end, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif

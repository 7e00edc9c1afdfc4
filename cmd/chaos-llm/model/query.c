#include "model/query.h"

#include "base/clock.h"
#include "base/units.h"
#include "llm/curl_chat.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* Limits within the total one: on the wait that Retry-After asks for, on connecting, on a pause. */
#define WAIT_MAX_NS (20 * NS_PER_S)
#define CONNECT_MAX_NS (10 * NS_PER_S)
#define STALL_MAX_NS (20 * NS_PER_S)

enum { ANSWER_MAX = 10 << 20, BYTES_PER_TOKEN_MAX = 10 };

static int64_t at_most(int64_t ns, int64_t bound)
{
	return ns < bound ? ns : bound;
}

static void name_answer(const struct query *q, const struct chat *c, char name[static CHAT_MODEL_MAX])
{
	snprintf(name, CHAT_MODEL_MAX, "%s",
		 *c->model ? c->model : q->prompt->settings->models[q->model]);
}

/* Sends the request once. */
static enum chat_end send_once(struct query *q, const struct buf *body, struct chat *c,
			       int64_t *retry_ns)
{
	const struct settings *s = q->prompt->settings;
	int64_t left = q->deadline_ns - mono_ns();
	if (left < NS_PER_MS) {
		chat_fail(c, CHAT_TIMEOUT, "the time limit was reached");
		return c->end;
	}
	struct chat_request request = {
		.url = s->url,
		.body = body->data,
		.body_len = body->len,
		.key = q->key->text,
		.insecure_loopback = q->insecure_loopback,
		.connect_ns = at_most(left, CONNECT_MAX_NS),
		.stall_ns = at_most(left, STALL_MAX_NS),
		.total_ns = left,
		.max_bytes = ANSWER_MAX,
	};
	*retry_ns = curl_chat(&request, c);
	/* Ollama silently drops what exceeds its context. */
	if (c->end == CHAT_DONE && s->provider->cuts_context && c->prompt_tokens > 0 &&
	    c->prompt_tokens * BYTES_PER_TOKEN_MAX < (int64_t)body->len) {
		c->end = CHAT_OPEN;
		chat_fail(c, CHAT_CUT, "the model read only %lld tokens of the prompt: give it a "
			  "larger context", (long long)c->prompt_tokens);
	}
	return c->end;
}

static bool wait_for(struct query *q, int64_t ns)
{
	struct timespec t = {ns / NS_PER_S, ns % NS_PER_S};
	if (ns < 0 || ns > WAIT_MAX_NS || mono_ns() + ns >= q->deadline_ns)
		return false;
	return nanosleep(&t, NULL) == 0;
}

static void note_gone(struct query *q, const char *why)
{
	const struct settings *s = q->prompt->settings;
	if (!*q->gone)
		snprintf(q->gone, sizeof q->gone, "there is no model '%.90s' at %.90s (%.150s)",
			 s->models[q->model], s->host, why);
}

enum chat_end query_models(struct query *q, const struct prompt_retry *retry,
			int (*text)(void *arg, const char *text, size_t len), void *arg,
			char why[static CHAT_WHY_MAX], char name[static CHAT_MODEL_MAX])
{
	const struct settings *s = q->prompt->settings;
	enum chat_end end = CHAT_RETIRED;
	bool waited = false, again = true;
	while (again) {
		struct buf body = BUF_INIT;
		struct chat c;
		int64_t retry_ns = -1;
		prompt_write(q->prompt, s->models[q->model], retry, &body);
		chat_init(&c, text, arg);
		end = send_once(q, &body, &c, &retry_ns);
		key_mask(q->key, c.why);
		snprintf(why, CHAT_WHY_MAX, "%s", c.why);
		name_answer(q, &c, name);
		again = false;
		if (end == CHAT_RETIRED) {
			note_gone(q, why);
			again = s->models[q->model + 1] != NULL;
			q->model += again;
		} else if (end == CHAT_LIMITED && !waited) {
			again = waited = wait_for(q, retry_ns);
		}
		chat_release(&c);
		buf_release(&body);
	}
	return end;
}

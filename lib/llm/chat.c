#include "llm/chat.h"

#include "base/text.h"
#include "stream/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { BODY_MAX = 4 << 20 }; /* of an answer that is no stream */

static void copy_plain(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%.*s", (int)(size - 1), text);
	plain_line(out);
}

void chat_fail(struct chat *c, enum chat_end end, const char *fmt, ...)
{
	char text[2 * CHAT_WHY_MAX];
	va_list ap;
	if (c->end != CHAT_OPEN)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	c->end = end;
	copy_plain(c->why, sizeof c->why, text);
}

static bool is_success(int status)
{
	return status >= 200 && status < 300;
}

static bool one_of(const char *word, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(word, *list) == 0)
			return true;
	return false;
}

/* Takes an error: an object {"message":…,"type":…,"code":…} or a string. */
static void take_error(struct chat *c, const struct json *error, enum chat_end otherwise)
{
	static const char *const gone[] = {"model_not_found", "model_decommissioned",
					   "model_not_active", NULL};
	const char *message = json_str(error, json_text(error, "message"));
	const char *code = json_str(json_get(error, "code"), json_text(error, "type"));
	bool retired = one_of(code, gone) || one_of(json_text(error, "type"), gone) ||
		       /* Ollama and vLLM give no code for it. */
		       (c->status == 404 && strcasestr(message, "model") != NULL);
	char status[24] = "";
	if (c->status && !is_success(c->status))
		snprintf(status, sizeof status, "status %d", c->status);
	const char *comma = *status && (*code || *message) ? ", " : "";
	const char *colon = *code && *message ? ": " : "";
	chat_fail(c, retired ? CHAT_RETIRED : otherwise, "%s%s%.60s%s%.160s", status, comma, code,
		  colon, message);
	if (!*c->why)
		copy_plain(c->why, sizeof c->why, "an error without a message");
}

static int malformed(struct chat *c, const char *what)
{
	chat_fail(c, CHAT_MALFORMED, "%s", what);
	return -1;
}

static int take_text(struct chat *c, const struct json *content)
{
	if (json_is_null(content))
		return 0;
	if (!json_is_string(content))
		return malformed(c, "the answer's content is neither text nor a list of texts");
	const char *text = json_str(content, "");
	size_t len = strlen(text);
	c->text_bytes += (int64_t)len;
	if (len && c->text(c->arg, text, len)) {
		chat_fail(c, CHAT_STOPPED, "stopped");
		return -1;
	}
	return 0;
}

/* Content is a text, or a list of parts {"type":"text","text":…}; other parts, such as reasoning, are
 * not for the reader. */
static int take_content(struct chat *c, const struct json *content)
{
	if (!json_is_array(content))
		return take_text(c, content);
	for (size_t i = 0; i < json_count(content); i++) {
		const struct json *part = json_at(content, i);
		if (!json_is_object(part))
			return take_text(c, part);
		if (strcmp(json_str(json_get(part, "type"), "text"), "text") == 0 &&
		    take_text(c, json_get(part, "text")))
			return -1;
	}
	return 0;
}

static int take_reason(struct chat *c, const struct json *reason)
{
	if (json_is_null(reason))
		return 0;
	if (!json_is_string(reason))
		return malformed(c, "the answer's finish_reason is not a string");
	static const char *const whole[] = {"stop", "STOP", "eos", "eos_token", "end", "end_turn",
					    "stop_sequence", "", NULL};
	const char *word = json_str(reason, "");
	c->finished = true;
	if (strcasecmp(word, "length") == 0 || strcasecmp(word, "max_tokens") == 0)
		chat_fail(c, CHAT_TRUNCATED, "the answer was cut off at its token limit");
	else if (!one_of(word, whole))
		chat_fail(c, CHAT_WITHHELD, "the answer ended with '%.40s'", word);
	return c->end == CHAT_OPEN ? 0 : -1;
}

static void take_usage(struct chat *c, const struct json *j)
{
	const struct json *usage = json_get(j, "usage");
	if (!json_is_object(usage))
		usage = json_get(j, "x_groq.usage");
	double tokens = json_num(json_get(usage, "prompt_tokens"), -1);
	if (tokens >= 0 && tokens < 1e12)
		c->prompt_tokens = (int64_t)tokens;
	const char *model = json_text(j, "model");
	if (*model && !*c->model)
		copy_plain(c->model, sizeof c->model, model);
}

/* A chunk of a stream, or a whole answer. */
static int take_object(struct chat *c, const struct json *j)
{
	const struct json *error = json_get(j, "error"), *choices = json_get(j, "choices");
	if (json_is_null(error))
		error = json_get(j, "x_groq.error");
	if (json_is_null(error) && strcmp(json_text(j, "object"), "error") == 0)
		error = j; /* vLLM, in the middle of a stream */
	if (!json_is_null(error)) {
		take_error(c, error, CHAT_BROKEN);
		return -1;
	}
	take_usage(c, j);
	if (!json_is_array(choices) && !json_is_null(choices))
		return malformed(c, "the answer's choices are not a list");
	const struct json *first = json_at(choices, 0);
	const struct json *part = json_get(first, c->is_stream ? "delta" : "message");
	if (json_count(choices) && !json_is_object(first))
		return malformed(c, "the answer's choice is not an object");
	if (!json_is_null(part) && !json_is_object(part))
		return malformed(c, "the answer's message is not an object");
	if (take_content(c, json_get(part, "content")))
		return -1;
	return take_reason(c, json_get(first, "finish_reason"));
}

static int take_json(struct chat *c, const char *text, size_t len)
{
	struct err e;
	struct json *j = json_parse(text, len, "answer", &e);
	int rc = json_is_object(j) ? take_object(c, j) : malformed(c, "the answer is not a JSON object");
	json_free(j);
	return rc;
}

static int take_event(void *arg, const char *data, size_t len)
{
	struct chat *c = arg;
	if (strcmp(data, "[DONE]") == 0) { /* some servers give no finish_reason before it */
		c->finished = true;
		return 0;
	}
	return take_json(c, data, len);
}

void chat_init(struct chat *c, int (*text)(void *arg, const char *text, size_t len), void *arg)
{
	*c = (struct chat){.prompt_tokens = -1, .text = text, .arg = arg, .body = BUF_INIT};
	sse_init(&c->sse, take_event, c);
}

void chat_release(struct chat *c)
{
	sse_release(&c->sse);
	buf_release(&c->body);
}

void chat_head(struct chat *c, int status, const char *content_type)
{
	c->status = status;
	c->is_stream = is_success(status) && (!content_type || !strcasestr(content_type, "/json"));
}

int chat_feed(struct chat *c, const char *bytes, size_t len)
{
	if (c->end != CHAT_OPEN)
		return -1;
	if (c->is_stream) {
		if (sse_feed(&c->sse, bytes, len))
			chat_fail(c, CHAT_TOO_BIG, "an event of the stream is too long");
	} else if (c->body.len + len > BODY_MAX) {
		chat_fail(c, CHAT_TOO_BIG, "the answer is longer than %d MB", BODY_MAX >> 20);
	} else {
		buf_add(&c->body, bytes, len);
	}
	return c->end == CHAT_OPEN ? 0 : -1;
}

static enum chat_end end_of_status(int status)
{
	return status == 429 || status == 498	 ? CHAT_LIMITED
	       : status == 401 || status == 403 ? CHAT_DENIED
	       : status >= 500			 ? CHAT_BROKEN
						 : CHAT_REFUSED;
}

static void finish_error(struct chat *c)
{
	struct err e;
	struct json *j = json_parse(c->body.data, c->body.len, "answer", &e);
	const struct json *error = json_get(j, "error");
	take_error(c, json_is_null(error) ? j : error, end_of_status(c->status));
	json_free(j);
}

void chat_finish(struct chat *c)
{
	if (c->end != CHAT_OPEN)
		return;
	if (!c->status)
		chat_fail(c, CHAT_NETWORK, "no answer");
	else if (!is_success(c->status))
		finish_error(c);
	else if (c->is_stream)
		sse_end(&c->sse);
	else
		(void)take_json(c, c->body.data, c->body.len);
	if (!c->finished)
		chat_fail(c, CHAT_CUT, "the answer was cut off");
	if (!c->text_bytes)
		chat_fail(c, CHAT_MALFORMED, "the answer is empty");
	if (c->end == CHAT_OPEN)
		c->end = CHAT_DONE;
}

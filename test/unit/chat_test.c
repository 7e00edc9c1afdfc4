/* Streams of chat APIs, at every split point. */
#include "unit.h"

#include "llm/chat.h"

#include <string.h>

struct heard {
	struct buf text;
};

static int hear(void *arg, const char *text, size_t len)
{
	buf_add(&((struct heard *)arg)->text, text, len);
	return 0;
}

static void feed(struct chat *c, const char *bytes, size_t len, size_t split)
{
	if (chat_feed(c, bytes, split) == 0)
		(void)chat_feed(c, bytes + split, len - split);
	chat_finish(c);
}

#define CHUNK(text) "data: {\"model\":\"m\",\"choices\":[{\"delta\":{\"content\":\"" text "\"}}]}"
#define STOP "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]," \
	     "\"x_groq\":{\"usage\":{\"prompt_tokens\":12}}}"

static const struct {
	const char *name, *wire, *text;
	enum chat_end end;
	const char *why;
} streams[] = {
	{"LF", CHUNK("Hel") "\n\n" CHUNK("lo") "\n\n" STOP "\n\ndata: [DONE]\n\n", "Hello", CHAT_DONE,
	 ""},
	{"CRLF", CHUNK("Hel") "\r\n\r\n" CHUNK("lo") "\r\n\r\n" STOP "\r\n\r\ndata: [DONE]\r\n\r\n",
	 "Hello", CHAT_DONE, ""},
	{"CR", CHUNK("a") "\r\r" STOP "\r\r", "a", CHAT_DONE, ""},
	{"BOM, comments, other fields, no last blank line",
	 "\xEF\xBB\xBF: OPENROUTER PROCESSING\n\nevent: x\nid: 7\nretry: 3\n" CHUNK("a\\u00e9")
	 "\n\n: more\n" STOP,
	 "a\xC3\xA9", CHAT_DONE, ""},
	{"no blank behind the colon, data over lines",
	 "data:{\"choices\":[{\"delta\":\ndata:{\"content\":\"a\"},\ndata: \"finish_reason\":\"stop\"}]}\n\n",
	 "a", CHAT_DONE, ""},
	{"usage without choices",
	 CHUNK("a") "\n\n" STOP "\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":12}}\n\n", "a",
	 CHAT_DONE, ""},
	{"cut", CHUNK("Hel") "\n\n", "Hel", CHAT_CUT, "cut off"},
	{"cut within an event", CHUNK("Hel") "\n\ndata: {\"cho", "Hel", CHAT_MALFORMED, "not a JSON"},
	{"DONE without a reason", CHUNK("Hel") "\n\ndata: [DONE]\n\n", "Hel", CHAT_DONE, ""},
	{"DONE in a text", CHUNK("[DONE]") "\n\n", "[DONE]", CHAT_CUT, "cut off"},
	{"parts", "data: {\"choices\":[{\"delta\":{\"content\":[{\"type\":\"text\",\"text\":\"a\"},"
	 "{\"type\":\"thinking\",\"thinking\":[]},{\"text\":\"b\"}]},\"finish_reason\":\"end_turn\"}]}\n\n",
	 "ab", CHAT_DONE, ""},
	{"parts that are none", "data: {\"choices\":[{\"delta\":{\"content\":[1]}}]}\n\n", "",
	 CHAT_MALFORMED, "neither text"},
	{"nothing", "", "", CHAT_CUT, "cut off"},
	{"empty answer", STOP "\n\n", "", CHAT_MALFORMED, "empty"},
	{"length", CHUNK("a") "\n\ndata: {\"choices\":[{\"finish_reason\":\"length\"}]}\n\n", "a",
	 CHAT_TRUNCATED, "token limit"},
	{"filter", "data: {\"choices\":[{\"finish_reason\":\"content_filter\"}]}\n\n", "",
	 CHAT_WITHHELD, "content_filter"},
	{"error of OpenRouter in the stream",
	 CHUNK("a") "\n\ndata: {\"error\":{\"code\":502,\"message\":\"Provider gone\"}}\n\n", "a",
	 CHAT_BROKEN, "Provider gone"},
	{"error of vLLM", "data: {\"object\":\"error\",\"message\":\"boom\",\"code\":400}\n\n", "",
	 CHAT_BROKEN, "boom"},
	{"error of Groq", "data: {\"x_groq\":{\"error\":\"over capacity\"}}\n\n", "", CHAT_BROKEN,
	 "over capacity"},
	{"text that is a number", "data: {\"choices\":[{\"delta\":{\"content\":7}}]}\n\n", "",
	 CHAT_MALFORMED, "neither text"},
	{"choices that are none", "data: {\"choices\":{}}\n\n", "", CHAT_MALFORMED, "not a list"},
	{"a choice that is none", "data: {\"choices\":[3]}\n\n", "", CHAT_MALFORMED, "not an object"},
	{"a list", "data: []\n\n", "", CHAT_MALFORMED, "not a JSON object"},
};

static void streams_are_the_same_wherever_they_are_split(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(streams); i++) {
		size_t len = strlen(streams[i].wire);
		for (size_t split = 0; split <= len; split++) {
			struct heard h = {BUF_INIT};
			struct chat c;
			chat_init(&c, hear, &h);
			chat_head(&c, 200, "text/event-stream");
			feed(&c, streams[i].wire, len, split);
			if (c.end != streams[i].end || strcmp(h.text.data, streams[i].text) != 0)
				fail_msg("%s at %zu: end %d (%s), text '%s'", streams[i].name, split,
					 (int)c.end, c.why, h.text.data);
			assert_contains(c.why, streams[i].why);
			chat_release(&c);
			buf_release(&h.text);
		}
	}
}

static const struct {
	int status;
	const char *type, *body;
	enum chat_end end;
	const char *why;
} answers[] = {
	{404, "application/json", "{\"error\":{\"message\":\"no m\",\"code\":\"model_not_found\"}}",
	 CHAT_RETIRED, "status 404, model_not_found: no m"},
	{400, "application/json", "{\"error\":{\"code\":\"model_decommissioned\",\"message\":\"x\"}}",
	 CHAT_RETIRED, "model_decommissioned"},
	{404, NULL, "{\"error\":{\"message\":\"model 'x' not found\",\"type\":\"api_error\"}}",
	 CHAT_RETIRED, "not found"},
	{404, "text/html", "<html>", CHAT_REFUSED, "status 404"},
	{429, "application/json", "{\"error\":{\"message\":\"slow\\ndown\"}}", CHAT_LIMITED, "slow down"},
	{401, "application/json", "{}", CHAT_DENIED, "status 401"},
	{500, "text/html", "oops", CHAT_BROKEN, "status 500"},
	{301, NULL, "", CHAT_REFUSED, "status 301"},
	{413, "application/json", "{\"error\":\"too large\"}", CHAT_REFUSED, "too large"},
	{200, "application/json",
	 "{\"choices\":[{\"message\":{\"content\":\"hi\"},\"finish_reason\":\"stop\"}]}", CHAT_DONE, ""},
	{201, "application/json",
	 "{\"choices\":[{\"message\":{\"content\":\"hi\"},\"finish_reason\":\"eos\"}]}", CHAT_DONE, ""},
	{200, "application/json", "{\"choices\":[{\"message\":{\"content\":\"hi\"}}]}", CHAT_CUT, ""},
	{200, "application/json; charset=utf-8", "{\"error\":{\"message\":\"no\"}}", CHAT_BROKEN, "no"},
};

static void answers_that_are_no_stream(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		struct heard h = {BUF_INIT};
		struct chat c;
		chat_init(&c, hear, &h);
		chat_head(&c, answers[i].status, answers[i].type);
		feed(&c, answers[i].body, strlen(answers[i].body), 0);
		if (c.end != answers[i].end)
			fail_msg("answer %zu: end %d (%s)", i, (int)c.end, c.why);
		assert_contains(c.why, answers[i].why);
		chat_release(&c);
		buf_release(&h.text);
	}
}

static void a_line_without_end_is_given_up(void **state)
{
	struct heard h = {BUF_INIT};
	struct chat c;
	char block[4096];
	int rc = 0;
	(void)state;
	memset(block, 'x', sizeof block);
	chat_init(&c, hear, &h);
	chat_head(&c, 200, NULL);
	for (size_t i = 0; i < 1000 && !rc; i++)
		rc = chat_feed(&c, block, sizeof block);
	assert_int_equal(rc, -1);
	assert_int_equal(c.end, CHAT_TOO_BIG);
	assert_true(c.sse.line.alloc < 4 * SSE_EVENT_MAX);
	chat_release(&c);
	buf_release(&h.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(streams_are_the_same_wherever_they_are_split),
		cmocka_unit_test(answers_that_are_no_stream),
		cmocka_unit_test(a_line_without_end_is_given_up),
	};
	return RUN_GROUP(tests);
}

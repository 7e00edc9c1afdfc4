/* Answers of language models: streams, and what may be shown of their text. The first byte says in what
 * pieces they come, and whether the server calls them a stream. */
#include "fuzz.h"
#include "llm/chat.h"
#include "llm/prose.h"

#include <ctype.h>

static int keep(void *arg, const char *text, size_t len)
{
	buf_add(arg, text, len);
	return 0;
}

static void show(const char *text)
{
	struct prose p;
	struct statements s = {0};
	statements_add(&s, mem_strdup("p99_change"), "p99 rose from %d ms", 7);
	statements_add_name(&s, mem_strdup("node A"));
	prose_read(&p, &s, &s, text, 200);
	MUST(p.words <= 200);
	for (int i = 0; i < PROSE_PARTS; i++)
		for (const char *at = p.parts[i].len ? p.parts[i].data : ""; *at; at++)
			MUST(*at != '\x1b' && (*at != '<' || !isalpha((unsigned char)at[1])));
	prose_release(&p);
	statements_release(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct chat c;
	struct buf text = BUF_INIT;
	if (!size)
		return 0;
	size_t piece = 1U + data[0] / 2;
	chat_init(&c, keep, &text);
	chat_head(&c, 200, data[0] & 1 ? "text/event-stream" : "application/json");
	for (size_t at = 1; at < size; at += piece)
		if (chat_feed(&c, (const char *)data + at, size - at < piece ? size - at : piece))
			break;
	chat_finish(&c);
	MUST(c.end != CHAT_OPEN && (c.end == CHAT_DONE || *c.why));
	show(text.len ? text.data : "");
	chat_release(&c);
	buf_release(&text);
	return 0;
}

#include "model/writer.h"

#include "llm/strip.h"
#include "sys/file.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PENDING_MAX = 16 << 10, THOUGHT_MAX = 128 << 10 };

void writer_init(struct writer *w, const struct prompt *prompt, const struct statements *shown,
		 const struct key *key, struct buf *out, int fd)
{
	*w = (struct writer){.head = BUF_INIT,
			     .accepted = BUF_INIT,
			     .refused = BUF_INIT,
			     .pending = BUF_INIT,
			     .shown = shown,
			     .prompt = prompt,
			     .key = key,
			     .out = out,
			     .fd = fd};
}

void writer_release(struct writer *w)
{
	buf_release(&w->head);
	buf_release(&w->accepted);
	buf_release(&w->refused);
	buf_release(&w->pending);
}

void writer_restart(struct writer *w)
{
	w->rejected = w->begun = false;
	buf_reset(&w->pending);
	buf_reset(&w->refused);
}

void writer_put(struct writer *w, const char *text, size_t len)
{
	struct err e;
	if (w->fd < 0)
		buf_add(w->out, text, len);
	else if (!w->gone && write_all(w->fd, text, len, &e))
		w->gone = true;
}

static int reject(struct writer *w, const char *paragraph, const char *why)
{
	w->rejected = true;
	if (why)
		snprintf(w->why, sizeof w->why, "%s", why);
	buf_addstr(&w->refused, paragraph);
	return -1;
}

static size_t count_words(const char *text)
{
	size_t n = 0;
	for (; *text; text++)
		n += !isspace((unsigned char)*text) &&
		     (isspace((unsigned char)text[1]) || !text[1]);
	return n;
}

/* Tolerates half as much again, as models do not count words. */
static bool too_long(const struct writer *w, const char *text)
{
	int64_t most = w->prompt->settings->max_words * 3 / 2 + 50;
	return (int64_t)(w->words + count_words(text)) > most;
}

static int check(struct writer *w, const char *text, struct buf *out)
{
	if (w->key->text && strstr(text, w->key->text)) {
		snprintf(w->why, sizeof w->why, "it contains the key");
		return -1;
	}
	return fill_placeholders(w->prompt->statements, w->shown, text, out, &w->count, w->why);
}

static int take_paragraph(struct writer *w, const char *paragraph)
{
	struct buf plain = BUF_INIT, out = BUF_INIT;
	int rc = 0;
	strip_markup(paragraph, &plain);
	while (plain.len && isspace((unsigned char)plain.data[plain.len - 1]))
		plain.data[--plain.len] = '\0';
	size_t skip = strspn(plain.data, "\n");
	if (plain.data[skip]) {
		if (too_long(w, plain.data))
			rc = reject(w, paragraph, "it is longer than --max-words allows");
		else if (check(w, plain.data + skip, &out))
			rc = reject(w, paragraph, NULL);
	}
	if (!rc && out.len) {
		w->words += count_words(plain.data);
		buf_addf(&w->accepted, "%s\n\n", paragraph);
		writer_put(w, w->head.data, w->head.len);
		buf_reset(&w->head);
		buf_addstr(&out, "\n\n");
		writer_put(w, out.data, out.len);
		rc = w->gone ? -1 : 0;
	}
	buf_release(&plain);
	buf_release(&out);
	return rc;
}

/* Removes the reasoning that some models write first. True if it has not ended yet. */
static bool skip_thought(struct writer *w)
{
	static const char open[] = "<think>", close[] = "</think>";
	size_t skip = strspn(w->pending.data, " \n");
	if (w->begun || strncmp(w->pending.data + skip, open, sizeof open - 1) != 0)
		return false;
	const char *end = strstr(w->pending.data, close);
	if (!end)
		return true;
	buf_consume(&w->pending, (size_t)(end - w->pending.data) + sizeof close - 1);
	return false;
}

int writer_text(void *arg, const char *text, size_t len)
{
	struct writer *w = arg;
	char *end;
	for (size_t i = 0; i < len; i++)
		if (text[i] != '\r' && text[i])
			buf_addch(&w->pending, text[i]);
	if (skip_thought(w))
		return w->pending.len > THOUGHT_MAX ? reject(w, "", "it is reasoning without a report") : 0;
	while ((end = strstr(w->pending.data, "\n\n"))) {
		*end = '\0';
		w->begun = true;
		int rc = take_paragraph(w, w->pending.data);
		buf_consume(&w->pending, (size_t)(end - w->pending.data) + 2);
		if (rc)
			return -1;
	}
	return w->pending.len > PENDING_MAX ? reject(w, "", "it is longer than --max-words allows") : 0;
}

int writer_end(struct writer *w)
{
	if (skip_thought(w))
		buf_reset(&w->pending);
	if (take_paragraph(w, w->pending.data))
		return -1;
	if (!w->count)
		return reject(w, "", "it contains no statement of the analysis");
	return 0;
}

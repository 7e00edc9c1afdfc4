#include "llm/strip.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Behind the ')' that closes the '(' at p; the end of the text if none does. */
static const char *behind_target(const char *p)
{
	int depth = 0;
	for (; *p; p++) {
		depth += *p == '(' ? 1 : *p == ')' ? -1 : 0;
		if (!depth)
			return p + 1;
	}
	return p;
}

/* Skips an image "![alt](target)" or "![alt][ref]" whole, and the target of a link. */
static const char *skip_link(const char *p)
{
	if (p[0] == '!' && p[1] == '[') {
		p += 2 + strcspn(p + 2, "]");
		if (!*p)
			return p;
		if (p[1] != '(' && p[1] != '[')
			return p + 1;
	}
	if (p[0] == ']' && p[1] == '(')
		return behind_target(p + 1);
	if (p[0] == ']' && p[1] == '[') {
		p += 2 + strcspn(p + 2, "]");
		return *p ? p + 1 : p;
	}
	return p;
}

/* Skips "<b>", "</b>", "<!-- -->", "<http://x>". */
static const char *skip_tag(const char *p)
{
	if (p[0] != '<' || !(isalpha((unsigned char)p[1]) || strchr("/!?", p[1])) || !p[1])
		return p;
	const char *end = strchr(p, '>');
	return end ? end + 1 : p + strlen(p);
}

static bool is_scheme_char(char c)
{
	return isalnum((unsigned char)c) || c == '+' || c == '-' || c == '.';
}

/* Skips "scheme://…", "www.…", "mailto:…", "data:…", "javascript:…" at the start of a word. */
static const char *skip_url(const char *p)
{
	static const char *const starts[] = {"www.", "mailto:", "data:", "javascript:"};
	const char *q = p;
	bool url = false;
	while (is_scheme_char(*q))
		q++;
	url = q > p && strncmp(q, "://", 3) == 0;
	for (size_t i = 0; i < ARRAY_LEN(starts) && !url; i++)
		url = strncasecmp(p, starts[i], strlen(starts[i])) == 0 &&
		      !strchr(" \t\n", p[strlen(starts[i])]);
	return url ? p + strcspn(p, " \t\n)>\"'*") : p;
}

/* Behind "1. " or "2) " at the start of a line; NULL if there is none. */
static const char *list_mark(const char *p)
{
	const char *q = p;
	while (isdigit((unsigned char)*q))
		q++;
	return q > p && q - p < 4 && (*q == '.' || *q == ')') && q[1] == ' ' ? q + 2 : NULL;
}

static void pass(const char *p, struct buf *out)
{
	bool line_start = true, word_start = true;
	while (*p) {
		const char *mark = line_start ? list_mark(p) : NULL, *next;
		if (mark) {
			buf_addstr(out, "- ");
			p = mark;
		}
		next = skip_tag(skip_link(p));
		if (next == p && word_start)
			next = skip_url(p);
		if (next != p) {
			p = next;
			continue;
		}
		unsigned char c = (unsigned char)*p++;
		if (c == '&' && (isalpha((unsigned char)*p) || *p == '#'))
			buf_addstr(out, "& "); /* breaks entities, which could encode characters that the check refuses */
		else if (c == '\t' || (c >= ' ' && c != 127 && !strchr("[]<>\\`", c)) || c == '\n')
			buf_addch(out, (char)c);
		line_start = c == '\n' || (line_start && c == ' ');
		word_start = !isalnum(c);
	}
}

/* Repeats the pass until it changes nothing: what is left after one may form a link again. */
void strip_markup(const char *text, struct buf *out)
{
	struct buf now = BUF_INIT, next = BUF_INIT;
	buf_addstr(&now, text);
	for (bool changed = true; changed;) {
		buf_reset(&next);
		pass(now.data, &next);
		changed = next.len != now.len || strcmp(next.data, now.data) != 0;
		struct buf swap = now;
		now = next;
		next = swap;
		changed = changed && now.len < next.len; /* each further pass shortens it */
	}
	buf_add(out, now.data, now.len);
	buf_release(&now);
	buf_release(&next);
}

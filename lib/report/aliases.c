#include "report/aliases.h"

#include "base/url.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t cast_find(const struct cast *c, const char *name, const char *url)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct actor *a = &c->all[i];
		if (name && a->name && strcmp(name, a->name) == 0)
			return i;
		if (url && a->url && url_same_node(url, a->url))
			return i;
	}
	return c->count;
}

static struct actor *take(struct cast *c, const struct json *j)
{
	const char *name = json_str(json_get(j, "node"), NULL);
	const char *url = json_str(json_get(j, "url"), NULL);
	if (!name && !url)
		return NULL;
	size_t i = cast_find(c, name, url);
	if (i == c->count) {
		c->all = mem_grow(c->all, &c->alloc, c->count, sizeof *c->all);
		c->all[c->count++] = (struct actor){0};
	}
	struct actor *a = &c->all[i];
	a->name = a->name ? a->name : name;
	a->url = a->url ? a->url : url;
	return a;
}

void cast_init(struct cast *c, const struct json *analysis)
{
	const struct json *nodes = json_get(analysis, "nodes"), *faults = json_get(analysis, "faults");
	*c = (struct cast){.whole = true};
	for (size_t i = 0; i < json_count(nodes); i++) {
		struct actor *a = take(c, json_at(nodes, i));
		if (a)
			a->failing |= json_num(json_get(json_at(nodes, i), "err"), 0) > 0;
	}
	size_t known = c->count;
	for (size_t i = 0; i < json_count(faults); i++) {
		struct actor *a = take(c, json_at(faults, i));
		if (a)
			a->faulted = true;
		c->whole &= a && c->count == known;
	}
}

void cast_release(struct cast *c)
{
	free(c->all);
	*c = (struct cast){0};
}

const char *cast_name(const struct cast *c, size_t i)
{
	return c->all[i].name ? c->all[i].name : c->all[i].url;
}

const char *cast_alias(size_t i, char out[static ALIAS_MAX])
{
	if (i < 26)
		snprintf(out, ALIAS_MAX, "node-%c", (char)('A' + i));
	else
		snprintf(out, ALIAS_MAX, "node-%c%c", (char)('A' + i / 26 % 26 - (i >= 702 ? 0 : 1)),
			 (char)('A' + i % 26));
	return out;
}

/* --- texts from outside ----------------------------------------------------- */

static bool in_word(char c)
{
	return isalnum((unsigned char)c) || strchr(".:-_/@%?=&[]", c) || (unsigned char)c >= 128;
}

static bool has(const char *word, size_t len, const char *part)
{
	return part && *part && memmem(word, len, part, strlen(part));
}

/* The one whose name, URL, host and port, or port alone is in that word. */
static size_t actor_in(const struct cast *c, const char *word, size_t len)
{
	char place[300];
	struct url u;
	struct err e;
	for (size_t i = 0; i < c->count; i++) {
		const struct actor *a = &c->all[i];
		if (has(word, len, a->name) || has(word, len, a->url))
			return i;
		if (!a->url || url_parse(a->url, &u, &e))
			continue;
		snprintf(place, sizeof place, "%s:%d", u.host, u.port);
		if (has(word, len, place))
			return i;
	}
	return c->count;
}

/* What a word of a message must not say to others; NULL: it may stay. */
static const char *stand_in(const char *word, size_t len)
{
	size_t dots = 0, colons = 0, digits = 0, letters = 0;
	for (size_t i = 0; i < len; i++) {
		dots += word[i] == '.' && i + 1 < len && isalnum((unsigned char)word[i + 1]);
		colons += word[i] == ':';
		digits += isdigit((unsigned char)word[i]) != 0;
		letters += isalpha((unsigned char)word[i]) != 0;
	}
	if (memmem(word, len, "://", 3) || (dots >= 3 && digits >= 4 && !letters) ||
	    (colons >= 2 && digits + letters > colons))
		return "[address]";
	if ((dots && letters) || memchr(word, '@', len) || (colons && letters && digits && len > 6))
		return "[host]";
	if (dots >= 3 || memchr(word, '/', len) || memmem(word, len, "localhost", 9))
		return "[address]";
	return len >= 20 && digits ? "[token]" : NULL;
}

void cast_redact(const struct cast *c, const char *text, struct buf *out)
{
	char alias[ALIAS_MAX];
	while (*text) {
		size_t len = 0;
		while (text[len] && in_word(text[len]))
			len++;
		if (!len) {
			buf_addch(out, *text++);
			continue;
		}
		size_t tail = len;
		while (tail && strchr(":.,-", text[tail - 1]))
			tail--;
		size_t i = actor_in(c, text, len);
		const char *instead = i < c->count ? cast_alias(i, alias) : stand_in(text, tail);
		if (instead)
			buf_addf(out, "%s%.*s", instead, (int)(len - tail), text + tail);
		else
			buf_add(out, text, len);
		text += len;
	}
}

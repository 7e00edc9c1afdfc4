#include "report/facts/aliases.h"

#include "url/url.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t aliases_find(const struct aliases *a, const struct json *entry)
{
	const char *name = json_str(json_get(entry, "node"), NULL);
	const char *url = json_str(json_get(entry, "url"), NULL);
	for (size_t i = 0; i < a->count; i++) {
		const struct alias *node = &a->all[i];
		if (name && node->name && strcmp(name, node->name) == 0)
			return i;
		if (url && node->url && url_same_node(url, node->url))
			return i;
	}
	return a->count;
}

/* Finds the node of the entry, or appends it; NULL if the entry names none. */
static struct alias *take(struct aliases *a, const struct json *entry)
{
	const char *name = json_str(json_get(entry, "node"), NULL);
	const char *url = json_str(json_get(entry, "url"), NULL);
	size_t i = aliases_find(a, entry);
	if (!name && !url)
		return NULL;
	if (i == a->count) {
		a->all = mem_grow(a->all, &a->alloc, a->count, sizeof *a->all);
		a->all[a->count++] = (struct alias){0};
	}
	struct alias *node = &a->all[i];
	node->name = node->name ? node->name : name;
	node->url = node->url ? node->url : url;
	return node;
}

void aliases_init(struct aliases *a, const struct json *analysis)
{
	const struct json *nodes = json_get(analysis, "nodes"), *faults = json_get(analysis, "faults");
	*a = (struct aliases){.all_known = true};
	for (size_t i = 0; i < json_count(nodes); i++)
		take(a, json_at(nodes, i));
	size_t known = a->count;
	for (size_t i = 0; i < json_count(faults); i++) {
		struct alias *node = take(a, json_at(faults, i));
		if (node)
			node->faulted = true;
		a->all_known &= node && a->count == known;
	}
}

void aliases_release(struct aliases *a)
{
	free(a->all);
	*a = (struct aliases){0};
}

const char *aliases_name(const struct aliases *a, size_t i)
{
	return a->all[i].name ? a->all[i].name : a->all[i].url;
}

const char *alias_text(size_t i, char out[static ALIAS_MAX])
{
	if (i < 26)
		snprintf(out, ALIAS_MAX, "node-%c", (char)('A' + i));
	else
		snprintf(out, ALIAS_MAX, "node-%c%c", (char)('A' + (i / 26 - 1) % 26),
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

/* The node whose name, URL, or host and port the word contains; a->count if it contains none. */
static size_t node_in(const struct aliases *a, const char *word, size_t len)
{
	char place[300];
	struct url u;
	struct err e;
	for (size_t i = 0; i < a->count; i++) {
		const struct alias *node = &a->all[i];
		if (has(word, len, node->name) || has(word, len, node->url))
			return i;
		if (!node->url || url_parse(node->url, &u, &e))
			continue;
		snprintf(place, sizeof place, "%s:%d", u.host, u.port);
		url_release(&u);
		if (has(word, len, place))
			return i;
	}
	return a->count;
}

/* The substitute of a word that looks like an address, a host name or a token; NULL if the word may
 * stay. */
static const char *substitute(const char *word, size_t len)
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

void aliases_redact(const struct aliases *a, const char *text, struct buf *out)
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
		size_t i = node_in(a, text, len);
		const char *instead = i < a->count ? alias_text(i, alias) : substitute(text, tail);
		if (instead)
			buf_addf(out, "%s%.*s", instead, (int)(len - tail), text + tail);
		else
			buf_add(out, text, len);
		text += len;
	}
}

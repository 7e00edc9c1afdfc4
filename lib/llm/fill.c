#include "llm/fill.h"

#include "llm/lexicon.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Replaces a placeholder in the text that is checked: no stripped text has this character. */
enum { MARK = 1 };

struct fill {
	const struct statements *sent, *shown;
	struct buf out, rest; /* the paragraph filled in; the model's own words, with marks */
	size_t count;
	bool names_node; /* a placeholder put in a node's name */
	char *why;
};

static int refuse(char *why, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static int refuse(char *why, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(why, FILL_WHY_MAX, fmt, ap);
	va_end(ap);
	return -1;
}

/* Whether the text appended next begins a sentence or a line. */
static bool begins(const struct buf *out)
{
	size_t n = out->len;
	while (n && strchr(" *_", out->data[n - 1]))
		n--;
	if (!n || strchr(".!?\n", out->data[n - 1]))
		return true;
	return out->data[n - 1] == '-' && (n == 1 || out->data[n - 2] == '\n');
}

/* Appends a statement, with a capital where it begins a sentence, unless it begins with a node's
 * name or with "p99". */
static void put_statement(struct fill *f, const char *text)
{
	struct buf *out = &f->out;
	size_t at = out->len;
	bool capital = begins(out) && islower((unsigned char)text[0]) && !isdigit((unsigned char)text[1]);
	for (size_t i = 0; i < f->shown->name_count; i++)
		capital &= strncmp(text, f->shown->names[i], strlen(f->shown->names[i])) != 0;
	buf_addstr(out, text);
	if (capital)
		out->data[at] = (char)toupper((unsigned char)out->data[at]);
}

/* "{{id}}" at *p. */
static int take_placeholder(struct fill *f, const char **p)
{
	const char *id = *p + 2 + strspn(*p + 2, " "), *end = strstr(id, "}}");
	if (!end)
		return refuse(f->why, "a placeholder is not closed");
	size_t len = (size_t)(end - id);
	while (len && id[len - 1] == ' ')
		len--;
	size_t i = statements_find(f->sent, id, len);
	if (i >= f->sent->count)
		return refuse(f->why, "there is no placeholder '{{%.*s}}'", len < 60 ? (int)len : 60,
			      id);
	put_statement(f, f->shown->all[i].text);
	buf_addch(&f->rest, MARK);
	f->names_node |= f->shown->all[i].names_node;
	f->count++;
	*p = end + 2;
	return 0;
}

static int expand(struct fill *f, const char *p)
{
	while (*p) {
		if (p[0] == '{' && p[1] == '{') {
			if (take_placeholder(f, &p))
				return -1;
		} else if (*p == '{' || *p == '}') {
			return refuse(f->why, "a single brace");
		} else {
			buf_addch(&f->out, *p);
			buf_addch(&f->rest, *p++);
		}
	}
	return 0;
}

static int check_names(const struct statements *s, const char *flat, char *why)
{
	for (const char *p = flat; *p; p++)
		for (size_t i = 0; i < s->name_count; i++)
			if (lexicon_name(p, flat, s->names[i]))
				return refuse(why, "the name '%.60s' is outside a placeholder",
					      s->names[i]);
	return 0;
}

static bool ends_sentence(const char *p)
{
	return strchr(".!?", *p) || (p[0] == '\n' && strchr("-#|\n", p[1]));
}

/* Whether the sentence around p holds a placeholder. */
static bool with_placeholder(const char *start, const char *p)
{
	const char *a = p;
	while (a > start && !ends_sentence(a - 1))
		a--;
	for (; *a && (a <= p || !ends_sentence(a)); a++)
		if (*a == MARK)
			return true;
	return false;
}

static int check_word(const struct fill *f, const char *flat, const struct token *t)
{
	int len = t->len < 40 ? (int)t->len : 40;
	switch (lexicon_class(t->at, t->len)) {
	case WORD_QUANTITY:
		return refuse(f->why, "'%.*s' is a quantity outside a placeholder", len, t->at);
	case WORD_COMPARE:
		return refuse(f->why, "'%.*s' compares outside a placeholder", len, t->at);
	case WORD_ACT:
		return refuse(f->why, "'%.*s' describes a fault outside a placeholder", len, t->at);
	case WORD_STATE:
		return !f->names_node ? 0
				: refuse(f->why, "'%.*s' is in a paragraph with a node's name",
					 len, t->at);
	case WORD_NOT:
		return !with_placeholder(flat, t->at)
			       ? 0
			       : refuse(f->why, "'%.*s' negates a sentence with a placeholder", len,
					t->at);
	case WORD_PLAIN:
		break;
	}
	return 0;
}

static int check_words(const struct fill *f, const char *flat)
{
	struct token all = lexicon_quantifier(flat);
	if (all.len)
		return refuse(f->why, "'%.*s' is a quantity outside a placeholder", (int)all.len,
			      all.at);
	for (const char *p = flat; *(p += strspn(p, " \t\n"));) {
		struct token t = lexicon_token(p);
		p = t.at + t.len;
		if (*t.at == MARK)
			continue;
		if (t.kind == TOKEN_DIGITS || (t.kind == TOKEN_SIGN && *t.at == '%'))
			return refuse(f->why, "'%.*s' is a number outside a placeholder",
				      t.len < 40 ? (int)t.len : 40, t.at);
		if (t.kind == TOKEN_STRANGE)
			return refuse(f->why, "a character that English prose does not use");
		if (t.kind == TOKEN_WORD && check_word(f, flat, &t))
			return -1;
	}
	return 0;
}

int fill_placeholders(const struct statements *sent, const struct statements *shown, const char *text,
	       struct buf *out, size_t *count, char why[static FILL_WHY_MAX])
{
	struct fill f = {.sent = sent, .shown = shown, .out = BUF_INIT, .rest = BUF_INIT, .why = why};
	int rc = expand(&f, text);
	char *flat = lexicon_flat(f.rest.data);
	if (!rc)
		rc = check_names(sent, flat, why);
	if (!rc)
		rc = check_names(shown, flat, why);
	if (!rc)
		rc = check_words(&f, flat);
	if (!rc) {
		buf_add(out, f.out.data, f.out.len);
		*count += f.count;
	}
	free(flat);
	buf_release(&f.out);
	buf_release(&f.rest);
	return rc;
}

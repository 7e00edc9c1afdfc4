#include "llm/check.h"

#include "llm/lexicon.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What stands for a placeholder in the text that is looked at: characters that no stripped text has. */
enum { MARK_CLAUSE = 1, MARK_NODE = 2 };

struct fill {
	const struct claims *seen, *shown;
	struct buf out, rest; /* the paragraph filled in; what the model itself wrote */
	size_t count;
	bool node; /* a node's bare name is in it */
	char *why;
};

static int refuse(char *why, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static int refuse(char *why, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(why, CLAIM_WHY_MAX, fmt, ap);
	va_end(ap);
	return -1;
}

/* Whether what comes next begins a sentence or a line. */
static bool begins(const struct buf *out)
{
	size_t n = out->len;
	while (n && strchr(" *_", out->data[n - 1]))
		n--;
	if (!n || strchr(".!?\n", out->data[n - 1]))
		return true;
	return out->data[n - 1] == '-' && (n == 1 || out->data[n - 2] == '\n');
}

/* A clause as it stands, but for a capital where it begins a sentence; names and "p99" stay. */
static void put_claim(struct buf *out, const struct claim *c)
{
	size_t at = out->len;
	bool capital = begins(out) && islower((unsigned char)c->text[0]) &&
		       !isdigit((unsigned char)c->text[1]) &&
		       !(c->node && strncmp(c->text, c->node, strlen(c->node)) == 0);
	buf_addstr(out, c->text);
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
	size_t i = claims_find(f->seen, id, len);
	if (i >= f->seen->count)
		return refuse(f->why, "there is no placeholder '{{%.*s}}'", len < 60 ? (int)len : 60,
			      id);
	const struct claim *c = &f->shown->all[i];
	put_claim(&f->out, c);
	buf_addch(&f->rest, c->names_node ? MARK_NODE : MARK_CLAUSE);
	f->node |= c->names_node;
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
			return refuse(f->why, "a brace stands alone");
		} else {
			buf_addch(&f->out, *p);
			buf_addch(&f->rest, *p++);
		}
	}
	return 0;
}

static int look_for_names(const struct claims *c, const char *flat, char *why)
{
	for (const char *p = flat; *p; p++)
		for (size_t i = 0; i < c->name_count; i++)
			if (lexicon_name(p, flat, c->names[i].text))
				return refuse(why, "the name '%.60s' stands outside a placeholder",
					      c->names[i].text);
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
		if (*a == MARK_CLAUSE || *a == MARK_NODE)
			return true;
	return false;
}

static int look_at_word(const struct fill *f, const char *flat, const struct token *t)
{
	int len = t->len < 40 ? (int)t->len : 40;
	switch (lexicon_class(t->at, t->len)) {
	case WORD_NUMBER:
	case WORD_UNIT:
		return refuse(f->why, "'%.*s' is a quantity outside a placeholder", len, t->at);
	case WORD_UP:
	case WORD_DOWN:
	case WORD_SAME:
	case WORD_BETTER:
	case WORD_WORSE:
	case WORD_COMPARE:
		return refuse(f->why, "'%.*s' compares outside a placeholder", len, t->at);
	case WORD_ACT:
		return refuse(f->why, "'%.*s' tells of a fault outside a placeholder", len, t->at);
	case WORD_STATE:
		return !f->node ? 0
				: refuse(f->why, "'%.*s' stands in a paragraph with a node's name",
					 len, t->at);
	case WORD_NOT:
		return !with_placeholder(flat, t->at)
			       ? 0
			       : refuse(f->why, "'%.*s' denies in a sentence with a placeholder", len,
					t->at);
	case WORD_PLAIN:
		break;
	}
	return 0;
}

static int look_at_words(const struct fill *f, const char *flat)
{
	struct token all = lexicon_sweeping(flat);
	if (all.len)
		return refuse(f->why, "'%.*s' is a quantity outside a placeholder", (int)all.len,
			      all.at);
	for (const char *p = flat; *(p += strspn(p, " \t\n"));) {
		struct token t = lexicon_token(p);
		bool mark = *p == MARK_CLAUSE || *p == MARK_NODE;
		p = t.at + t.len;
		if (mark)
			continue;
		if (t.kind == TOKEN_DIGITS || (t.kind == TOKEN_SIGN && *t.at == '%'))
			return refuse(f->why, "'%.*s' is a number outside a placeholder",
				      t.len < 40 ? (int)t.len : 40, t.at);
		if (t.kind == TOKEN_STRANGE)
			return refuse(f->why, "a sign other than those of English prose");
		if (t.kind == TOKEN_WORD && look_at_word(f, flat, &t))
			return -1;
	}
	return 0;
}

int claim_fill(const struct claims *seen, const struct claims *shown, const char *text,
	       struct buf *out, size_t *count, char why[static CLAIM_WHY_MAX])
{
	struct fill f = {.seen = seen, .shown = shown, .out = BUF_INIT, .rest = BUF_INIT, .why = why};
	int rc = expand(&f, text);
	char *flat = lexicon_flat(f.rest.data);
	if (!rc)
		rc = look_for_names(seen, flat, why);
	if (!rc)
		rc = look_for_names(shown, flat, why);
	if (!rc)
		rc = look_at_words(&f, flat);
	if (!rc) {
		buf_add(out, f.out.data, f.out.len);
		*count += f.count;
	}
	free(flat);
	buf_release(&f.out);
	buf_release(&f.rest);
	return rc;
}

#include "llm/prose.h"

#include "llm/sentence.h"

#include <ctype.h>
#include <string.h>

enum block { BLOCK_NONE, BLOCK_TEXT, BLOCK_ITEM };

struct reader {
	struct prose *prose;
	struct sentence sentence;
	struct buf block; /* the lines of a paragraph or item so far */
	enum block kind, last[PROSE_PARTS];
	bool nested; /* the item belongs to the one before */
	size_t part;
	int64_t max_words;
};

const char *prose_fault_words(enum prose_fault fault)
{
	static const char *const words[PROSE_FAULTS] = {
		[PROSE_FINE] = "",
		[PROSE_NUMBER] = "a number or unit",
		[PROSE_NAME] = "an unknown name",
		[PROSE_LINK] = "a link, address or markup",
		[PROSE_COMMAND] = "a command or path",
		[PROSE_CHARACTER] = "a character outside English prose",
		[PROSE_LABEL] = "words of the label",
		[PROSE_LENGTH] = "words beyond the limit",
	};
	return words[fault];
}

size_t prose_left_out(const struct prose *p)
{
	size_t n = 0;
	for (int i = 0; i < PROSE_FAULTS; i++)
		n += p->left_out[i];
	return n;
}

void prose_release(struct prose *p)
{
	for (int i = 0; i < PROSE_PARTS; i++)
		buf_release(&p->parts[i]);
	buf_release(&p->reasons);
}

static size_t count_words(const char *text)
{
	size_t n = 0;
	for (; *text; text++)
		n += !isspace((unsigned char)*text) &&
		     (isspace((unsigned char)text[1]) || !text[1]);
	return n;
}

static void leave_out(struct reader *r, enum prose_fault fault, const char *text, size_t len)
{
	r->prose->left_out[fault]++;
	buf_addf(&r->prose->reasons, "- \"%.*s\": %s", len < 120 ? (int)len : 120, text,
		 prose_fault_words(fault));
	if (*r->sentence.what)
		buf_addf(&r->prose->reasons, " ('%s')", r->sentence.what);
	buf_addch(&r->prose->reasons, '\n');
}

/* The length of the sentence at p: up to a full stop, '!' or '?' before a blank, but not one of
 * "e.g.". */
static size_t sentence_length(const char *p)
{
	for (size_t i = 0; p[i]; i++) {
		if (!strchr(".!?", p[i]))
			continue;
		size_t end = i + 1 + strspn(p + i + 1, ".!?\"')*_");
		bool short_form = i >= 3 && (strncasecmp(p + i - 3, "e.g", 3) == 0 ||
					     strncasecmp(p + i - 3, "i.e", 3) == 0 ||
					     strncasecmp(p + i - 3, " vs", 3) == 0);
		if ((p[end] == ' ' || !p[end]) && !short_form)
			return end;
	}
	return strlen(p);
}

/* Takes one sentence; written to out if it may be shown. */
static void take_sentence(struct reader *r, const char *text, size_t len, struct buf *out)
{
	struct sentence *s = &r->sentence;
	*s->what = '\0';
	enum prose_fault fault = sentence_read(s, text, len);
	size_t words = count_words(s->out.data);
	if (!fault && (int64_t)(r->prose->words + words) > r->max_words)
		fault = PROSE_LENGTH;
	if (fault) {
		leave_out(r, fault, text, len);
	} else if (words) {
		buf_addf(out, "%s%s", out->len ? " " : "", s->out.data);
		r->prose->words += words;
		r->prose->shown++;
	}
}

/* Ends the paragraph or item that was being collected. */
static void end_block(struct reader *r)
{
	struct buf shown = BUF_INIT, *to = &r->prose->parts[r->part];
	for (const char *p = r->block.data; *(p += strspn(p, " "));) {
		size_t len = sentence_length(p);
		take_sentence(r, p, len, &shown);
		p += len;
	}
	if (shown.len) {
		const char *mark = r->kind != BLOCK_ITEM ? "" : r->nested ? "  - " : "- ";
		bool apart = to->len && (r->kind == BLOCK_TEXT || r->last[r->part] == BLOCK_TEXT);
		buf_addf(to, "%s%s%s\n", apart ? "\n" : "", mark, shown.data);
		r->last[r->part] = r->kind;
	}
	buf_release(&shown);
	buf_reset(&r->block);
	r->kind = BLOCK_NONE;
}

/* A heading is not shown: it says which of the parts follows. */
static void take_heading(struct reader *r, const char *line)
{
	static const struct {
		const char *word;
		size_t part;
	} words[] = {
		{"happen", 0}, {"summary", 0}, {"explain", 1}, {"cause", 1}, {"why", 1}, {"hypothes", 1},
		{"next", 2}, {"try", 2}, {"recommend", 2}, {"action", 2},
	};
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcasestr(line, words[i].word)) {
			r->part = words[i].part;
			return;
		}
	}
}

/* Behind the mark of a list item: "- ", "* ", "+ ", "• ", "3. ", "3) "; NULL if there is none. */
static const char *behind_mark(const char *p)
{
	const char *q = p;
	if (strchr("-*+", *p) && p[0] && p[1] == ' ')
		return p + 2;
	if (strncmp(p, "\xE2\x80\xA2", 3) == 0)
		return p + 3;
	while (isdigit((unsigned char)*q))
		q++;
	return q > p && q - p < 4 && (*q == '.' || *q == ')') && q[1] == ' ' ? q + 2 : NULL;
}

/* "## What happened", "**What happened**", "**What happened:**" */
static bool is_heading(const char *line)
{
	size_t n = strlen(line);
	return *line == '#' || (n > 4 && strncmp(line, "**", 2) == 0 && !strstr(line + 2, ". ") &&
				(strcmp(line + n - 2, "**") == 0 || strcmp(line + n - 3, "**:") == 0) &&
				strstr(line + 2, "**") >= line + n - 3);
}

static void take_line(struct reader *r, const char *line)
{
	const char *item;
	size_t indent = strspn(line, " \t>");
	line += indent;
	/* A rule, or the underline of a heading, says nothing. */
	if (!line[strspn(line, "-=*_ ")] || is_heading(line)) {
		end_block(r);
		if (*line)
			take_heading(r, line);
		return;
	}
	if (*line == '|') { /* a table */
		end_block(r);
		*r->sentence.what = '\0';
		leave_out(r, PROSE_LINK, line, strlen(line));
		return;
	}
	if ((item = behind_mark(line))) {
		end_block(r);
		r->kind = BLOCK_ITEM;
		r->nested = indent > 1 && r->last[r->part] == BLOCK_ITEM;
		line = item;
	} else if (r->kind == BLOCK_NONE) {
		r->kind = BLOCK_TEXT;
	}
	buf_addf(&r->block, "%s%s", r->block.len ? " " : "", line);
}

/* The lines of a block of code are left out as one; a fence around the whole answer, or one that says
 * that its text is Markdown, only goes itself. */
static void take_text(struct reader *r, char *text)
{
	enum { OPEN, MARKDOWN, CODE } fence = OPEN;
	bool first = true;
	for (char *line = text, *next; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		const char *info = line + strspn(line, " ");
		if (strncmp(info, "```", 3) == 0) {
			end_block(r);
			bool markdown = (first && !info[3]) || strcasecmp(info + 3, "markdown") == 0 ||
					strcasecmp(info + 3, "md") == 0;
			if (fence == OPEN && !markdown) {
				*r->sentence.what = '\0';
				leave_out(r, PROSE_COMMAND, line, strlen(line));
			}
			fence = fence != OPEN ? OPEN : markdown ? MARKDOWN : CODE;
		} else if (fence != CODE) {
			take_line(r, line);
		}
		first = first && !*info;
	}
	end_block(r);
}

void prose_read(struct prose *p, const struct statements *sent, const struct statements *shown,
		const char *text, int64_t max_words)
{
	*p = (struct prose){.reasons = BUF_INIT};
	for (int i = 0; i < PROSE_PARTS; i++)
		buf_init(&p->parts[i]);
	struct reader r = {.prose = p, .block = BUF_INIT, .max_words = max_words};
	struct buf copy = BUF_INIT;
	buf_addstr(&copy, text);
	sentence_init(&r.sentence, sent, shown);
	if (copy.len)
		take_text(&r, copy.data);
	sentence_release(&r.sentence);
	buf_release(&r.block);
	buf_release(&copy);
}

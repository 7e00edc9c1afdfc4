#include "stream/csv.h"

#include "base/buf.h"
#include "base/suggest.h"
#include "stream/csv_fast.h"
#include "stream/csv_row.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const column_names[] = {
	[CSV_SKIPPED] = "",
	[CSV_TIMESTAMP] = "timestamp",
	[CSV_NODE] = "node",
	[CSV_STATUS_CODE] = "status_code",
	[CSV_LATENCY_MS] = "latency_ms",
	[CSV_ERROR_TEXT] = "error",
	[CSV_OP] = "op",
	[CSV_SLOT] = "slot",
	[CSV_DETAIL] = "detail",
};
_Static_assert(ARRAY_LEN(column_names) == CSV_COLUMN_COUNT, "every column has a name");

static const enum csv_column needed[] = {CSV_TIMESTAMP, CSV_LATENCY_MS};

void csv_init(struct csv *c, int fd, const char *name)
{
	*c = (struct csv){.fd = fd, .name = name, .buffer = mem_alloc(CSV_BUFFER)};
	c->at = c->end = c->nul = c->buffer;
}

void csv_init_fed(struct csv *c, const char *name)
{
	csv_init(c, -1, name);
}

void csv_init_memory(struct csv *c, const char *data, size_t len, const char *name)
{
	*c = (struct csv){.fd = -1, .name = name, .at = data, .end = data + len, .ended = true};
	const char *nul = memchr(data, '\0', len);
	c->nul = nul ? nul : c->end;
}

void csv_release(struct csv *c)
{
	free(c->buffer);
	free(c->seen);
	*c = (struct csv){0};
}

/* Moves what is not yet scanned to the start of the buffer; returns its length. */
static size_t move_up(struct csv *c)
{
	size_t have = (size_t)(c->end - c->at);
	memmove(c->buffer, c->at, have);
	c->marks_at = NULL;
	c->at = c->buffer;
	c->end = c->buffer + have;
	return have;
}

static void find_nul(struct csv *c)
{
	const char *nul = memchr(c->at, '\0', (size_t)(c->end - c->at));
	c->nul = nul ? nul : c->end;
}

char *csv_room(struct csv *c, size_t *size)
{
	size_t have = move_up(c);
	find_nul(c);
	*size = CSV_BUFFER - have;
	return c->buffer + have;
}

void csv_fed(struct csv *c, size_t n)
{
	c->end += n;
	c->ended = n == 0;
	find_nul(c);
}

/* Reads until there is a further newline, for a row cannot be whole without one. */
static enum csv_result fill(struct csv *c, struct err *e)
{
	if (c->fd < 0) { /* what was fed may hold the header, as yet unread */
		size_t len = (size_t)(c->end - c->at);
		bool header = !c->has_header && (len >= CSV_ROW_MAX || memchr(c->at, '\n', len));
		return header ? CSV_ROW : CSV_AGAIN;
	}
	size_t have = move_up(c);
	for (;;) {
		char *free_at = c->buffer + have;
		ssize_t n = read(c->fd, free_at, CSV_BUFFER - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return CSV_AGAIN;
		if (n < 0) {
			err_sys(e, errno, "cannot read '%s'", c->name);
			return CSV_ERROR;
		}
		have += (size_t)n;
		c->ended = n == 0;
		c->end = c->buffer + have;
		if (n == 0 || have >= CSV_ROW_MAX || memchr(free_at, '\n', (size_t)n))
			break;
	}
	find_nul(c);
	return CSV_ROW;
}

static enum csv_column column_of(struct csv_text t)
{
	while (t.len && (*t.at == ' ' || *t.at == '\t'))
		t.at++, t.len--;
	while (t.len && (t.at[t.len - 1] == ' ' || t.at[t.len - 1] == '\t'))
		t.len--;
	for (size_t i = CSV_SKIPPED + 1; i < CSV_COLUMN_COUNT; i++)
		if (t.len == strlen(column_names[i]) && memcmp(t.at, column_names[i], t.len) == 0)
			return (enum csv_column)i;
	return CSV_SKIPPED;
}

/* Splits a header line into columns; the names go to names (of CSV_COLUMNS_MAX) unless it is NULL.
 * Returns their number, 0 if the line has no end, and the first byte behind it in *next. */
static size_t split_header(const char *p, const char *end, unsigned char *columns,
			   struct csv_text *names, const char **next)
{
	bool odd = false;
	for (size_t n = 0;;) {
		struct csv_text t;
		p = csv_scan_field(p, end, &t, &odd);
		if (!p)
			return 0;
		if (n < CSV_COLUMNS_MAX) {
			columns[n] = (unsigned char)column_of(t);
			if (names)
				names[n] = t;
			n++;
		}
		if (*p++ == '\n') {
			*next = p;
			return n;
		}
	}
}

static bool has_needed(const unsigned char *columns, size_t count)
{
	for (size_t i = 0; i < ARRAY_LEN(needed); i++)
		if (!memchr(columns, needed[i], count))
			return false;
	return true;
}

static int wrong_header(const struct csv *c, const struct csv_text *names, size_t count,
			enum csv_column missing, struct err *e)
{
	char words[8][64];
	const char *near = NULL;
	const char *want = column_names[missing];
	for (size_t i = 0; i < count && i < ARRAY_LEN(words); i++) {
		size_t len = names[i].len < 63 ? names[i].len : 63;
		memcpy(words[i], names[i].at, len);
		for (size_t k = 0; k < len; k++)
			if ((unsigned char)words[i][k] < ' ' || words[i][k] == 127)
				words[i][k] = '?';
		words[i][len] = '\0';
		suggest(want, words[i], &near);
		/* "latency" or "Timestamp (s)" is no typo, but is what was meant. */
		if (!near && (strncasecmp(words[i], want, 4) == 0 || strcasestr(words[i], want)))
			near = words[i];
	}
	int64_t number;
	if (count == 1 && strchr(words[0], ';'))
		return err_usage(e, "wrong header in '%s': fields are separated by ';', not ','",
				 c->name);
	if (count && csv_fixed(names[0], 0, &number) == 0)
		return err_usage(e, "no header line in '%s': its first line starts with '%s'",
				 c->name, words[0]);
	if (near)
		return err_usage(e, "wrong header in '%s': no column '%s'; the nearest is '%s'",
				 c->name, want, near);
	return err_usage(e, "wrong header in '%s': no column '%s'; it starts with '%s'", c->name,
			 want, count ? words[0] : "");
}

static void use_columns(struct csv *c, const unsigned char *columns, size_t count)
{
	memcpy(c->columns, columns, count);
	memset(c->field_of, CSV_NO_FIELD, sizeof c->field_of);
	for (size_t i = 0; i < count && i < CSV_NO_FIELD; i++)
		c->field_of[columns[i]] = (unsigned char)i;
	c->column_count = count;
	c->has_header = true;
	if (memchr(columns, CSV_SLOT, count)) {
		free(c->seen);
		c->seen = mem_alloc(CSV_SLOT_WINDOW / 8);
		c->seen_base = 0;
	}
}

static int read_header(struct csv *c, struct err *e)
{
	static const char mark[] = "\xef\xbb\xbf"; /* UTF-8 byte order mark */
	unsigned char columns[CSV_COLUMNS_MAX];
	struct csv_text names[CSV_COLUMNS_MAX];
	const char *next;
	size_t have = (size_t)(c->end - c->at);
	if (have >= 3 && memcmp(c->at, mark, 3) == 0)
		c->at += 3;
	size_t n = split_header(c->at, c->end, columns, names, &next);
	if (n == 0 && have == 0)
		return err_usage(e, "no header line in '%s': it is empty", c->name);
	if (n == 0)
		return err_usage(e, "no header line in '%s': its first line has no end", c->name);
	for (size_t i = 0; i < ARRAY_LEN(needed); i++)
		if (!memchr(columns, needed[i], n))
			return wrong_header(c, names, n, needed[i], e);
	use_columns(c, columns, n);
	c->at = next;
	c->line = 1;
	if (c->nul < c->at)
		c->nul = memchr(c->at, '\0', (size_t)(c->end - c->at));
	if (!c->nul)
		c->nul = c->end;
	return 0;
}

static bool seen_before(struct csv *c, uint64_t slot)
{
	const uint64_t words = CSV_SLOT_WINDOW / 64;
	uint64_t word = slot / 64, base = c->seen_base / 64;
	if (slot >= UINT64_MAX / 2 || word < base)
		return false;
	if (word >= base + words) { /* move the window so that word is its last */
		uint64_t moved = word - words + 1 - base;
		for (uint64_t i = 0; i < moved && i < words; i++)
			c->seen[(base + i) % words] = 0;
		c->seen_base = (base + moved) * 64;
	}
	uint64_t bit = UINT64_C(1) << (slot % 64), *at = &c->seen[word % words];
	bool seen = *at & bit;
	*at |= bit;
	return seen;
}

/* A row that is a header again is the start of another file. */
static bool header_again(struct csv *c, const char *next)
{
	unsigned char columns[CSV_COLUMNS_MAX];
	const char *end;
	size_t n = split_header(c->at, next, columns, NULL, &end);
	if (n == 0 || !has_needed(columns, n))
		return false;
	use_columns(c, columns, n);
	return true;
}

static void pass_nul(struct csv *c, const char *next)
{
	const char *nul = memchr(next, '\0', (size_t)(c->end - next));
	c->nul = nul ? nul : c->end;
}

static void count_bad(struct csv *c, const char *p, const char *end)
{
	if (c->bad++ == 0) {
		c->first_bad = c->line;
		csv_explain(c, p, end);
	}
}

/* Scans what is in the buffer. CSV_AGAIN: it holds no further whole row. */
static enum csv_result scan(struct csv *c, struct csv_row *row)
{
	const char *next;
	while (c->at < c->end) {
		const char *limit = c->end - c->at > CSV_ROW_MAX ? c->at + CSV_ROW_MAX : c->end;
		enum csv_scan got = SCAN_ROW;
		next = csv_fast_row(c, c->at, limit, row);
		if (!next)
			got = csv_scan_row(c, c->at, limit, row, &next);
		if (got == SCAN_PART)
			return CSV_AGAIN;
		if (c->nul < next) {
			pass_nul(c, next);
			got = SCAN_BAD;
		} else if (got == SCAN_BAD && header_again(c, next)) {
			got = SCAN_BLANK;
		}
		c->line++;
		if (got == SCAN_BAD)
			count_bad(c, c->at, next);
		c->at = next;
		if (got == SCAN_ROW) {
			if (c->seen && row->slot != SAMPLE_NO_SLOT && seen_before(c, row->slot)) {
				c->duplicate++;
				continue;
			}
			c->rows++;
			return CSV_ROW;
		}
	}
	return CSV_AGAIN;
}

/* The buffer holds no whole row and no more can be had for this one: gives up its first line, so
 * that a stray quote costs one line and not the rest of the file. */
static void give_up_line(struct csv *c)
{
	const char *newline = memchr(c->at, '\n', (size_t)(c->end - c->at));
	if (newline) {
		c->line++;
		count_bad(c, c->at, newline + 1);
		c->at = newline + 1;
	} else if (c->ended) {
		c->torn++;
		c->at = c->end;
	} else {
		c->skipping = true;
		c->at = c->end;
	}
	if (c->nul < c->at)
		pass_nul(c, c->at);
}

/* The rest of a line that is longer than a row may be. */
static void skip_line(struct csv *c)
{
	const char *newline = memchr(c->at, '\n', (size_t)(c->end - c->at));
	c->at = newline ? newline + 1 : c->end;
	if (newline || c->ended) {
		c->line++;
		count_bad(c, c->at, c->at);
		c->skipping = false;
	}
	if (c->nul < c->at)
		pass_nul(c, c->at);
}

enum csv_result csv_next(struct csv *c, struct csv_row *row, struct err *e)
{
	for (;;) {
		if (c->skipping)
			skip_line(c);
		if (c->has_header && !c->skipping && scan(c, row) == CSV_ROW)
			return CSV_ROW;
		size_t have = (size_t)(c->end - c->at);
		if (c->has_header && have && (c->ended || have >= CSV_ROW_MAX)) {
			give_up_line(c);
			continue;
		}
		if (c->has_header && c->ended)
			return CSV_END;
		if (!c->ended) {
			enum csv_result got = fill(c, e);
			if (got != CSV_ROW)
				return got;
		}
		if (!c->has_header && read_header(c, e))
			return CSV_ERROR;
	}
}

#include "csv/csv.h"

#include "base/buf.h"
#include "csv/csv_fast.h"
#include "csv/csv_row.h"
#include "csv/csv_seen.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

void csv_init(struct csv *c, int fd, const char *name)
{
	*c = (struct csv){.fd = fd, .name = name, .fast = mem_alloc(sizeof *c->fast)};
	c->store = mem_alloc(CSV_LEAD + CSV_BUFFER + CSV_TAIL);
	c->buffer = c->store + CSV_LEAD;
	c->at = c->end = c->nul = c->readable = c->buffer;
}

void csv_init_fed(struct csv *c, const char *name)
{
	csv_init(c, -1, name);
}

void csv_init_memory(struct csv *c, const char *data, size_t len, const char *name)
{
	*c = (struct csv){.fd = -1, .name = name, .at = data, .end = data + len, .ended = true};
	const char *nul = memchr(data, '\0', len);
	c->fast = mem_alloc(sizeof *c->fast);
	c->nul = nul ? nul : c->end;
	c->readable = c->end;
}

void csv_release(struct csv *c)
{
	free(c->store);
	free(c->fast);
	free(c->seen);
	free(c->rests);
	*c = (struct csv){0};
}

/* Moves unscanned bytes to the start of the buffer; returns their number. */
static size_t move_up(struct csv *c)
{
	size_t have = (size_t)(c->end - c->at);
	memmove(c->buffer, c->at, have);
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
	c->readable = c->end + CSV_TAIL;
	c->ended = n == 0;
	find_nul(c);
}

/* Reads until there is a further newline, for a row cannot be whole without one. */
static enum csv_result fill(struct csv *c, struct err *e)
{
	if (c->fd < 0)
		return CSV_AGAIN;
	size_t have = move_up(c);
	for (;;) {
		char *free_at = c->buffer + have;
		ssize_t n = read(c->fd, free_at, CSV_BUFFER - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return CSV_AGAIN;
		if (n < 0) {
			err_read(e, errno, c->name);
			return CSV_ERROR;
		}
		have += (size_t)n;
		c->ended = n == 0;
		c->end = c->buffer + have;
		c->readable = c->end + CSV_TAIL;
		if (n == 0 || have >= CSV_ROW_MAX || memchr(free_at, '\n', (size_t)n))
			break;
	}
	find_nul(c);
	return CSV_ROW;
}

static void pass_nul(struct csv *c, const char *next)
{
	const char *nul = memchr(next, '\0', (size_t)(c->end - next));
	c->nul = nul ? nul : c->end;
}

/* A row of which c->wrong says what is bad. */
static void count_bad(struct csv *c, const char *p, const char *end)
{
	if (c->bad++ == 0) {
		c->first_bad = c->line;
		csv_explain(c, p, end);
	}
}

/* Scans one row with care, into the first of the batch. Returns how many rows that gave, -1 if the
 * buffer holds no further whole row, or the next one is a header. */
static int scan_row(struct csv *c)
{
	const char *next, *limit = c->end - c->at > CSV_ROW_MAX ? c->at + CSV_ROW_MAX : c->end;
	struct csv_row *row = c->fast->rows;
	enum csv_scan got = csv_scan_row(c, c->at, limit, row, &next);
	if (got == SCAN_PART)
		return -1;
	if (c->nul < next) {
		pass_nul(c, next);
		got = SCAN_BAD;
		c->wrong = CSV_SKIPPED;
	} else if (got == SCAN_BAD && csv_is_header(c, c->at, next)) {
		c->has_header = false;
		return -1;
	}
	c->line++;
	if (got == SCAN_BAD)
		count_bad(c, c->at, next);
	c->at = next;
	if (got != SCAN_ROW)
		return 0;
	bool again = c->seen && row->slot != SAMPLE_NO_SLOT && csv_seen_before(c->seen, row->slot, row->failed, &c->contradictory);
	c->duplicate += again;
	return !again;
}

/* Scans what is in the buffer into the batch. CSV_AGAIN: it holds no further whole row. */
static enum csv_result scan(struct csv *c)
{
	c->batch_at = c->batch_count = 0;
	while (c->batch_count == 0 && c->at < c->end) {
		c->batch_count = csv_fast_rows(c);
		int got = c->batch_count ? 1 : scan_row(c);
		if (got < 0)
			return CSV_AGAIN;
		if (c->batch_count == 0)
			c->batch_count = (size_t)got;
	}
	return c->batch_count ? CSV_ROW : CSV_AGAIN;
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

/* Fills the batch. */
static enum csv_result next_batch(struct csv *c, struct err *e)
{
	for (;;) {
		if (c->skipping)
			skip_line(c);
		if (c->has_header && !c->skipping && scan(c) == CSV_ROW)
			return CSV_ROW;
		enum csv_result got = c->has_header ? CSV_AGAIN : csv_read_header(c, e);
		if (got == CSV_ERROR)
			return got;
		if (got == CSV_ROW)
			continue;
		size_t have = (size_t)(c->end - c->at);
		if (c->has_header && have && (c->ended || have >= CSV_ROW_MAX)) {
			give_up_line(c);
			continue;
		}
		if (c->has_header && c->ended)
			return CSV_END;
		got = fill(c, e);
		if (got != CSV_ROW)
			return got;
	}
}

enum csv_result csv_next(struct csv *c, struct csv_row *row, struct err *e)
{
	if (c->batch_at == c->batch_count) {
		enum csv_result got = next_batch(c, e);
		if (got != CSV_ROW)
			return got;
	}
	*row = c->fast->rows[c->batch_at++];
	c->rows++;
	return CSV_ROW;
}

enum csv_result csv_next_rows(struct csv *c, const struct csv_row **rows, size_t *count,
			      struct err *e)
{
	enum csv_result got = next_batch(c, e);
	*rows = c->fast->rows;
	*count = got == CSV_ROW ? c->batch_count : 0;
	c->rows += *count;
	c->batch_at = c->batch_count;
	return got;
}

#include "csv/csv_row.h"

#include "base/buf.h"
#include "base/suggest.h"
#include "base/text.h"
#include "csv/csv_fast.h"
#include "csv/csv_seen.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	[CSV_SUCCESS] = "success",
	[CSV_ERROR_CODE] = "error_code",
	[CSV_REPLICA_COUNT] = "replicas",
	[CSV_SERVICE_MS] = "service_ms",
	[CSV_LENGTH_S] = "length_s",
	[CSV_OK] = "ok",
	[CSV_ERR] = "err",
	[CSV_P50_MS] = "p50_ms",
	[CSV_P95_MS] = "p95_ms",
	[CSV_P99_MS] = "p99_ms",
};
_Static_assert(ARRAY_LEN(column_names) == CSV_COLUMN_COUNT, "every column has a name");

const char *csv_column_name(enum csv_column column)
{
	return column_names[column];
}

static enum csv_column column_of(struct csv_text t)
{
	for (size_t i = CSV_SKIPPED + 1; i < CSV_COLUMN_COUNT; i++)
		if (csv_text_is(t, column_names[i]))
			return (enum csv_column)i;
	return CSV_SKIPPED;
}

/* Splits a header line into columns; the names go to names (of CSV_COLUMNS_MAX) unless it is NULL.
 * Returns their number, 0 if the line has no end, and the first byte behind it in *next. Of more than
 * CSV_COLUMNS_MAX the first are filled in. */
static size_t split_header(const char *p, const char *end, unsigned char *columns,
			   struct csv_text *names, const char **next)
{
	bool odd = false;
	p += utf8_mark_length(p, (size_t)(end - p));
	for (size_t n = 0;;) {
		struct csv_text t;
		p = csv_scan_field(p, end, &t, &odd);
		if (!p)
			return 0;
		if (n < CSV_COLUMNS_MAX) {
			columns[n] = (unsigned char)column_of(t);
			if (names)
				names[n] = t;
		}
		n++;
		if (*p++ == '\n') {
			*next = p;
			return n;
		}
	}
}

/* How many of a row's columns are read. */
static size_t read_of(size_t columns)
{
	return columns < CSV_COLUMNS_MAX ? columns : CSV_COLUMNS_MAX;
}

static bool has(const unsigned char *columns, size_t count, enum csv_column column)
{
	return memchr(columns, column, count);
}

/* Counts have no latency_ms, but ok or err. */
static bool are_counts(const unsigned char *columns, size_t count)
{
	return !has(columns, count, CSV_LATENCY_MS) &&
	       (has(columns, count, CSV_OK) || has(columns, count, CSV_ERR));
}

/* The first column that is needed and not there; CSV_SKIPPED if all are. */
static enum csv_column missing(const struct csv *c, const unsigned char *columns, size_t count)
{
	static const enum csv_column requests[] = {CSV_TIMESTAMP, CSV_LATENCY_MS};
	static const enum csv_column counts[] = {CSV_TIMESTAMP, CSV_OK, CSV_ERR};
	bool counted = are_counts(columns, count);
	const enum csv_column *need = counted ? counts : requests;
	size_t n = c->times_only ? 1 : counted ? ARRAY_LEN(counts) : ARRAY_LEN(requests);
	for (size_t i = 0; i < n; i++)
		if (!has(columns, count, need[i]))
			return need[i];
	return CSV_SKIPPED;
}

/* A column that is read and is there twice; CSV_SKIPPED if there is none. */
static enum csv_column twice(const unsigned char *columns, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (columns[i] != CSV_SKIPPED && memchr(columns, columns[i], i))
			return (enum csv_column)columns[i];
	return CSV_SKIPPED;
}

static int lacks_column(const char *where, const struct csv_text *names, size_t count,
			enum csv_column lacks, struct err *e)
{
	char words[8][64];
	const char *near = NULL;
	const char *want = column_names[lacks];
	for (size_t i = 0; i < count && i < ARRAY_LEN(words); i++) {
		size_t len = names[i].len < 63 ? names[i].len : 63;
		memcpy(words[i], names[i].at, len);
		words[i][len] = '\0';
		suggest(want, words[i], &near);
		/* Also suggests names that start like it or contain it: "latency", "Timestamp (s)".
		 */
		if (!near && (strncasecmp(words[i], want, 4) == 0 || strcasestr(words[i], want)))
			near = words[i];
	}
	int64_t number;
	if (count == 1 && strpbrk(words[0], ";\t"))
		return err_usage(e, "wrong header in %s: fields are separated by %s, not ','", where,
				 strchr(words[0], ';') ? "';'" : "tabs");
	if (count && csv_fixed(names[0], 0, &number) == 0)
		return err_usage(e, "no header line in %s: its first line starts with '%s'",
				 where, words[0]);
	if (near)
		return err_usage(e, "wrong header in %s: no column '%s'; the nearest is '%s'",
				 where, want, near);
	return err_usage(e, "wrong header in %s: no column '%s'; it starts with '%s'", where,
			 want, count ? words[0] : "");
}

/* Whether none of the columns has what the server answered; an empty error is no answer to that. */
static bool tells_no_outcome(const unsigned char *columns, size_t count)
{
	static const enum csv_column tell[] = {CSV_STATUS_CODE, CSV_SUCCESS, CSV_ERROR_CODE};
	bool any = are_counts(columns, count);
	for (size_t i = 0; i < ARRAY_LEN(tell); i++)
		any |= has(columns, count, tell[i]);
	return !any;
}

/* Whether a name is that word, in small or capital letters and with anything between its parts: "Status Code". */
static bool reads_as(struct csv_text name, const char *word)
{
	for (size_t i = 0; i < name.len; i++) {
		if (!isalnum((unsigned char)name.at[i]))
			continue;
		if (tolower((unsigned char)name.at[i]) != *word++)
			return false;
	}
	return !*word;
}

/* A column that others have in place of status_code, or NULL. It is not guessed at: what it holds may be a
 * code of another protocol. */
static const struct csv_text *other_outcome(const struct csv_text *names, size_t count)
{
	static const char *const others[] = {"status",	   "code",	       "statuscode",   "httpstatus",
					     "httpcode",   "httpstatuscode",   "responsecode", "httpresponsecode",
					     "scstatus",   "result"};
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < ARRAY_LEN(others); k++)
			if (reads_as(names[i], others[k]))
				return &names[i];
	return NULL;
}

static int check_header(const struct csv *c, const unsigned char *columns,
			const struct csv_text *names, size_t count, struct err *e)
{
	char where[300];
	snprintf(where, sizeof where, "'%.256s'", c->name);
	if (c->line)
		snprintf(where, sizeof where, "line %llu of '%.256s'",
			 (unsigned long long)c->line + 1, c->name);
	enum csv_column lacks = missing(c, columns, count), double_one = twice(columns, count);
	if (lacks != CSV_SKIPPED)
		return lacks_column(where, names, count, lacks, e);
	if (double_one != CSV_SKIPPED)
		return err_usage(e, "wrong header in %s: there are two columns '%s'", where,
				 column_names[double_one]);
	const struct csv_text *other = c->times_only || !tells_no_outcome(columns, count) ? NULL : other_outcome(names, count);
	if (other)
		return err_usage(e, "wrong header in %s: no column tells which answers failed; if '%.*s' holds HTTP statuses, "
				    "call it 'status_code'", where, (int)other->len, other->at);
	return 0;
}

/* Columns without values, which say by their name what the rows do not tell. */
static void note_lack(struct csv *c, struct csv_text name)
{
	c->no_unanswered |= csv_text_is(name, "no_unanswered");
	c->closed_loop |= csv_text_is(name, "closed_loop");
	c->no_end |= csv_text_is(name, "no_end");
}

/* returns: lines end in \r\n, as the header does. */
static void use_columns(struct csv *c, const unsigned char *columns, size_t count, bool returns)
{
	memcpy(c->columns, columns, count);
	c->column_count = count;
	c->has_header = true;
	c->headers++;
	c->counts = are_counts(columns, count);
	c->has_status = has(columns, count, CSV_STATUS_CODE);
	c->has_success = has(columns, count, CSV_SUCCESS);
	c->no_failures |= tells_no_outcome(columns, count) && !has(columns, count, CSV_ERROR_TEXT);
	if (has(columns, count, CSV_SLOT) && !c->wants_duplicates) {
		free(c->seen);
		c->seen = mem_alloc(CSV_SEEN_PARTS * sizeof *c->seen);
	}
	csv_fast_columns(c, returns);
}

/* What the reader does not ask for. */
static void skip_unwanted(const struct csv *c, unsigned char *columns, size_t count)
{
	for (size_t i = 0; i < count && c->times_only; i++)
		if (columns[i] != CSV_TIMESTAMP && columns[i] != CSV_OP)
			columns[i] = CSV_SKIPPED;
	for (size_t i = 0; i < count && !c->wants_late; i++)
		if (columns[i] == CSV_SERVICE_MS)
			columns[i] = CSV_SKIPPED;
}

enum csv_result csv_read_header(struct csv *c, struct err *e)
{
	unsigned char columns[CSV_COLUMNS_MAX];
	struct csv_text names[CSV_COLUMNS_MAX];
	const char *next;
	size_t have = (size_t)(c->end - c->at);
	size_t all = split_header(c->at, c->end, columns, names, &next), n = read_of(all);
	if (n == 0 && !c->ended && have < CSV_ROW_MAX) /* a newline within quotes */
		return CSV_AGAIN;
	if (n == 0) {
		err_usage(e, have == 0 ? "'%s' is empty: it has neither a header line nor rows" : "no header line in '%s': its first line has no end", c->name);
		return CSV_ERROR;
	}
	bool may_be_longer = all > n || csv_is_text(columns[n - 1]);
	skip_unwanted(c, columns, n);
	if (check_header(c, columns, names, n, e))
		return CSV_ERROR;
	use_columns(c, columns, n, next - c->at > 1 && next[-2] == '\r');
	c->may_be_longer = may_be_longer;
	for (size_t i = 0; i < n; i++)
		note_lack(c, names[i]);
	c->at = next;
	c->line++;
	if (c->nul < c->at)
		c->nul = memchr(c->at, '\0', (size_t)(c->end - c->at));
	if (!c->nul)
		c->nul = c->end;
	return CSV_ROW;
}

bool csv_is_header(const struct csv *c, const char *p, const char *next)
{
	unsigned char columns[CSV_COLUMNS_MAX];
	const char *end;
	size_t n = read_of(split_header(p, next, columns, NULL, &end)), known = 0;
	if (!n)
		return false;
	for (size_t i = 0; i < n; i++)
		known += columns[i] != CSV_SKIPPED;
	/* Free text may be the name of a column as well; nobody writes this one otherwise. */
	return has(columns, n, CSV_LATENCY_MS) ||
	       (has(columns, n, CSV_TIMESTAMP) &&
		(known > 1 || columns[0] == CSV_TIMESTAMP || c->times_only));
}

#include "csv/csv_fast.h"

#include "base/units.h"
#include "csv/csv_row.h"
#include "csv/csv_seen.h"

#include <string.h>

enum {
	SECOND_DIGITS = 10,
	PLACES_MAX = 8,
	QUOTED_BIT = 63, /* of the upper word */
};

void csv_fast_columns(struct csv *c, bool returns)
{
	c->fast->returns = returns;
	memset(c->fast->layouts, 0, sizeof c->fast->layouts);
}

/* Fills l for the row at p, whose marks and last field (quoted or not) l already holds; its stop is
 * at p[len]. What may be quoted is text. */
static void layout_make(const struct csv *c, struct csv_layout *l, const char *p, size_t len)
{
	size_t fields = 0, start = 0;
	bool quoted = l->high >> QUOTED_BIT;
	uint64_t words[] = {l->low, l->high & ~(UINT64_C(1) << QUOTED_BIT)};
	*l = (struct csv_layout){.low = l->low, .high = l->high};
	for (unsigned w = 0; w < 2; w++)
		for (uint64_t m = words[w]; m; m &= m - 1) {
			size_t end = 64 * w + (size_t)__builtin_ctzll(m);
			l->last = fields < c->column_count ? c->columns[fields] : CSV_SKIPPED;
			if (l->last >= CSV_FAST_COLUMNS)
				l->last = CSV_SKIPPED;
			l->at[l->last] = (unsigned char)start;
			l->len[l->last] = (unsigned char)(end - start);
			if (end == len) /* what is behind an opening quote is not known from here */
				l->at[l->last] = (unsigned char)(start + quoted);
			start = end + 1;
			fields++;
		}
	if (!quoted && c->fast->returns)
		l->len[l->last]--;
	for (size_t i = 0; i < CSV_FAST_COLUMNS; i++)
		if (l->len[i] == 0) /* on both sides of its place are digits; see is_padded */
			l->at[i] = (unsigned char)(l->at[CSV_TIMESTAMP] + 1);
	size_t time_len = l->len[CSV_TIMESTAMP];
	bool text = csv_is_text(l->last);
	l->places =
		(unsigned char)(time_len > SECOND_DIGITS + 1 ? time_len - SECOND_DIGITS - 1 : 0);
	/* What is shorter may be the last that can be read. */
	l->behind_second =
		time_len >= SECOND_DIGITS ? p[l->at[CSV_TIMESTAMP] + SECOND_DIGITS] : '\0';
	bool whole = fields == c->column_count || (fields > c->column_count && c->may_be_longer);
	l->common = whole && (text || !quoted) && l->places <= PLACES_MAX &&
		    (l->places ? l->behind_second == '.' : time_len == SECOND_DIGITS) &&
		    l->len[CSV_LATENCY_MS] > 0 && l->len[CSV_ERROR_CODE] == 0 && !c->has_success;
	l->plain = !quoted && l->len[CSV_ERROR_TEXT] == 0;
	l->usual = l->plain && l->len[CSV_STATUS_CODE] == 3;
	l->no_slot = l->len[CSV_SLOT] ? 0 : SAMPLE_NO_SLOT;
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#include "csv/csv_marks.h"
#include "csv/csv_swar.h"

/* The second, or what is behind it, differs from the previous row's. */
static int new_second(struct csv_fast *f, const char *p, char behind)
{
	uint64_t high, low;
	if (swar_digits(p + 8, 8, &high) || swar_digits(p + SECOND_DIGITS, 2, &low) ||
	    high * 100 >= CSV_TIME_END_NS / NS_PER_S || p[SECOND_DIGITS] != behind)
		return -1;
	memcpy(f->second_text, p, sizeof f->second_text);
	f->second_ns = (int64_t)(high * 100 + low) * NS_PER_S;
	return 0;
}

static inline struct csv_text text(const struct csv_layout *l, const char *p,
				   enum csv_column column)
{
	return (struct csv_text){p + l->at[column], l->len[column]};
}

static inline int milliseconds(struct csv_text t, int64_t *ns)
{
	if (t.len <= 8)
		return swar_ms(t.at + t.len, t.len, ns);
	return csv_fixed(t, 6, ns) || *ns > CSV_LATENCY_MAX_NS ? -1 : 0;
}

static inline int64_t late(const struct csv_layout *l, const char *p, int64_t latency_ns)
{
	int64_t ns;
	return milliseconds(text(l, p, CSV_SERVICE_MS), &ns) || ns > latency_ns ? -1 : latency_ns - ns;
}

static inline int whole(struct csv_text t, uint64_t *n)
{
	return t.len <= 8 ? swar_digits(t.at + t.len, t.len, n) : csv_whole(t, n);
}

/* Parses due time and slot together if the slot has at most eight digits. */
static inline int due_and_slot(struct csv_fast *f, const struct csv_layout *l, const char *p,
			       int64_t *ns, uint64_t *slot)
{
	static const uint32_t ns_of_place[PLACES_MAX + 1] = {
		1000000000, 100000000, 10000000, 1000000, 100000, 10000, 1000, 100, 10};
	uint64_t fraction;
	const char *due = p + l->at[CSV_TIMESTAMP], *end = due + SECOND_DIGITS + 1 + l->places;
	struct csv_text s = text(l, p, CSV_SLOT);
	if (memcmp(due, f->second_text, sizeof f->second_text) != 0 && new_second(f, due, l->behind_second))
		return -1;
	if (s.len <= 8 ? swar_two(end, l->places, s.at + s.len, s.len, &fraction, slot)
		       : whole(s, slot) || swar_digits(end, l->places, &fraction))
		return -1;
	*ns = f->second_ns + (int64_t)fraction * ns_of_place[l->places];
	return 0;
}

/* Whether blanks may be around a text, which the other way takes off. */
static inline bool is_padded(struct csv_text t)
{
	return (unsigned char)t.at[0] <= ' ' || (unsigned char)(t.at + t.len)[-1] <= ' ';
}

/* A failure, as a rule, or a good row with quotes around nothing. quoted is what the last field
 * holds if it is quoted. */
static int say_failure(struct csv *c, const struct csv_layout *l, const char *p,
		       struct csv_row *row, struct csv_text quoted)
{
	const struct csv_text none = {"", 0};
	struct csv_outcome o = {text(l, p, CSV_STATUS_CODE), none, none, none, none};
	if (l->len[CSV_ERROR_TEXT])
		o.error = csv_trim(text(l, p, CSV_ERROR_TEXT));
	if (l->len[CSV_DETAIL])
		o.detail = csv_trim(text(l, p, CSV_DETAIL));
	struct csv_text *last = l->last == CSV_ERROR_TEXT ? &o.error
				: l->last == CSV_DETAIL	  ? &o.detail
				: l->last == CSV_NODE	  ? &row->node
							  : &row->op;
	if (quoted.at && l->last != CSV_SKIPPED)
		*last = csv_trim(quoted);
	return csv_take_outcome(c, row, &o) == CSV_SKIPPED ? 0 : -1;
}

static inline bool status_is_200(const struct csv_layout *l, const char *p)
{
	uint32_t four;
	memcpy(&four, p + l->at[CSV_STATUS_CODE], sizeof four);
	return (four & 0xffffff) == ('2' | '0' << 8 | '0' << 16);
}

/* What is not plainly a success: another status, an error, quotes. */
static int take_others(struct csv *c, const struct csv_layout *l, const char *p,
		       struct csv_row *row, struct csv_text quoted)
{
	const struct csv_text t = text(l, p, CSV_STATUS_CODE);
	uint64_t n = 0;
	if (t.len && whole(t, &n))
		return -1;
	row->status_code = n >= 100 && n < 600 ? (int)n : 0;
	if (!l->plain || !csv_status_is_good(c, row->status_code))
		return say_failure(c, l, p, row, quoted);
	return 0;
}

/* The fields of the row at p. -1 if it is not common after all. */
static inline int take_fields(struct csv *c, const struct csv_layout *l, const char *p,
			      struct csv_row *row, struct csv_text quoted)
{
	uint64_t slot;
	if (due_and_slot(c->fast, l, p, &row->due_ns, &slot) || milliseconds(text(l, p, CSV_LATENCY_MS), &row->latency_ns))
		return -1;
	const struct csv_text node = text(l, p, CSV_NODE), op = text(l, p, CSV_OP);
	if (is_padded(node) || is_padded(op))
		return -1;
	row->kind = CSV_REQUEST;
	row->status_code = 200;
	row->failed = false;
	row->error = ERROR_NONE;
	row->slot = slot | l->no_slot;
	row->replicas = l->len[CSV_REPLICA_COUNT] ? csv_replicas(text(l, p, CSV_REPLICA_COUNT)) : -1;
	row->late_ns = l->len[CSV_SERVICE_MS] ? late(l, p, row->latency_ns) : -1;
	row->node = node;
	row->op = op;
	return l->usual && status_is_200(l, p) ? 0 : take_others(c, l, p, row, quoted);
}

/* The marks of the row at p up to its first stop. */
struct span {
	uint64_t low, high;
	size_t len; /* the stop is at p[len] */
};

/* The layout of rows with these marks. */
static inline struct csv_layout *layout_of(struct csv *c, const struct span *s, const char *p)
{
	uint64_t hash =
		(s->low ^ s->high * UINT64_C(0xff51afd7ed558ccd)) * UINT64_C(0x9e3779b97f4a7c15);
	struct csv_layout *l = &c->fast->layouts[hash >> 56];
	if (l->low != s->low || l->high != s->high) {
		l->low = s->low;
		l->high = s->high;
		layout_make(c, l, p, s->len);
	}
	return l;
}
_Static_assert(sizeof(struct csv_layout) == 64, "found by a shift");
_Static_assert(CSV_LAYOUTS == 1 << 8, "the hash has so many bits");

/* The last field, which starts with the quote at p: up to the next one, which must be behind it.
 * NULL if it is more complicated than that, else what is behind the row. */
static const char *quoted_end(const struct csv *c, const char *p, const char *limit,
			      struct csv_text *quoted)
{
	size_t room = (size_t)(limit - p), ends = c->fast->returns ? 2 : 1;
	const char *quote =
		memchr(p + 1, '"', (room < CSV_ROW_MAX / 2 ? room : CSV_ROW_MAX / 2) - 1);
	if (p[-1] != ',' || !quote || (size_t)(limit - quote) <= ends || quote[ends] != '\n' ||
	    (ends == 2 && quote[1] != '\r'))
		return NULL;
	*quoted = (struct csv_text){p + 1, (size_t)(quote - p) - 1};
	return quote + ends + 1;
}

/* x ^ (x - 1): the lowest bit that is set, and all below. */
static inline uint64_t up_to_lowest(uint64_t x)
{
	return x ^ (x - 1);
}

/* -1 if there is no stop in the first CSV_SPAN - 1 bytes. */
static inline int find_span(const char *p, struct span *s)
{
	uint32_t a, b;
	uint64_t marks = csv_marks(p, &a) | (uint64_t)csv_marks(p + 32, &b) << 32;
	uint64_t stops = a | (uint64_t)b << 32;
	s->high = 0;
	if (stops) {
		s->len = (size_t)__builtin_ctzll(stops);
		s->low = marks & up_to_lowest(stops);
		return 0;
	}
	s->low = marks;
	marks = csv_marks(p + 64, &a);
	stops = a;
	if (!stops) {
		marks |= (uint64_t)csv_marks(p + 96, &b) << 32;
		/* Bit 127 of the marks says something else. */
		stops = (uint64_t)(b & INT32_MAX) << 32;
		if (!stops)
			return -1;
	}
	s->len = 64 + (size_t)__builtin_ctzll(stops);
	s->high = marks & up_to_lowest(stops);
	return 0;
}

/* Scans the row at p; NULL if it is not common or not whole before limit. CSV_SPAN + 8 bytes may be
 * read. */
static inline const char *fast_row(struct csv *c, const char *p, const char *limit,
				   struct csv_row *row)
{
	struct span s;
	struct csv_text quoted = {NULL, 0};
	if (find_span(p, &s) || p + s.len >= limit)
		return NULL;
	const char *stop = p + s.len, *next = stop + 1;
	if (*stop == '"') {
		next = quoted_end(c, stop, limit, &quoted);
		s.high |= UINT64_C(1) << QUOTED_BIT;
		if (!next)
			return NULL;
	} else if ((stop[-1] == '\r') != c->fast->returns) {
		return NULL;
	}
	const struct csv_layout *l = layout_of(c, &s, p);
	return l->common && take_fields(c, l, p, row, quoted) == 0 ? next : NULL;
}

size_t csv_fast_rows(struct csv *c)
{
	struct csv_row *row = c->fast->rows, *const end = row + CSV_BATCH;
	const char *p = c->at, *limit = c->nul < c->end ? c->nul : c->end;
	/* Numbers are loaded as words, which may reach beyond the row. */
	const char *last = c->readable - p < CSV_SPAN + 8 ? p : c->readable - CSV_SPAN - 8 + 1;
	last = last < limit ? last : limit;
	struct csv_seen *const seen = c->seen;
	uint64_t duplicate = 0, contradictory = 0;
	while (row < end && p < last) {
		const char *next = fast_row(c, p, limit, row);
		if (!next)
			break;
		p = next;
		if (seen && row->slot != SAMPLE_NO_SLOT && csv_seen_before(seen, row->slot, row->failed, &contradictory))
			duplicate++;
		else
			row++;
	}
	size_t count = (size_t)(row - c->fast->rows);
	c->at = p;
	c->duplicate += duplicate;
	c->contradictory += contradictory;
	c->line += count + duplicate;
	return count;
}
#else
size_t csv_fast_rows(struct csv *c)
{
	(void)c;
	return 0;
}
#endif

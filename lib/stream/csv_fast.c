#include "stream/csv_fast.h"

#include "base/units.h"
#include "stream/csv_row.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
	BLOCK = 64,
	FIELDS_MAX = 32, /* rows with more take the other way */
	MARGIN = 24,	 /* bytes that number parsing may look at behind a field's start */
};

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* One bit for each byte of v that is 0 (Hacker's Delight, 6-1: exact for every byte). */
static uint64_t zeros(uint64_t v)
{
	uint64_t high = ~(((v & EACH(0x7f)) + EACH(0x7f)) | v | EACH(0x7f));
	return ((high >> 7) * UINT64_C(0x0102040810204080)) >> 56;
}

uint64_t csv_find_marks_portably(const char *p)
{
	uint64_t marks = 0;
	for (unsigned i = 0; i < BLOCK; i += 8) {
		uint64_t v = 0;
		for (unsigned k = 8; k-- > 0;) /* in this order whatever the machine's is */
			v = v << 8 | (unsigned char)p[i + k];
		marks |= (zeros(v ^ EACH(',')) | zeros(v ^ EACH('\n')) | zeros(v ^ EACH('"'))) << i;
	}
	return marks;
}

#ifdef __SSE2__
static inline uint64_t find_marks(const char *p)
{
	const __m128i comma = _mm_set1_epi8(','), newline = _mm_set1_epi8('\n');
	const __m128i quote = _mm_set1_epi8('"');
	uint64_t part[4];
	for (unsigned i = 0; i < 4; i++) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i));
		__m128i hit = _mm_or_si128(_mm_cmpeq_epi8(v, comma), _mm_cmpeq_epi8(v, newline));
		hit = _mm_or_si128(hit, _mm_cmpeq_epi8(v, quote));
		part[i] = (uint64_t)(unsigned)_mm_movemask_epi8(hit);
	}
	return part[0] | part[1] << 16 | part[2] << 32 | part[3] << 48;
}
#else
static inline uint64_t find_marks(const char *p)
{
	return csv_find_marks_portably(p);
}
#endif

uint64_t csv_find_marks(const char *p)
{
	return find_marks(p);
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
static inline uint64_t load(const char *p)
{
	uint64_t v;
	memcpy(&v, p, sizeof v);
	return v;
}

/* Eight digits, the first in the lowest byte, as bytes 0-9: neighbours are joined to pairs, pairs
 * to fours, fours to eight. -1 if a byte is no digit. */
static inline int join(uint64_t v, uint64_t *out)
{
	if (((v + EACH(0x76)) | v) & EACH(0x80))
		return -1;
	v = v * 10 + (v >> 8);
	*out = ((v & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x000f424000000064) +
		((v >> 16) & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x0000271000000001)) >> 32;
	return 0;
}

/* The first len (1 to 8) bytes of text v. Zeros in front make it eight digits; the first byte is
 * the lowest, so that means shifting up. */
static inline int digits(uint64_t v, size_t len, uint64_t *out)
{
	return join((v ^ EACH('0')) << (64 - 8 * len), out);
}

static inline int whole_number(const char *p, size_t len, int64_t *n)
{
	uint64_t v;
	if (len < 1 || len > 8 || digits(load(p), len, &v))
		return -1;
	*n = (int64_t)v;
	return 0;
}

static const uint32_t ns_of_place[] = {1000000, 100000, 10000, 1000, 100, 10, 1};

static inline int milliseconds(const char *p, size_t len, int64_t *ns)
{
	if (len < 1 || len > 8)
		return -1;
	uint64_t v = load(p), whole, low = v ^ EACH('.');
	uint64_t point = (low - EACH(1)) & ~low & EACH(0x80);
	size_t at = point ? (size_t)__builtin_ctzll(point) / 8 : 8, places = 0;
	if (at < len) { /* close the gap: what is behind the point moves down by one byte */
		uint64_t front = (UINT64_C(1) << (8 * at)) - 1;
		places = len - at - 1;
		if (at == 0 || places > 6)
			return -1;
		v = ((v >> 8) & ~front) | (v & front);
		len--;
	}
	if (digits(v, len, &whole))
		return -1;
	*ns = (int64_t)(whole * ns_of_place[places]);
	return 0;
}

/* Ten digits to ns; those of the row before as a rule. */
static inline int second_ns(struct csv *c, const char *p, int64_t *ns)
{
	uint64_t high, low;
	if (memcmp(p, c->second_text, sizeof c->second_text) == 0) {
		*ns = c->second_ns;
		return 0;
	}
	if (digits(load(p), 8, &high) || digits(load(p + 8), 2, &low) || high * 100 >= CSV_TIME_END_NS / NS_PER_S)
		return -1;
	memcpy(c->second_text, p, sizeof c->second_text);
	*ns = c->second_ns = (int64_t)(high * 100 + low) * NS_PER_S;
	return 0;
}

/* 1766500030.001234 and no other shape. */
static inline int unix_time(struct csv *c, const char *p, size_t len, int64_t *ns)
{
	uint64_t us;
	/* The digit and the point in front of the six become zeros in front of the number. */
	if (len != 17 || p[10] != '.' || join((load(p + 9) ^ EACH('0')) & ~UINT64_C(0xffff), &us) ||
	    second_ns(c, p, ns))
		return -1;
	*ns += (int64_t)us * NS_PER_US;
	return 0;
}
#else
static int whole_number(const char *p, size_t len, int64_t *n)
{
	return csv_fixed((struct csv_text){p, len}, 0, n);
}

static int milliseconds(const char *p, size_t len, int64_t *ns)
{
	return csv_fixed((struct csv_text){p, len}, 6, ns);
}

static int unix_time(struct csv *c, const char *p, size_t len, int64_t *ns)
{
	(void)c;
	return csv_fixed((struct csv_text){p, len}, 9, ns);
}
#endif

int csv_fast_whole(const char *p, size_t len, int64_t *n)
{
	return whole_number(p, len, n);
}

int csv_fast_ms(const char *p, size_t len, int64_t *ns)
{
	return milliseconds(p, len, ns);
}

int csv_fast_time(struct csv *c, const char *p, size_t len, int64_t *ns)
{
	return unix_time(c, p, len, ns);
}

/* Field i lies between c->split[i] and c->split[i + 1]. A column that the file has not got is the
 * empty field CSV_NO_FIELD, so that nobody has to ask. */
_Static_assert(CSV_NO_FIELD > FIELDS_MAX + BLOCK, "a block's marks cannot reach the empty field");

/* The row's end is at `at`, the last of count marks. False if it is no newline but a quote. */
static inline bool end_row(struct csv *c, const char *at, size_t count)
{
	if (at - c->split[0] > 1 && at[-1] == '\r')
		c->split[count] = at - 1;
	c->marks_at = at + 1;
	return *at == '\n' && count >= c->column_count;
}

/* False if the row is not common. What is behind it is then in c->marks_at. */
static inline bool split_row(struct csv *c, const char *p, const char *end)
{
	bool known = c->marks_at == p;
	const char *block = known ? c->block : p - BLOCK, **out = c->split;
	uint64_t marks = known ? c->marks : 0;
	*out = c->split[CSV_NO_FIELD] = p - 1;
	c->split[CSV_NO_FIELD + 1] = p;
	for (;;) {
		for (; marks; marks &= marks - 1) {
			const char *at = block + __builtin_ctzll(marks);
			*++out = at;
			if (*at == ',')
				continue;
			c->block = block;
			c->marks = marks & (marks - 1);
			return end_row(c, at, (size_t)(out - c->split));
		}
		block += BLOCK;
		if (end - block < BLOCK + MARGIN || out - c->split > FIELDS_MAX)
			return false;
		marks = find_marks(block);
	}
}

static inline struct csv_text field(const struct csv *c, enum csv_column column)
{
	const char *const *mark = c->split + c->field_of[column];
	return (struct csv_text){mark[0] + 1, (size_t)(mark[1] - mark[0]) - 1};
}

const char *csv_fast_row(struct csv *c, const char *p, const char *end, struct csv_row *row)
{
	if (!split_row(c, p, end))
		return NULL;
	struct csv_text time = field(c, CSV_TIMESTAMP), latency = field(c, CSV_LATENCY_MS);
	struct csv_text status = field(c, CSV_STATUS_CODE), slot = field(c, CSV_SLOT);
	struct csv_text error = field(c, CSV_ERROR_TEXT);
	int64_t status_code = 0, slot_number = -1;
	if (unix_time(c, time.at, time.len, &row->due_ns) ||
	    milliseconds(latency.at, latency.len, &row->latency_ns) ||
	    (status.len && whole_number(status.at, status.len, &status_code)) ||
	    (slot.len && whole_number(slot.at, slot.len, &slot_number)) || status_code > 999)
		return NULL;
	row->kind = CSV_REQUEST;
	row->status_code = (int)status_code;
	row->failed = false;
	row->error = ERROR_NONE;
	row->slot = slot_number < 0 ? SAMPLE_NO_SLOT : (uint64_t)slot_number;
	row->node = field(c, CSV_NODE);
	row->op = field(c, CSV_OP);
	if ((error.len || status_code >= 400) &&
	    csv_failed_row(c, row, error, field(c, CSV_DETAIL)))
		return NULL;
	return c->marks_at;
}

#include "csv/csv_write.h"

#include "base/text.h"

#include <string.h>

const char sample_header[] =
	"timestamp,node,status_code,latency_ms,error,service_ms,op,bytes,slot,detail\n";

const char *sample_header_of(unsigned columns)
{
#define UP_TO_SLOT "timestamp,node,status_code,latency_ms,error,service_ms,op,bytes,slot,"
	static const char *const all[] = {
		sample_header,
		[SAMPLE_WAIT_MS] = UP_TO_SLOT "wait_ms,detail\n",
		[SAMPLE_REPLICAS] = UP_TO_SLOT "replicas,detail\n",
		[SAMPLE_WAIT_MS | SAMPLE_REPLICAS] = UP_TO_SLOT "wait_ms,replicas,detail\n",
	};
	return all[columns];
}

enum {
	/* Digits, separators and the error word of any row. */
	ROW_FIXED_MAX = 192,
	DIGITS_MAX = 20, /* of any number */
};

size_t sample_row_max(const struct sample *s)
{
	size_t detail = s->detail ? 2 * ERROR_DETAIL_MAX + 2 : 0;
	return ROW_FIXED_MAX + s->node.len + s->op.len + detail;
}

static char *put_str(char *out, const char *s)
{
	return stpcpy(out, s);
}

static char *put_text(char *out, struct csv_text t)
{
	memcpy(out, t.at, t.len);
	return out + t.len;
}

/* Two digits at a time: half the divisions. */
static char *put_pair(char *out, unsigned v)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
				    "25262728293031323334353637383940414243444546474849"
				    "50515253545556575859606162636465666768697071727374"
				    "75767778798081828384858687888990919293949596979899";
	memcpy(out, pairs + 2 * v, 2);
	return out + 2;
}

static size_t digits_of(uint64_t v)
{
	static const uint64_t powers[] = {
		1u, 10u, 100u, 1000u, 10000u, 100000u, 1000000u, 10000000u, 100000000u, 1000000000u,
		10000000000u, 100000000000u, 1000000000000u, 10000000000000u, 100000000000000u,
		1000000000000000u, 10000000000000000u, 100000000000000000u, 1000000000000000000u,
		10000000000000000000u};
	/* log10 of 2 is 1233 / 4096, nearly: right, or one too few. 0 has a digit, too. */
	v |= 1;
	size_t n = (size_t)(64 - __builtin_clzll(v)) * 1233 >> 12;
	return n + (v >= powers[n]);
}

static char *put_long(char *out, uint64_t v)
{
	char *end = out + digits_of(v), *at = end;
	for (; v >= 100; v /= 100)
		put_pair(at -= 2, (unsigned)(v % 100));
	if (v >= 10)
		put_pair(out, (unsigned)v);
	else
		*out = (char)('0' + v);
	return end;
}

/* Most are short: whole milliseconds, a status, a length. */
static char *put_u64(char *out, uint64_t v)
{
	if (v >= 1000)
		return put_long(out, v);
	unsigned small = (unsigned)v;
	if (small >= 100)
		*out++ = (char)('0' + small / 100);
	if (small >= 10)
		return put_pair(out, small % 100);
	*out = (char)('0' + small);
	return out + 1;
}

/* Three digits. */
static char *put_triple(char *out, unsigned v)
{
	*out++ = (char)('0' + v / 100);
	return put_pair(out, v % 100);
}

/* A sign, and what is left of a number without it. */
static char *put_sign(char *out, int64_t v, uint64_t *left)
{
	*left = v < 0 ? -(uint64_t)v : (uint64_t)v;
	if (v < 0)
		*out++ = '-';
	return out;
}

/* v thousandths, with three decimals. */
static char *put_milli(char *out, int64_t v)
{
	uint64_t u;
	out = put_sign(out, v, &u);
	out = put_u64(out, u / 1000);
	*out++ = '.';
	return put_triple(out, (unsigned)(u % 1000));
}

/* A number as text, for the rows behind it that have the same. */
struct last {
	uint64_t v;
	size_t len;
	char text[DIGITS_MAX];
};

static char *put_again(char *out, uint64_t v, struct last *last)
{
	if (v != last->v) {
		last->v = v;
		last->len = (size_t)(put_u64(last->text, v) - last->text);
	}
	memcpy(out, last->text, sizeof last->text); /* of a known size; what is too much is overwritten */
	return out + last->len;
}

/* Rows that follow each other are often of slots that do. out has room for DIGITS_MAX more. */
static char *put_slot(char *out, uint64_t v)
{
	static _Thread_local struct last thousands = {.v = UINT64_MAX};
	if (v < 1000)
		return put_u64(out, v);
	out = put_again(out, v / 1000, &thousands);
	return put_triple(out, (unsigned)(v % 1000));
}

/* v millionths, with six decimals. out has room for DIGITS_MAX more. */
static char *put_micro(char *out, int64_t v)
{
	static _Thread_local struct last second = {.v = UINT64_MAX};
	uint64_t u;
	out = put_sign(out, v, &u);
	out = put_again(out, u / 1000000, &second);
	unsigned rest = (unsigned)(u % 1000000);
	*out++ = '.';
	out = put_pair(out, rest / 10000);
	out = put_pair(out, rest / 100 % 100);
	return put_pair(out, rest % 100);
}

/* In us, to the nearest, halves away from 0; right up to the ends of the type. */
static int64_t rounded_us(int64_t ns)
{
	if (ns >= 0) /* in one division */
		return (int64_t)(((uint64_t)ns + 500) / 1000);
	return -(int64_t)((-(uint64_t)ns + 500) / 1000);
}

/* RFC 4180 quotes; no character that plain_line would leave out; cut to ERROR_DETAIL_MAX
 * bytes at the start of a UTF-8 character. */
static char *put_detail(char *out, const char *s)
{
	char text[ERROR_DETAIL_MAX + 1];
	size_t len = strnlen(s, ERROR_DETAIL_MAX + 1);
	if (len > ERROR_DETAIL_MAX)
		for (len = ERROR_DETAIL_MAX; len && ((unsigned char)s[len] & 0xc0) == 0x80; len--)
			;
	memcpy(text, s, len);
	text[len] = '\0';
	plain_line(text);
	*out++ = '"';
	for (const char *p = text; *p; p++) {
		if (*p == '"')
			*out++ = '"';
		*out++ = *p;
	}
	*out++ = '"';
	return out;
}

char *sample_write(const struct sample *s, char *out)
{
	out = put_micro(out, rounded_us(s->due_wall_ns));
	*out++ = ',';
	out = put_text(out, s->node);
	*out++ = ',';
	if (s->status_code)
		out = put_u64(out, (uint64_t)s->status_code);
	*out++ = ',';
	out = put_milli(out, rounded_us(s->latency_ns));
	*out++ = ',';
	if (s->error != ERROR_NONE)
		out = put_str(out, error_class_name(s->error));
	*out++ = ',';
	if (s->service_ns >= 0)
		out = put_milli(out, rounded_us(s->service_ns));
	*out++ = ',';
	out = put_text(out, s->op);
	*out++ = ',';
	out = put_u64(out, (uint64_t)s->bytes);
	*out++ = ',';
	if (s->slot != SAMPLE_NO_SLOT)
		out = put_slot(out, s->slot);
	*out++ = ',';
	if (s->columns & SAMPLE_WAIT_MS) {
		if (s->slot != SAMPLE_NO_SLOT)
			out = put_milli(out, rounded_us(s->wait_ns));
		*out++ = ',';
	}
	if (s->columns & SAMPLE_REPLICAS) {
		if (s->slot != SAMPLE_NO_SLOT && s->replicas >= 0)
			out = put_u64(out, (uint64_t)s->replicas);
		*out++ = ',';
	}
	if (s->detail && *s->detail)
		out = put_detail(out, s->detail);
	*out++ = '\n';
	return out;
}

char *sample_write_lost(uint64_t count, int64_t from_ns, int64_t to_ns, unsigned columns, char *out)
{
	char detail[ERROR_DETAIL_MAX], *d = detail;
	d = put_str(d, "count=");
	d = put_u64(d, count);
	d = put_str(d, " from=");
	d = put_micro(d, rounded_us(from_ns));
	d = put_str(d, " to=");
	d = put_micro(d, rounded_us(to_ns));
	*d = '\0';
	struct sample s = {.due_wall_ns = from_ns,
			   .service_ns = -1,
			   .columns = columns,
			   .slot = SAMPLE_NO_SLOT,
			   .error = ERROR_LOCAL,
			   .node = csv_text_of(""),
			   .op = csv_text_of("output"),
			   .detail = detail};
	return sample_write(&s, out);
}

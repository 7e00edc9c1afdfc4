#include "csv/csv_row.h"

#include "base/buf.h"
#include "base/num.h"

#include <assert.h>
#include <string.h>

static const char *scan_plain(const char *p, const char *end)
{
	while (p < end && *p != ',' && *p != '\n')
		p++;
	return p < end ? p : NULL;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct csv_text csv_trim(struct csv_text t)
{
	while (t.len && is_blank(*t.at))
		t.at++, t.len--;
	while (t.len && is_blank(t.at[t.len - 1]))
		t.len--;
	return t;
}

static const char *scan_quoted(const char *p, const char *end, struct csv_text *text, bool *odd)
{
	const char *start = ++p;
	for (;;) {
		p = memchr(p, '"', (size_t)(end - p));
		if (!p || end - p < 2)
			return NULL;
		if (p[1] != '"')
			break;
		p += 2;
	}
	*text = csv_trim((struct csv_text){start, (size_t)(p - start)});
	for (p++; p < end && is_blank(*p); p++)
		;
	if (p == end)
		return NULL;
	if (*p == '\r') {
		if (end - p < 2)
			return NULL;
		p += p[1] == '\n';
	}
	if (*p == ',' || *p == '\n')
		return p;
	*odd = true;
	return scan_plain(p, end);
}

const char *csv_scan_field(const char *p, const char *end, struct csv_text *text, bool *odd)
{
	while (p < end && is_blank(*p))
		p++;
	if (p == end)
		return NULL;
	if (*p == '"')
		return scan_quoted(p, end, text, odd);
	const char *start = p;
	p = scan_plain(p, end);
	if (!p)
		return NULL;
	size_t len = (size_t)(p - start);
	if (*p == '\n' && len && p[-1] == '\r')
		len--;
	*text = csv_trim((struct csv_text){start, len});
	return p;
}

static const int64_t powers[] = {1,	 10,	  100,	    1000,      10000,
				 100000, 1000000, 10000000, 100000000, 1000000000};

/* Exponents: rare, so by way of a copy and a double. */
static int slow_fixed(struct csv_text t, unsigned decimals, int64_t *out)
{
	char copy[64];
	double v = 0;
	assert(decimals < ARRAY_LEN(powers));
	if (t.len >= sizeof copy || memchr(t.at, '\0', t.len))
		return -1;
	memcpy(copy, t.at, t.len);
	copy[t.len] = '\0';
	double scale = (double)powers[decimals];
	if (num_double(copy, 0, 9.2e18 / scale, &v))
		return -1;
	*out = (int64_t)(v * scale);
	return 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

int csv_fixed(struct csv_text t, unsigned decimals, int64_t *out)
{
	const char *p = t.at, *end = t.at + t.len;
	uint64_t v = 0;
	unsigned left = decimals;
	if (t.len > 19 + decimals || t.len == 0)
		return t.len ? slow_fixed(t, decimals, out) : -1;
	while (p < end && is_digit(*p))
		v = v * 10 + (uint64_t)(*p++ - '0');
	/* With more digits the scaled value could overflow. */
	if (p == t.at || p - t.at > 19 - (int)decimals)
		return slow_fixed(t, decimals, out);
	if (p < end && *p == '.') {
		for (p++; p < end && is_digit(*p); p++)
			if (left) {
				v = v * 10 + (uint64_t)(*p - '0');
				left--;
			}
	}
	if (p < end || v > (uint64_t)(INT64_MAX / powers[left]))
		return slow_fixed(t, decimals, out);
	*out = (int64_t)v * powers[left];
	return 0;
}

int csv_whole(struct csv_text t, uint64_t *out)
{
	int64_t v, millionths;
	size_t digits = 0;
	if (csv_fixed(t, 0, &v))
		return -1;
	while (digits < t.len && is_digit(t.at[digits]))
		digits++;
	if (digits < t.len && (csv_fixed(t, 6, &millionths) || millionths != v * 1000000))
		return -1;
	*out = (uint64_t)v;
	return 0;
}

/* Whether a number with an exponent has fewer decimals than that asks for: 1.79574e+09 is a time
 * of which the last three hours are gone. */
static bool lost_its_seconds(struct csv_text t)
{
	size_t point = 0, e = 0;
	int64_t exponent;
	while (e < t.len && t.at[e] != 'e' && t.at[e] != 'E')
		e++;
	if (e == t.len)
		return false;
	while (point < e && t.at[point] != '.')
		point++;
	size_t decimals = point < e ? e - point - 1 : 0, sign = e + 1 < t.len && t.at[e + 1] == '+';
	struct csv_text digits = {t.at + e + 1 + sign, t.len - e - 1 - sign};
	return csv_fixed(digits, 0, &exponent) == 0 && exponent > (int64_t)decimals;
}

int csv_unix_time(struct csv_text t, int64_t *ns)
{
	size_t digits = 0;
	while (digits < t.len && is_digit(t.at[digits]))
		digits++;
	/* The number of digits tells the unit: seconds have at most ten until the year 2286. */
	unsigned decimals = digits == 13 ? 6 : digits == 16 ? 3 : digits == 19 ? 0 : 9;
	return csv_fixed(t, decimals, ns) || *ns >= CSV_TIME_END_NS || lost_its_seconds(t) ? -1 : 0;
}

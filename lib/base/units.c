#include "base/units.h"

#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct unit {
	const char *name;
	int64_t ns;
} units[] = {
	/* longest names first, so that "ms" is not read as "m" and a stray "s" */
	{"ns", 1},
	{"us", NS_PER_US},
	{"ms", NS_PER_MS},
	{"s", NS_PER_S},
	{"m", 60 * NS_PER_S},
	{"h", 3600 * NS_PER_S},
};

static const int64_t max_span_ns = 10 * 366 * 86400 * NS_PER_S;

double ns_to_s(int64_t ns)
{
	return (double)ns / 1e9;
}

double ns_to_ms(int64_t ns)
{
	return (double)ns / 1e6;
}

static int64_t nearest_ns(double ns)
{
	if (isnan(ns))
		return 0;
	if (fabs(ns) >= 0x1.0p63)
		return ns < 0 ? INT64_MIN : INT64_MAX;
	/* llround is a call, and takes a sixth of what a due time does */
	int64_t whole = (int64_t)ns;
	double rest = ns - (double)whole;
	return whole + (rest >= 0.5) - (rest <= -0.5);
}

int64_t s_to_ns(double s)
{
	return nearest_ns(s * 1e9);
}

int64_t ms_to_ns(double ms)
{
	return nearest_ns(ms * 1e6);
}

static const struct unit *unit_at(const char *s)
{
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		if (strncmp(s, units[i].name, strlen(units[i].name)) == 0)
			return &units[i];
	return NULL;
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "12", "1.5", ".5": the whole part and up to 18 decimals, in 1e-18, so that no
 * rounding of binary fractions shows. Returns the end, or NULL. */
static const char *parse_decimal(const char *s, int64_t *whole, int64_t *atto)
{
	const char *start = s;
	int64_t place = INT64_C(100000000000000000);
	*whole = *atto = 0;
	for (; digit(*s); s++) {
		if (*whole > max_span_ns)
			return NULL;
		*whole = *whole * 10 + (*s - '0');
	}
	if (*s != '.')
		return s == start ? NULL : s;
	for (s++; digit(*s); s++, place /= 10)
		*atto += place * (*s - '0');
	return s - start > 1 ? s : NULL;
}

int span_parse(const char *s, int64_t *out_ns)
{
	static const struct unit seconds = {"", NS_PER_S};
	const char *start = s;
	int64_t total = 0;
	do {
		int64_t whole, atto, ns;
		const char *end = parse_decimal(s, &whole, &atto);
		if (!end)
			return -1;
		/* A number alone is seconds; behind another part it needs its unit. */
		const struct unit *u = *end || s != start ? unit_at(end) : &seconds;
		if (!u)
			return -1;
		__extension__ typedef __int128 i128;
		int64_t part = (int64_t)(((i128)atto * u->ns + 500000000000000000) /
					 1000000000000000000);
		if (__builtin_mul_overflow(whole, u->ns, &ns) ||
		    __builtin_add_overflow(ns, part, &ns) ||
		    __builtin_add_overflow(total, ns, &total) || total > max_span_ns)
			return -1;
		s = end + strlen(u->name);
	} while (*s);
	*out_ns = total;
	return 0;
}

/* ns / unit_ns with the decimals it takes and no more. */
static int put_decimal(char *out, size_t size, int64_t ns, int64_t unit_ns)
{
	int n = snprintf(out, size, "%lld", (long long)(ns / unit_ns));
	if (ns % unit_ns == 0)
		return n;
	out[n++] = '.';
	for (int64_t rest = ns % unit_ns; rest; rest %= unit_ns) {
		unit_ns /= 10;
		out[n++] = (char)('0' + rest / unit_ns);
	}
	out[n] = '\0';
	return n;
}

char *span_format(int64_t ns, char buf[static SPAN_MAX])
{
	char *at = buf, *end = buf + SPAN_MAX;
	if (ns < 0) {
		*at++ = '-';
		ns = ns == INT64_MIN ? INT64_MAX : -ns;
	}
	if (ns < 60 * NS_PER_S) {
		const struct unit *u = &units[3];
		while (u > units && ns < u->ns && ns > 0)
			u--;
		at += put_decimal(at, (size_t)(end - at), ns, u->ns);
		snprintf(at, (size_t)(end - at), "%s", u->name);
		return buf;
	}
	int64_t h = ns / (3600 * NS_PER_S), m = ns / (60 * NS_PER_S) % 60, s = ns % (60 * NS_PER_S);
	if (h)
		at += snprintf(at, (size_t)(end - at), "%lldh", (long long)h);
	if (m)
		at += snprintf(at, (size_t)(end - at), "%lldm", (long long)m);
	if (s) {
		at += put_decimal(at, (size_t)(end - at), s, NS_PER_S);
		snprintf(at, (size_t)(end - at), "s");
	}
	return buf;
}

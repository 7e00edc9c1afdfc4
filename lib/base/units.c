#include "base/units.h"

#include "base/num.h"

#include <math.h>
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

static const double max_span_s = 10 * 366 * 86400.0;

double ns_to_s(int64_t ns)
{
	return (double)ns / 1e9;
}

double ns_to_ms(int64_t ns)
{
	return (double)ns / 1e6;
}

int64_t s_to_ns(double s)
{
	return llround(s * 1e9);
}

int64_t ms_to_ns(double ms)
{
	return llround(ms * 1e6);
}

static const struct unit *unit_at(const char *s)
{
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		if (strncmp(s, units[i].name, strlen(units[i].name)) == 0)
			return &units[i];
	return NULL;
}

int span_parse(const char *s, int64_t *out_ns)
{
	static const struct unit seconds = {"", NS_PER_S};
	double total_s = 0;
	if (!*s)
		return -1;
	while (*s) {
		char digits[32];
		size_t n = strspn(s, "0123456789.");
		if (n == 0 || n >= sizeof digits)
			return -1;
		memcpy(digits, s, n);
		digits[n] = '\0';
		double v;
		if (num_double(digits, 0, max_span_s * 1e9, &v))
			return -1;
		s += n;
		const struct unit *u = *s ? unit_at(s) : &seconds;
		if (!u)
			return -1;
		s += strlen(u->name);
		total_s += v * (double)u->ns / 1e9;
	}
	if (total_s > max_span_s)
		return -1;
	*out_ns = s_to_ns(total_s);
	return 0;
}

char *span_format(int64_t ns, char buf[static SPAN_MAX])
{
	if (ns >= 60 * NS_PER_S) {
		int64_t h = ns / (3600 * NS_PER_S), m = ns / (60 * NS_PER_S) % 60;
		double s = ns_to_s(ns % (60 * NS_PER_S));
		int n = h ? snprintf(buf, SPAN_MAX, "%lldh", (long long)h) : 0;
		if (m)
			n += snprintf(buf + n, SPAN_MAX - (size_t)n, "%lldm", (long long)m);
		if (s > 0)
			snprintf(buf + n, SPAN_MAX - (size_t)n, "%.9gs", s);
		return buf;
	}
	const struct unit *u = &units[3];
	while (u > units && ns < u->ns && ns > 0)
		u--;
	snprintf(buf, SPAN_MAX, "%.12g%s", (double)ns / (double)u->ns, u->name);
	return buf;
}

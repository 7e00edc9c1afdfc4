#include "base/num.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int num_u64(const char *s, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;
	if (!*s)
		return -1;
	for (; *s; s++) {
		if (!isdigit((unsigned char)*s))
			return -1;
		if (__builtin_mul_overflow(v, 10U, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*s - '0'), &v))
			return -1;
	}
	if (v > max)
		return -1;
	*out = v;
	return 0;
}

int num_i64(const char *s, int64_t min, int64_t max, int64_t *out)
{
	bool negative = *s == '-';
	uint64_t v;
	if (num_u64(s + negative, (uint64_t)INT64_MAX, &v))
		return -1;
	int64_t n = negative ? -(int64_t)v : (int64_t)v;
	if (n < min || n > max)
		return -1;
	*out = n;
	return 0;
}

int num_double(const char *s, double min, double max, double *out)
{
	if (!*s || strspn(s, "0123456789.eE+-") != strlen(s) || *s == '+')
		return -1;
	char *end;
	double v = strtod(s, &end);
	if (*end || end == s || !isfinite(v) || v < min || v > max)
		return -1;
	*out = v + 0.0; /* "-0" is 0 */
	return 0;
}

int num_by_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

double num_median(double *values, size_t n)
{
	if (n == 0)
		return NAN;
	qsort(values, n, sizeof *values, num_by_double);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

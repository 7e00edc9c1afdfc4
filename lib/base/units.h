/* Time spans in text, and all conversions between nanoseconds and floating point. */
#ifndef BASE_UNITS_H
#define BASE_UNITS_H

#include <stdint.h>

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S INT64_C(1000000000)

double ns_to_s(int64_t ns);
double ns_to_ms(int64_t ns);
/* Round to the nearest; NaN is 0, what int64_t cannot hold its nearest bound. */
int64_t s_to_ns(double s);
int64_t ms_to_ns(double ms);

/* "20" and "20s" are seconds; "150ms", "3m", "1.5h", "80us", "1m30s" too. Decimals
 * are exact. Returns 0, or -1 if it is no span, negative, or above 10 years. */
int span_parse(const char *s, int64_t *out_ns);

/* Writes the shortest exact form ("90s" → "1m30s", "1500000ns" → "1.5ms"), which
 * span_parse reads back unless it is negative; returns buf. */
#define SPAN_MAX 32
char *span_format(int64_t ns, char buf[static SPAN_MAX]);

#endif

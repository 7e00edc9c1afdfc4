/* Numbers from outside: the whole string or nothing, no sign on unsigned,
 * no octal, no hexadecimal, no infinities. Return 0, or -1 if it is no such number
 * or lies outside [min, max]. */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stddef.h>
#include <stdint.h>

int num_i64(const char *s, int64_t min, int64_t max, int64_t *out);
int num_u64(const char *s, uint64_t max, uint64_t *out);
int num_double(const char *s, double min, double max, double *out);

/* For qsort: doubles in rising order. */
int num_by_double(const void *a, const void *b);

/* Sorts them; NaN if there are none. */
double num_median(double *values, size_t n);

#endif

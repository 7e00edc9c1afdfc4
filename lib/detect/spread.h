/* How much counts vary from window to window, and what that says of their sum. */
#ifndef DETECT_SPREAD_H
#define DETECT_SPREAD_H

#include <stdbool.h>
#include <stddef.h>

/* The counts of n windows and what was expected of each. */
struct counted {
	const double *x, *expected;
	size_t n;
};

/* Index of dispersion of the sums of length windows in a row: 1 for Poisson. */
double dispersion_of_blocks(const struct counted *c, size_t length);

/* Generators more regular than Poisson have less than 1; at least 0.2 is assumed, plus three
 * standard errors of the variance estimate. */
double dispersion_at_least(double dispersion, size_t n);

/* Index of dispersion of the sum over a whole run. */
struct spread {
	double dispersion;
	size_t freedom;	 /* degrees of freedom it was estimated with; 0: known */
	bool unresolved; /* still growing with the longest blocks: runs differ by more than their noise */
};

/* Estimates it from several series, each around its own mean. Blocks count only where they vary
 * by more than chance explains; least: what is assumed otherwise. */
struct spread spread_of(const struct counted *all, size_t count, double least);

#endif

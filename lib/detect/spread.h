/* How much counts vary from window to window, and what that says of their sum over a whole run.
 *
 * Windows that follow one another are alike, so the sum varies by more than they do. By how much shows in
 * the slow movements within a run: its first cosine coefficients (Lazarus, Lewis, Stock and Watson 2018).
 * They are taken as independent noise, whose size is known, and a level that forgets itself, a
 * first-order autoregression: each of many times that the level may last and of many sizes, weighted by its
 * likelihood, extrapolates to the run as a whole. Where levels last as long as the run, next to nothing
 * is known, and the half width says so. */
#ifndef DETECT_SPREAD_H
#define DETECT_SPREAD_H

#include <stdbool.h>
#include <stddef.h>

/* The counts of n windows and what was expected of each; equal in sum. */
struct counted {
	const double *x, *expected;
	size_t n;
};

enum {
	SPREAD_TIMES = 20, /* how long a level lasts: 1, 2, 4, ... windows, up to some times the run */
	SPREAD_SIZES = 16, /* how much it varies */
};

/* Of the difference of two sums: a mixture of normal distributions. */
struct spread {
	double weight[SPREAD_TIMES * SPREAD_SIZES]; /* 1 in sum */
	double scale[SPREAD_TIMES * SPREAD_SIZES];  /* relative to independent counts */
	bool lasting; /* levels last too long for the run: longer ones need not tell more */
};

/* How long levels may last, before anything is seen of them. */
struct spread_prior {
	double twice; /* how likely are levels that last twice as long */
	double reach; /* the longest, in lengths of the run */
};

/* Runs at different times: a level may last longer than each, and a short run cannot tell. */
extern const struct spread_prior spread_between_runs;

/* Seconds of one run that follow one another: what lasts longer than these shifts them alike. */
extern const struct spread_prior spread_within_run;

/* Estimates it from several series, each around its own mean. variance: of one independent count,
 * relative to its expectation; least: what part of that is there in any case. like: a metric of the same
 * windows whose levels last as long, or NULL. */
struct spread spread_of(const struct counted *all, size_t count, double variance, double least,
			const struct spread_prior *prior, const struct spread *like);

/* Half the width of a two-sided interval at level alpha. */
double spread_half(const struct spread *s, double alpha);

/* Two-sided critical value at level alpha: of Student's t with the given degrees of freedom, of
 * the normal distribution if freedom is 0 (Abramowitz and Stegun 26.7). */
double critical_value(double alpha, size_t freedom);

#endif

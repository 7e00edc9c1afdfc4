#include "detect/spread.h"

#include "detect/compare.h"

#include <math.h>

enum { BLOCKS_MIN = 6 }; /* least number of blocks for a variance */

/* Sums over the blocks of several series. */
struct blocks {
	double squares, want; /* around the mean of each series */
	size_t count, series;
};

static void add_blocks(struct blocks *b, const struct counted *c, size_t length)
{
	size_t blocks = c->n / length;
	double sum = 0, squares = 0;
	if (blocks < 2)
		return;
	for (size_t i = 0; i < blocks; i++) {
		double s = 0;
		for (size_t k = i * length; k < (i + 1) * length; k++) {
			s += c->x[k] - c->expected[k];
			b->want += c->expected[k];
		}
		sum += s;
		squares += s * s;
	}
	b->squares += fmax(0, squares - sum * sum / (double)blocks);
	b->count += blocks;
	b->series++;
}

static double dispersion_in(const struct blocks *b)
{
	if (!(b->want > 0))
		return 0;
	return b->squares / (double)(b->count - b->series) / (b->want / (double)b->count);
}

double dispersion_of_blocks(const struct counted *c, size_t length)
{
	struct blocks b = {0};
	add_blocks(&b, c, length);
	return dispersion_in(&b);
}

double dispersion_at_least(double dispersion, size_t n)
{
	if (dispersion >= 1 || n < 8)
		return fmax(1, dispersion);
	return fmin(1, fmax(0.2, dispersion * (1 + 3 * sqrt(2 / (double)n))));
}

/* Whether chance explains in fewer than one of 20 cases that one dispersion is above another. */
static bool beyond(double dispersion, double other, size_t freedom)
{
	return dispersion > other * (1 + 1.645 * sqrt(2 / (double)freedom));
}

/* Longest blocks, and windows, of the series. */
static size_t longest_blocks(const struct counted *all, size_t count, double *windows)
{
	size_t longest = 0;
	*windows = 0;
	for (size_t i = 0; i < count; i++) {
		*windows += (double)all[i].n / (double)count;
		longest = all[i].n > longest ? all[i].n : longest;
	}
	return longest / BLOCKS_MIN;
}

struct spread spread_of(const struct counted *all, size_t count, double least)
{
	const double alpha = 0.01, much = 1.4; /* independent blocks would grow by 1, a trend by 2 */
	struct spread best = {.dispersion = least};
	double widest = critical_value(alpha, 0) * sqrt(least), normal = least, before = least, windows;
	size_t longest = longest_blocks(all, count, &windows);
	for (size_t length = 1; length <= longest; length *= 2) {
		struct blocks b = {0};
		for (size_t i = 0; i < count; i++)
			if (all[i].n / length >= BLOCKS_MIN)
				add_blocks(&b, &all[i], length);
		size_t freedom = b.count - b.series;
		double here = dispersion_in(&b), grown = here / fmax(least, before);
		bool varies = beyond(here, normal, freedom), last = 2 * length > longest;
		before = here;
		normal = length == 1 ? fmax(least, here) : normal;
		if (!varies)
			continue;
		/* What has not stopped growing goes on to; of a trend there is one observation. */
		bool unresolved = last && length > 1 && grown > much;
		if (last && grown > 1)
			here *= pow(windows / (double)length, log2(fmin(2, grown)));
		freedom = unresolved ? 1 : freedom;
		double wide = critical_value(alpha, freedom) * sqrt(here);
		if (wide > widest)
			best = (struct spread){here, freedom, unresolved};
		widest = fmax(wide, widest);
	}
	return best;
}

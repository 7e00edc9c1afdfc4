#include "detect/spread.h"

#include "base/buf.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum { COEFFICIENTS = 20 }; /* of each series; of a short one, half its windows */

/* For how many windows a level lasts. */
static double lasts(size_t time)
{
	return (double)(UINT64_C(1) << time);
}

/* The square of the j-th cosine coefficient, relative to what independent counts have. */
static double power_of(const struct counted *c, size_t j, double variance)
{
	double angle = M_PI * (double)j / (double)c->n, sum = 0, expected = 0;
	double wave = cos(angle / 2), before = wave; /* cos(angle * (k + 0.5)), by recurrence */
	for (size_t k = 0; k < c->n; k++) {
		double next = 2 * cos(angle) * wave - before;
		sum += (c->x[k] - c->expected[k]) * wave;
		expected += c->expected[k];
		before = wave;
		wave = next;
	}
	return expected > 0 ? 2 * sum * sum / (expected * variance) : 0;
}

/* A series of first-order autoregression: its spectrum at the j-th coefficient, and the variance of
 * its sum, both relative to the spectrum at frequency 0. */
static double spectrum_at(double rho, double j, double n)
{
	return (1 - rho) * (1 - rho) / (1 - 2 * rho * cos(M_PI * j / n) + rho * rho);
}

static double variance_of_sum(double rho, double n)
{
	return 1 - 2 * rho * (1 - pow(rho, n)) / (n * (1 - rho * rho));
}

/* A coefficient of a series of n windows. */
struct coefficient {
	double j, n, power;
};

static struct coefficient *coefficients(const struct counted *all, size_t count, double variance,
					size_t *found)
{
	struct coefficient *c = mem_alloc((count * COEFFICIENTS + 1) * sizeof *c);
	*found = 0;
	for (size_t i = 0; i < count; i++)
		for (size_t j = 1; j <= COEFFICIENTS && 2 * j <= all[i].n; j++)
			c[(*found)++] = (struct coefficient){(double)j, (double)all[i].n,
							     power_of(&all[i], j, variance)};
	return c;
}

/* The likelihood, as a logarithm, of levels that last like rho and whose power is level at frequency 0,
 * beside the independent part. */
static double likelihood(const struct coefficient *c, size_t count, double rho, double level,
			 double independent)
{
	double sum = 0;
	for (size_t i = 0; i < count; i++) {
		double power = independent + level * spectrum_at(rho, c[i].j, c[i].n);
		sum -= (log(power) + c[i].power / power) / 2;
	}
	return sum;
}

/* Fills what belongs to one time that levels last, for powers of the level from an eighth of the independent
 * part to eight times what was seen. That part is no more than what was seen: what hardly varies hides
 * no level. The weights are logarithms. */
static void fit(struct spread *s, size_t time, const struct coefficient *c, size_t count, double least,
		double prior)
{
	double rho = 1 - 1 / lasts(time), power = 0, shape = 0, of_sum = 0;
	for (size_t i = 0; i < count; i++) {
		power += c[i].power / (double)count;
		shape += spectrum_at(rho, c[i].j, c[i].n) / (double)count;
		of_sum += variance_of_sum(rho, c[i].n) / (double)count;
	}
	double independent = fmax(least / 1000, fmin(least, power));
	double step = pow(64 * (independent + power) / independent, 1.0 / (SPREAD_SIZES - 1));
	for (size_t i = 0; i < SPREAD_SIZES; i++) {
		double level = independent / 8 * pow(step, (double)i) / shape;
		size_t at = time * SPREAD_SIZES + i;
		s->scale[at] = sqrt(fmax(least, independent + level * of_sum));
		s->weight[at] = likelihood(c, count, rho, level, independent) + prior;
	}
}

const struct spread_prior spread_between_runs = {.twice = 0.85, .reach = 20};
const struct spread_prior spread_within_run = {.twice = 2.0 / 3, .reach = 5};

static double log_prior(const struct spread_prior *prior, const struct spread *like, size_t time)
{
	double sum = 0;
	if (!like)
		return (double)time * log(prior->twice);
	for (size_t i = 0; i < SPREAD_SIZES; i++)
		sum += like->weight[time * SPREAD_SIZES + i];
	return log(sum);
}

struct spread spread_of(const struct counted *all, size_t count, double variance, double least,
			const struct spread_prior *prior, const struct spread *like)
{
	struct spread s = {.lasting = false};
	double most = -(double)INFINITY, sum = 0, lasting = 0;
	size_t found, times = 0;
	struct coefficient *c = coefficients(all, count, variance, &found);
	double windows = found ? c[0].n : 0;
	for (; times < SPREAD_TIMES && lasts(times) < prior->reach * windows; times++)
		fit(&s, times, c, found, least, log_prior(prior, like, times));
	free(c);
	if (!found)
		return (struct spread){.weight = {1}, .scale = {sqrt(least)}};
	for (size_t i = 0; i < times * SPREAD_SIZES; i++)
		most = fmax(most, s.weight[i]);
	for (size_t i = 0; i < times * SPREAD_SIZES; i++) {
		s.weight[i] = exp(s.weight[i] - most);
		sum += s.weight[i];
		lasting += lasts(i / SPREAD_SIZES) > fmax(8, windows / 5) ? s.weight[i] : 0;
	}
	for (size_t i = 0; i < times * SPREAD_SIZES; i++)
		s.weight[i] /= sum;
	s.lasting = lasting > sum / 2;
	return s;
}

/* The probability that Student's t lies between -t and t. */
static double within(double t, size_t freedom)
{
	if (freedom == 0)
		return erf(t / sqrt(2));
	double angle = atan(t / sqrt((double)freedom)), c = cos(angle), term, sum = 0;
	bool odd = freedom % 2;
	term = odd ? c : 1;
	for (size_t i = odd ? 1 : 0; i + 2 <= freedom; i += 2) {
		sum += term;
		term *= c * c * (double)(i + 1) / (double)(i + 2);
	}
	return odd ? 2 / M_PI * (angle + sin(angle) * sum) : sin(angle) * sum;
}

static double outside(const struct spread *s, double half)
{
	double sum = 0;
	for (size_t i = 0; i < SPREAD_TIMES * SPREAD_SIZES; i++)
		if (s->weight[i] > 1e-6)
			sum += s->weight[i] * erfc(half / s->scale[i] / sqrt(2));
	return sum;
}

double spread_half(const struct spread *s, double alpha)
{
	double low = 0, high = 1;
	while (high < 1e9 && outside(s, high) > alpha)
		high *= 2;
	for (int i = 0; i < 40; i++) {
		double middle = (low + high) / 2;
		*(outside(s, middle) > alpha ? &low : &high) = middle;
	}
	return high;
}

double critical_value(double alpha, size_t freedom)
{
	double low = 0, high = 1;
	while (high < 1e9 && within(high, freedom) < 1 - alpha)
		high *= 2;
	for (int i = 0; i < 80; i++) {
		double middle = (low + high) / 2;
		*(within(middle, freedom) < 1 - alpha ? &low : &high) = middle;
	}
	return high;
}

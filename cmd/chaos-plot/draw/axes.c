#include "draw/axes.h"

#include <math.h>

double axis_top(double max)
{
	if (!(max > 0))
		return 1;
	double step = pow(10, floor(log10(max)) - 1);
	return ceil(max * 1.06 / step) * step;
}

void log_range_add(struct log_range *r, double v)
{
	if (!(v > 0))
		return;
	if (!(r->low > 0) || v < r->low)
		r->low = v;
	if (v > r->high)
		r->high = v;
}

/* Factor between the axis and the lowest value, so that no curve lies on the axis. */
#define LOG_AIR 1.15

static const double steps[] = {1, 2, 5};

/* The nearest of 1, 2, 5 times a power of ten at or below v. */
static double step_below(double v)
{
	double decade = pow(10, floor(log10(v) + 1e-9));
	double found = decade;
	for (size_t i = 0; i < ARRAY_LEN(steps); i++)
		if (steps[i] * decade <= v * (1 + 1e-9))
			found = steps[i] * decade;
	return found;
}

void log_range_set(struct log_range *r, struct buf *out)
{
	if (!(r->high > 0))
		*r = (struct log_range){1, 100};
	double low = step_below(r->low / LOG_AIR), high = step_below(r->high) * 2.5;
	if (high < low * 10)
		high = low * 10;
	bool decades_only = high / low > 3e3;
	/* a tic on the very end of a logarithmic axis may be lost to rounding */
	buf_addf(out, "set logscale y\nset yrange [%.9g:%.9g]\nset ytics (", low * 0.99999,
		 high * 1.00001);
	const char *comma = "";
	for (double decade = pow(10, floor(log10(low) + 1e-9)); decade <= high; decade *= 10)
		for (size_t i = 0; i < (decades_only ? 1 : ARRAY_LEN(steps)); i++) {
			double at = steps[i] * decade;
			if (at < low * 0.999 || at > high)
				continue;
			buf_addf(out, "%s'%.9g' %.9g", comma, at, at);
			comma = ", ";
		}
	buf_addstr(out, ") nomirror scale 0\n");
}

/* True if seconds are missing before second i. */
static bool gap_before(const struct series *s, size_t i)
{
	const struct second *prev = &s->seconds[i - 1];
	return s->seconds[i].start_s > prev->start_s + prev->length_s + 1e-6;
}

static void rate_row(struct buf *out, double at_s, const struct second *x)
{
	double len = x->length_s > 0 ? x->length_s : 1;
	buf_addf(out, "%.6g %.6g %.6g %.6g\n", at_s, x->due / len, x->ok / len, x->errors / len);
}

static void latency_row(struct buf *out, double at_s, const struct second *x)
{
	buf_addf(out, "%.6g %.6g %.6g\n", at_s, x->p50_ms, x->p99_ms);
}

static bool has_rate(const struct second *x)
{
	return !x->unmeasured;
}

static bool has_latency(const struct second *x)
{
	return !x->unmeasured && !isnan(x->p50_ms);
}

/* Writes rows for the seconds that have values; a sequence of them ends with a row at its end. */
static void data_block(struct buf *out, const char *name, const struct series *s,
		       bool (*has)(const struct second *),
		       void (*row)(struct buf *, double, const struct second *))
{
	struct series worst;
	const struct second *open = NULL;
	buf_addf(out, "$%s <<EOD\n", name);
	series_worst(s, &worst);
	for (size_t i = 0; i < worst.count; i++) {
		const struct second *x = &worst.seconds[i];
		if (open && (!has(x) || gap_before(&worst, i))) {
			row(out, open->start_s + open->length_s, open);
			buf_addch(out, '\n');
			open = NULL;
		}
		if (!has(x))
			continue;
		row(out, x->start_s, x);
		open = x;
	}
	if (open)
		row(out, open->start_s + open->length_s, open);
	buf_addstr(out, "EOD\n");
	series_release(&worst);
}

void data_rates(struct buf *out, const char *name, const struct series *s)
{
	data_block(out, name, s, has_rate, rate_row);
}

void data_latency(struct buf *out, const char *name, const struct series *s)
{
	data_block(out, name, s, has_latency, latency_row);
}

void axis_x(struct buf *out, double end_s, bool labelled)
{
	buf_addf(out,
		 "set border 3 lc rgb '#999999'\n"
		 "set grid xtics ytics lt 1 lw 0.6 lc rgb '#E3E3E3' back\n"
		 "set xrange [0:%.6f]\n"
		 "set tics textcolor rgb '%s'\n"
		 "set xtics out nomirror autofreq scale %s format '%s'\n",
		 end_s, COLOUR_TEXT, labelled ? "0.5" : "0", labelled ? "%g" : "");
}

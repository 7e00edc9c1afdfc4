#include "draw/axes.h"

#include <math.h>

const char *axis_format(double top)
{
	return top < 1e4 ? "%g" : top < 1e6 ? "%.0s %c" : "%.1s %c";
}

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

void log_range_set(struct log_range *r, double height_px, struct buf *out)
{
	if (!(r->high > 0))
		*r = (struct log_range){1, 100};
	double low = step_below(r->low / LOG_AIR), high = step_below(r->high) * 2.5;
	if (high < low * 10)
		high = low * 10;
	bool decades_only = high / low > 3e3 || height_px < 0.7 * LOW_PX;
	*r = (struct log_range){low, high};
	/* a tic on the very end of an axis may be lost to rounding */
	buf_addf(out, "set yrange [%.9g:%.9g]\nset ytics (", log10(low) - 1e-5, log10(high) + 1e-5);
	const char *comma = "";
	for (double decade = pow(10, floor(log10(low) + 1e-9)); decade <= high; decade *= 10)
		for (size_t i = 0; i < (decades_only ? 1 : ARRAY_LEN(steps)); i++) {
			double at = steps[i] * decade;
			if (at < low * 0.999 || at > high)
				continue;
			buf_addf(out, "%s'%.9g' %.9g", comma, at, log10(at));
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

struct layers error_layers(const struct series *s)
{
	double sums[ERROR_COUNT] = {0};
	struct layers l = {0};
	for (size_t i = 0; i < s->count; i++)
		for (size_t c = 0; s->seconds[i].classes && c < ERROR_COUNT; c++)
			sums[c] += s->seconds[i].classes[c];
	while (l.count < LAYERS_MAX) {
		size_t most = 0;
		for (size_t c = 1; c < ERROR_COUNT; c++)
			if (sums[c] > sums[most])
				most = c;
		if (!(sums[most] > 0))
			return l;
		l.of[l.count++] = (enum error_class)most;
		sums[most] = 0;
	}
	for (size_t c = 0; c < ERROR_COUNT; c++)
		l.more = l.more || sums[c] > 0;
	return l;
}

const char *layer_name(enum error_class c)
{
	return c == ERROR_NONE ? "other" : error_class_name(c);
}

/* The errors, then what is left of them without those of the first layer, of the first two, .... */
static void rate_row(struct buf *out, double at_s, const struct second *x, const struct layers *l)
{
	double len = x->length_s > 0 ? x->length_s : 1, sum = 0, left = 1;
	for (size_t c = 0; x->classes && c < ERROR_COUNT; c++)
		sum += x->classes[c];
	buf_addf(out, "%.6g %.6g %.6g %.6g", at_s, x->due / len, x->ok / len, x->errors / len);
	for (size_t i = 0; i + !l->more < l->count; i++) {
		left -= sum > 0 ? x->classes[l->of[i]] / sum : i == 0;
		buf_addf(out, " %.6g", x->errors / len * fmax(left, 0));
	}
	buf_addch(out, '\n');
}

/* Both ends of the step, so that what lies between two lines through them is in steps, too. */
static void due_step(struct buf *out, double at_s, const struct second *x, const struct layers *l)
{
	double len = x->length_s > 0 ? x->length_s : 1, rate = x->due / len;
	(void)l;
	if (at_s < x->start_s + len) /* else it ends a sequence, and is there */
		buf_addf(out, "%.6g %.6g\n%.6g %.6g\n", at_s, rate, at_s + len, rate);
}

static void latency_row(struct buf *out, double at_s, const struct second *x, const struct layers *l)
{
	(void)l;
	buf_addf(out, "%.6g %.6g %.6g\n", at_s, x->p50_ms, x->p99_ms);
}

static void trust_row(struct buf *out, double at_s, const struct second *x, const struct layers *l)
{
	(void)l;
	buf_addf(out, "%.6g %.6g %.6g\n", at_s, x->in_flight, x->late_ms);
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
		       void (*row)(struct buf *, double, const struct second *, const struct layers *))
{
	const struct layers layers = error_layers(s);
	struct series worst;
	const struct second *open = NULL;
	buf_addf(out, "$%s <<EOD\n", name);
	series_worst(s, &worst);
	for (size_t i = 0; i < worst.count; i++) {
		const struct second *x = &worst.seconds[i];
		if (open && (!has(x) || gap_before(&worst, i))) {
			row(out, open->start_s + open->length_s, open, &layers);
			buf_addch(out, '\n');
			open = NULL;
		}
		if (!has(x))
			continue;
		row(out, x->start_s, x, &layers);
		open = x;
	}
	if (open)
		row(out, open->start_s + open->length_s, open, &layers);
	buf_addstr(out, "EOD\n");
	series_release(&worst);
}

void data_rates(struct buf *out, const char *name, const struct series *s)
{
	data_block(out, name, s, has_rate, rate_row);
}

void data_due(struct buf *out, const char *name, const struct series *s)
{
	data_block(out, name, s, has_rate, due_step);
}

bool data_narrow(struct buf *out, const char *name, const struct series *s, double most_s)
{
	const struct layers layers = error_layers(s);
	bool any = false;
	struct series worst;
	series_worst(s, &worst);
	buf_addf(out, "$%s <<EOD\n", name);
	for (size_t i = 0, end; i < worst.count; i = end) {
		const struct second *first = &worst.seconds[i];
		double length = 0;
		for (end = i; end < worst.count && worst.seconds[end].errors > 0; end++)
			length += worst.seconds[end].length_s;
		bool narrow = length > 0 && length <= most_s;
		for (size_t k = 0; narrow && k < end - i; k++)
			rate_row(out, first[k].start_s, &first[k], &layers);
		any = any || narrow;
		end += end == i;
	}
	buf_addstr(out, "EOD\n");
	series_release(&worst);
	return any;
}

void data_trust(struct buf *out, const char *name, const struct series *s)
{
	data_block(out, name, s, has_rate, trust_row);
}

void data_latency(struct buf *out, const char *name, const struct series *s)
{
	data_block(out, name, s, has_latency, latency_row);
}

void axis_y(struct buf *out, double top, double height_px)
{
	double decade = pow(10, floor(log10(top)));
	buf_addf(out, "set yrange [0:%.9g]\nset ytics autofreq nomirror scale 0 format '%s'\n", top, axis_format(top));
	if (height_px < LOW_PX)
		buf_addf(out, "set ytics 0,%.9g\n", decade * (top >= 5 * decade ? 5 : top >= 2 * decade ? 2 : 1));
}

void axis_x(struct buf *out, double from_s, double end_s, bool labelled)
{
	buf_addf(out,
		 "set border 3 lc rgb " COLOUR_AXIS "\n"
		 "set grid xtics ytics lt 1 lw 0.6 lc rgb " COLOUR_GRID " back\n"
		 "set xrange [%.6g:%.6f]\n"
		 "set tics textcolor rgb %s\n"
		 "set xtics out nomirror autofreq scale %s format '%s'\n",
		 from_s, end_s, COLOUR_TEXT, labelled ? "0.5" : "0", labelled ? "%g" : "");
}

#include "draw/latency.h"

#include "base/buf.h"

#include <math.h>
#include <stdlib.h>

bool latency_range(const struct series *s, struct log_range *r)
{
	bool any = false;
	for (size_t i = 0; i < s->count; i++) {
		const struct second *x = &s->seconds[i];
		any = any || !isnan(x->p50_ms);
		log_range_add(r, x->p50_ms);
		log_range_add(r, x->p99_ms);
		for (size_t k = 0; k < x->latency_count; k++)
			log_range_add(r, x->latencies[k].ms);
	}
	return any;
}

enum { HEAT_COLUMNS = 300, HEAT_ROWS_MAX = 80, HEAT_ROWS_OCTAVE = 4 };

/* Columns of equal time and rows of equal ratio. */
struct heat {
	double *cells; /* by column */
	size_t columns, rows;
	double column_s, low, row; /* low and row are logarithms */
	double least; /* what is less is not shown */
};

/* How far the steps from.. and to.. overlap, of the length of the first. */
static double overlap(double from, double to, double low, double high)
{
	return fmax(fmin(to, high) - fmax(from, low), 0) / (to - from);
}

/* A step of an eighth of an octave, over the rows that it overlaps; what is below the axis is in the lowest. */
static void heat_add_latency(const struct heat *h, double *column, double ms, double count)
{
	double half = ms * 1e6 > 512 ? exp2(floor(log2(ms * 1e6))) / 16e6 : 32e-6;
	double from = log10(fmax(ms - half, 1e-9)), to = log10(ms + half);
	if (to <= h->low + h->row) {
		column[0] += count;
		return;
	}
	for (double k = fmax(floor((from - h->low) / h->row), 0); k < (double)h->rows && h->low + k * h->row < to; k++)
		column[(size_t)k] += count * overlap(from, to, h->low + k * h->row, h->low + (k + 1) * h->row);
}

static void heat_add(const struct heat *h, const struct second *x)
{
	double from = x->start_s, to = from + fmax(x->length_s, 1e-9);
	for (size_t c = (size_t)(from / h->column_s + 1e-6); c < h->columns && (double)c * h->column_s < to - 1e-6; c++) {
		double share = overlap(from, to, (double)c * h->column_s, (double)(c + 1) * h->column_s);
		for (size_t k = 0; k < x->latency_count; k++)
			heat_add_latency(h, h->cells + c * h->rows, x->latencies[k].ms, x->latencies[k].count * share);
	}
}

/* Even a single request among many can be seen: the colour goes with the root, from a floor on. */
static void heat_print(struct buf *out, const struct heat *h)
{
	double most = 0;
	for (size_t i = 0; i < h->columns * h->rows; i++)
		most = fmax(most, h->cells[i]);
	for (size_t r = 0; r < h->rows; r++)
		for (size_t c = 0; c < h->columns; c++) {
			double n = h->cells[c * h->rows + r];
			buf_addf(out, "%.0f%c", n > h->least ? 36 + 219 * sqrt(n / most) : 0, c + 1 < h->columns ? ' ' : '\n');
		}
}

void heat_map(struct buf *out, const char *name, const struct series *s, double end_s, const struct log_range *r,
	      struct buf *plots)
{
	struct heat h = {.low = log10(r->low)};
	bool any = false;
	double length = s->count && s->seconds[0].length_s > 0 ? s->seconds[0].length_s : 1;
	for (size_t i = 0; i < s->count && !any; i++)
		any = s->seconds[i].latency_count;
	if (!any)
		return;
	/* A column is a number of windows, so that none has more than another, or a part of one: browsers blur
	 * the edges of columns. */
	double windows = fmax(end_s / length, 1);
	h.column_s = length * (windows > HEAT_COLUMNS ? ceil(windows / HEAT_COLUMNS) : 1 / ceil(HEAT_COLUMNS / windows));
	h.least = 0.01 * fmin(h.column_s / length, 1);
	h.columns = (size_t)ceil(end_s / h.column_s - 1e-6);
	h.rows = (size_t)fmin(ceil(log2(r->high / r->low) * HEAT_ROWS_OCTAVE), HEAT_ROWS_MAX);
	h.row = (log10(r->high) - h.low) / (double)h.rows;
	h.cells = mem_alloc(h.columns * h.rows * sizeof *h.cells);
	for (size_t i = 0; i < s->count; i++)
		heat_add(&h, &s->seconds[i]);
	buf_addf(out, "$%s <<EOD\n", name);
	heat_print(out, &h);
	buf_addstr(out, "EOD\n");
	buf_addf(plots, "$%s matrix using (%.9g*($1+0.5)):(%.9g+%.9g*($2+0.5)):(heat_r):(heat_g):(heat_b):3 with rgbalpha notitle, ",
		 name, h.column_s, h.low, h.row);
	free(h.cells);
}

static int by_latency(const void *a, const void *b)
{
	const struct latency_count *x = a, *y = b;
	return (x->ms > y->ms) - (x->ms < y->ms);
}

/* The latencies of a curve, sorted, and how many there are. The caller frees. */
static struct latency_count *collect(const struct curve *c, size_t *count, double *total)
{
	struct second sum = {0};
	*total = 0;
	for (size_t i = 0; i < c->of->count; i++) {
		const struct second *x = &c->of->seconds[i];
		if (x->start_s >= c->from_s - 1e-6 && x->start_s < c->to_s - 1e-6)
			second_add(&sum, x);
	}
	free(sum.classes);
	size_t kept = 0;
	if (sum.latency_count)
		qsort(sum.latencies, sum.latency_count, sizeof *sum.latencies, by_latency);
	for (size_t i = 0; i < sum.latency_count; i++) {
		*total += sum.latencies[i].count;
		if (kept && sum.latencies[kept - 1].ms >= sum.latencies[i].ms)
			sum.latencies[kept - 1].count += sum.latencies[i].count;
		else
			sum.latencies[kept++] = sum.latencies[i];
	}
	*count = kept;
	return sum.latencies;
}

enum { CERTAIN = 10 }; /* samples beyond a percentile */

/* Rows of log10(1/(1 − p)) and ms; the second index is what fewer than ten samples tell. */
static double data_curve(struct buf *out, size_t number, const struct latency_count *all, size_t count, double total,
			 struct log_range *range)
{
	double slower = total, x = 0;
	bool certain = true;
	buf_addf(out, "$curve%zu <<EOD\n", number);
	for (size_t i = 0; i < count; i++) {
		x = log10(total / (slower - all[i].count / 2));
		slower -= all[i].count;
		buf_addf(out, "%.6g %.6g\n", x, log10(fmax(all[i].ms, 1e-6)));
		log_range_add(range, all[i].ms);
		if (certain && slower < CERTAIN) {
			certain = false;
			buf_addf(out, "\n\n%.6g %.6g\n", x, log10(fmax(all[i].ms, 1e-6)));
		}
	}
	x = log10(2 * total); /* the slowest of all */
	buf_addf(out, "%.6g %.6g\nEOD\n", x, log10(fmax(all[count - 1].ms, 1e-6)));
	return x;
}

static void percentile_axis(struct buf *out, double end)
{
	static const char *const names[] = {"90", "99", "99.9", "99.99", "99.999", "99.9999"};
	buf_addf(out, "set xrange [0:%.6g]\nset xtics ('50 %%%%' %.6g", fmax(end, 1.05), log10(2));
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		buf_addf(out, ", '%s %%%%' %zu", names[i], i + 1);
	buf_addstr(out, ") out nomirror scale 0.5\n");
}

void percentile_curves(struct buf *out, const struct curve *all, size_t count)
{
	struct buf plots = BUF_INIT;
	struct log_range range = {0};
	double end = 0;
	for (size_t i = 0; i < count; i++) {
		size_t n;
		double total;
		struct latency_count *latencies = collect(&all[i], &n, &total);
		if (n) {
			end = fmax(end, data_curve(out, i, latencies, n, total, &range));
			buf_addf(&plots, "%s$curve%zu index 0 with lines lw 2.4 lc rgb %s title ", plots.len ? ", " : "", i,
				 all[i].colour);
			script_quote(&plots, all[i].title);
			buf_addf(&plots, ", '' index 1 with lines lw 1.6 dt '.' lc rgb %s notitle", all[i].colour);
		}
		free(latencies);
	}
	axis_x(out, 0, 1, true);
	percentile_axis(out, end);
	log_range_set(&range, LOW_PX, out);
	buf_addf(out, "plot %s\nunset label; unset object; unset arrow\n", plots.len ? plots.data : "-1 notitle");
	buf_release(&plots);
}

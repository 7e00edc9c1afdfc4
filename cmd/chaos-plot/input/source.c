#include "input/source.h"

#include "base/buf.h"
#include "base/units.h"
#include "cli/diag.h"
#include "pictures/picture.h"
#include "grid/summary.h"
#include "csv/csv.h"
#include "run/ask.h"
#include "sys/file.h"
#include "input/windows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A last window of which less than this is in the run would be mostly noise. */
static const double part_min = 0.25;

static int read_analysis(const char *path, struct source *s, struct err *e)
{
	struct buf text = BUF_INIT;
	if (!file_read(path, &text, e))
		s->analysis = analysis_parse(&text, path, e);
	buf_release(&text);
	return s->analysis ? 0 : -1;
}

/* Start and end of the load in UNIX ns, as the load summary or the analysis knows them; 0 where
 * neither does. */
struct extent {
	int64_t t0_ns, end_ns;
};

/* What the load says of itself is exact; the analysis knows of it as well; else the events may. */
static struct extent extent_of(const struct source *s)
{
	double t0_s = json_num(json_get(s->analysis, "input.start_epoch_s"), 0);
	double length_s = json_num(json_get(s->analysis, "input.duration_s"), 0);
	struct extent x = {s->facts.t0_ns, s->facts.end_ns};
	if (!x.t0_ns && t0_s > 0)
		x = (struct extent){s_to_ns(t0_s), length_s > 0 ? s_to_ns(t0_s + length_s) : 0};
	return x;
}

static void add_counts(struct grid *g, const struct csv_row *row)
{
	const struct csv_counts *n = &row->counts;
	const struct grid_counts counts = {row->due_ns, n->length_ns, n->ok,
					   n->err,	n->p50_ns,    n->p95_ns,
					   n->p99_ns,	ERROR_COUNT,  GRID_NODES};
	grid_add_counts(g, &counts);
}

static void count_row(struct source *s, const struct csv_row *row)
{
	struct grid *g = &s->grid;
	s->services |= (unsigned)sample_service_of(row->node.at, row->node.len);
	if (row->kind == CSV_LOST)
		grid_add_lost(g, row->lost, row->lost_from_ns, row->lost_to_ns);
	else if (row->kind == CSV_COUNTS)
		add_counts(g, row);
	else if (row->kind == CSV_ABORTED)
		grid_add_unjudged(g, row->due_ns, row->error);
	else
		grid_add(g, row->due_ns, row->latency_ns, row->failed ? (unsigned)row->error : 0);
}

static int read_rows(struct source *s, struct csv *c, const struct extent *x, struct err *e)
{
	struct csv_row row;
	enum csv_result got;
	grid_init(&s->grid, NS_PER_S, x->t0_ns);
	s->has_grid = true;
	while ((got = csv_next(c, &row, e)) == CSV_ROW)
		count_row(s, &row);
	s->bad_rows = c->bad + c->torn;
	if (got == CSV_ERROR)
		return -1;
	if (s->bad_rows)
		diag("'%s': %llu bad rows were skipped", c->name, (unsigned long long)s->bad_rows);
	grid_finish(&s->grid, x->end_ns);
	return 0;
}

static double quantile_ms(const struct hist *h, double q)
{
	return h->total ? ns_to_ms(hist_quantile_ns(h, q)) : (double)NAN;
}

static void series_from_grid(struct series *s, const struct grid *g)
{
	struct hist *h = mem_alloc(sizeof *h);
	s->t0_s = ns_to_s(g->t0_ns);
	for (size_t k = 0; k < g->count; k++) {
		const struct grid_window *w = &g->windows[k];
		double length = ns_to_s(g->window_ns);
		bool part = (double)w->covered < part_min;
		if (k > 0 && part)
			break;
		grid_latency(g, k, h);
		*series_add(s) = (struct second){
			.start_s = length * (double)k,
			.length_s = part ? length : length * (double)w->covered,
			.due = w->due,
			.errors = w->err,
			.ok = w->completed_ok,
			.p50_ms = quantile_ms(h, 0.50),
			.p95_ms = quantile_ms(h, 0.95),
			.p99_ms = quantile_ms(h, 0.99),
			.unmeasured = w->unmeasured,
		};
	}
	free(h);
}

static int read_samples(struct source *s, const struct source_spec *spec, struct err *e)
{
	bool is_stdin = !spec->samples || strcmp(spec->samples, "-") == 0;
	const char *name = is_stdin ? "stdin" : spec->samples;
	const struct extent x = extent_of(s);
	int fd = is_stdin ? STDIN_FILENO : file_open(spec->samples, e);
	if (fd < 0)
		return -1;
	struct csv c;
	csv_init(&c, fd, name);
	int rc = read_rows(s, &c, &x, e);
	csv_release(&c);
	if (!is_stdin)
		close(fd);
	if (rc && !is_stdin)
		file_err_named(e);
	if (!rc) {
		series_from_grid(&s->series, &s->grid);
		s->planned = run_facts_planned(&s->facts, &s->grid);
	}
	return rc;
}

static int read_windows(struct source *s, const char *path, struct err *e)
{
	struct buf text = BUF_INIT;
	bool is_stdin = strcmp(path, "-") == 0;
	int rc =
		is_stdin ? fd_read_all(STDIN_FILENO, "stdin", &text, e) : file_read(path, &text, e);
	if (!rc)
		rc = windows_read(&s->series, &s->told, text.data, text.len,
				  is_stdin ? "stdin" : path, e);
	buf_release(&text);
	return rc;
}

int source_open(struct source *s, const struct source_spec *spec, struct err *e)
{
	*s = (struct source){.name = mem_strdup(spec->name)};
	if (spec->analysis && read_analysis(spec->analysis, s, e))
		return -1;
	if (run_facts_read(&s->facts, spec->load, spec->events, e))
		return -1;
	if (s->facts.log.bad_lines)
		diag("'%s': %zu lines are no events and were skipped", spec->events,
		     s->facts.log.bad_lines);
	if (spec->windows ? read_windows(s, spec->windows, e) : read_samples(s, spec, e))
		return -1;
	for (size_t i = 0; i < s->series.count; i++)
		s->requests += (uint64_t)s->series.seconds[i].due;
	return 0;
}

void source_release(struct source *s)
{
	series_release(&s->series);
	if (s->has_grid)
		grid_release(&s->grid);
	run_facts_release(&s->facts);
	free(s->planned);
	free(s->told.all);
	json_free(s->analysis);
	free(s->name);
	*s = (struct source){0};
}

void source_figures(const struct source *s, double warmup_s, struct figures *out)
{
	const double none = (double)NAN;
	const struct grid *g = &s->grid;
	*out = (struct figures){none, none, none, none, none, none};
	if (!s->has_grid || !g->count)
		return;
	struct summary sum;
	size_t from = (size_t)ceil(warmup_s / ns_to_s(g->window_ns) - 1e-9);
	summarize(&sum, g, s->planned, from, 0);
	double ms[QUANTILE_COUNT];
	for (size_t i = 0; i < QUANTILE_COUNT; i++)
		ms[i] = sum.latency_ns[i] < 0 ? none : ns_to_ms(sum.latency_ns[i]);
	*out = (struct figures){.throughput_rps = sum.throughput_rps,
				.p50_ms = ms[0],
				.p95_ms = ms[1],
				.p99_ms = ms[2],
				.error_rate = sum.error_rate,
				.offered_rps =
					sum.seconds > 0 ? (double)sum.due / sum.seconds : none};
}

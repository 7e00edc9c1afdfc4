#include "plot.h"

#include "change.h"
#include "cli/diag.h"
#include "conf/ask.h"
#include "conf/run.h"
#include "finding.h"
#include "params.h"
#include "picture.h"
#include "source.h"
#include "stream/sample.h"
#include "sys/file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char footer[] =
	"1 s windows; offered and errors by due time, successes by completion; "
	"latency from the due time to the end of the answer";

static const char compare_footer[] = "above: after the warm-up, latency of successes from the due "
				     "time to the end of the answer; "
				     "below: successes by completion";

/* The files of a run folder; freed by paths_release. */
struct paths {
	char *samples, *events, *analysis, *load;
};

static char *existing(const char *runs_dir, const char *id, const char *file)
{
	char *path = run_path(runs_dir, id, file);
	if (file_exists(path))
		return path;
	free(path);
	return NULL;
}

static int paths_of(struct paths *p, const char *runs_dir, const char *id, struct err *e)
{
	if (run_id_check_read(id, e))
		return -1;
	char *folder = run_path(runs_dir, id, NULL);
	bool there = file_exists(folder);
	free(folder);
	if (!there)
		return run_err_none(runs_dir, id, e);
	*p = (struct paths){
		.samples = run_path(runs_dir, id, "samples.csv"),
		.events = existing(runs_dir, id, "events.jsonl"),
		.analysis = existing(runs_dir, id, "analysis.json"),
		.load = existing(runs_dir, id, "load.json"),
	};
	return 0;
}

static void paths_release(struct paths *p)
{
	free(p->samples);
	free(p->events);
	free(p->analysis);
	free(p->load);
}

/* The name of a file without its folders. */
static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash && slash[1] ? slash + 1 : path;
}

/* The last folder of a file's path; "." if it has none. The caller frees. */
static char *folder_name(const char *path)
{
	const char *end = strrchr(path, '/'), *start = end;
	if (!end || end == path)
		return mem_strdup(end ? "/" : ".");
	while (start > path && start[-1] != '/')
		start--;
	return mem_printf("%.*s", (int)(end - start), start);
}

/* Two files of one name are told apart by their folders. The caller frees. */
static char *name_of(const struct options *o, const char *path)
{
	bool twins = o->file && o->baseline && strcmp(o->file, "-") != 0 &&
		     strcmp(base_name(o->file), base_name(o->baseline)) == 0;
	return twins ? folder_name(path) : mem_strdup(base_name(path));
}

static int open_run(struct source *s, const struct options *o, struct err *e)
{
	struct paths p = {0};
	if (o->run_id && paths_of(&p, o->runs_dir, o->run_id, e))
		return -1;
	const char *file = o->file && strcmp(o->file, "-") != 0 ? o->file : NULL;
	char *name = file && !o->run_id ? name_of(o, file)
					: mem_strdup(o->run_id ? o->run_id : "run");
	struct source_spec spec = {
		.name = name,
		.samples = p.samples ? p.samples : file,
		.windows = o->windows,
		.events = o->events ? o->events : p.events,
		.analysis = o->analysis ? o->analysis : p.analysis,
		.load = p.load,
	};
	bool from_stdin = o->windows ? strcmp(o->windows, "-") == 0 : !spec.samples;
	int rc = from_stdin && isatty(STDIN_FILENO)
			 ? err_usage(e, "samples are read from stdin, which is a terminal; give a "
					"file or --run-id, or see 'chaos-plot --help'")
			 : source_open(s, &spec, e);
	free(name);
	paths_release(&p);
	return rc;
}

static int open_baseline(struct source *s, const struct options *o, struct err *e)
{
	struct paths p = {0};
	if (o->baseline_id && paths_of(&p, o->runs_dir, o->baseline_id, e))
		return -1;
	char *name = o->baseline ? name_of(o, o->baseline) : mem_strdup(o->baseline_id);
	struct source_spec spec = {
		.name = name,
		.samples = p.samples ? p.samples : o->baseline,
		.load = p.load,
	};
	int rc = source_open(s, &spec, e);
	free(name);
	paths_release(&p);
	return rc;
}

static void add_start(struct buf *b, double t0_s)
{
	struct tm tm;
	time_t t = (time_t)t0_s;
	char words[40];
	if (t0_s > 0 && gmtime_r(&t, &tm) &&
	    strftime(words, sizeof words, "%Y-%m-%d %H:%M:%S UTC", &tm))
		buf_addf(b, ", from %s", words);
}

/* "run1, from 2026-01-02 03:04:05 UTC: 1250 requests in 25 s" */
static void describe(const struct source *s, struct buf *b)
{
	char *name = text_shorten(s->name, 40);
	buf_addstr(b, name);
	free(name);
	if (!s->series.count)
		return;
	add_start(b, s->series.t0_s);
	buf_addf(b, ": %llu requests in %.4g s", (unsigned long long)s->requests,
		 series_end_s(&s->series));
	if (s->bad_rows)
		buf_addf(b, ", %llu bad rows left out", (unsigned long long)s->bad_rows);
}

/* The file the script writes: as asked; in the run's folder if there is one; a picture in
 * letters is for the screen. The caller frees. */
static char *output_of(const struct options *o, const char *stem)
{
	if (o->output)
		return mem_strdup(o->output);
	if (!o->run_id || o->terminal == TERMINAL_DUMB)
		return NULL;
	char *file = mem_printf("%s.%s", stem, o->terminal == TERMINAL_SVG ? "svg" : "png");
	char *path = run_path(o->runs_dir, o->run_id, file);
	free(file);
	return path;
}

static int throughput(const struct options *o, const struct source *run, const char *output,
		      struct buf *out, struct err *e)
{
	struct marks marks = {0};
	struct outcome outcome;
	int rc = finding_make(run, o, &marks, &outcome, e);
	if (!rc) {
		struct buf subtitle = BUF_INIT;
		char *title = finding_title(run, &marks, &outcome);
		describe(run, &subtitle);
		struct picture p = {.terminal = o->terminal,
				    .output = output,
				    .title = title,
				    .subtitle = subtitle.data,
				    .footer = footer,
				    .run_name = run->name,
				    .run = &run->series,
				    .marks = &marks};
		throughput_draw(&p, out);
		free(title);
		buf_release(&subtitle);
	}
	marks_release(&marks);
	return rc;
}

static char *compare_title(const struct picture *p)
{
	struct change t, l, r;
	change_of(METRIC_THROUGHPUT, &p->baseline_figures, &p->run_figures, &t);
	change_of(METRIC_P99, &p->baseline_figures, &p->run_figures, &l);
	change_of(METRIC_ERRORS, &p->baseline_figures, &p->run_figures, &r);
	char *run = text_shorten(p->run_name, 24), *base = text_shorten(p->baseline_name, 24);
	char *title = mem_printf("%s against %s: throughput %s, p99 %s, errors %s", run, base,
				 t.words, l.words, r.words);
	free(run);
	free(base);
	return title;
}

static bool figures_from(const struct json *summary, struct figures *f)
{
	if (!json_is_object(summary))
		return false;
	*f = (struct figures){
		.throughput_rps = json_num(json_get(summary, "throughput_rps"), NAN),
		.p50_ms = json_num(json_get(summary, "p50_latency_ms"), NAN),
		.p95_ms = json_num(json_get(summary, "p95_latency_ms"), NAN),
		.p99_ms = json_num(json_get(summary, "p99_latency_ms"), NAN),
		.error_rate = json_num(json_get(summary, "error_rate"), NAN),
		.offered_rps = json_num(json_get(summary, "due"), NAN) /
			       json_num(json_get(summary, "seconds"), NAN),
	};
	return true;
}

/* The analysis speaks of these very two runs: named by the user, or by its ids. */
static bool analysis_fits(const struct options *o, const struct json *analysis)
{
	return o->analysis ||
	       (o->baseline_id &&
		strcmp(json_str(json_get(analysis, "baseline_id"), ""), o->baseline_id) == 0);
}

static bool figures_of(const struct json *analysis, struct picture *p)
{
	return figures_from(json_get(analysis, "run_summary"), &p->run_figures) &&
	       figures_from(json_get(analysis, "baseline_summary"), &p->baseline_figures);
}

/* The run's own analysis was made without this baseline: the picture must not say other
 * numbers than chaos-analyze, which alone knows what was planned. */
static int ask_figures(const struct options *o, struct picture *p, struct err *e)
{
	const struct ask ask = {.runs_dir = o->runs_dir,
				.run_id = o->run_id,
				.baseline_id = o->baseline_id,
				.config = o->config,
			      .err_fd = STDERR_FILENO};
	struct buf text = BUF_INIT;
	struct json *analysis = NULL;
	int rc = ask_analyze(&ask, &text, e);
	if (!rc)
		analysis = json_parse(text.data, text.len, "chaos-analyze", e);
	if (rc && !*e->msg)
		rc = err_runtime(e, "chaos-analyze could not compare the runs");
	else if (!rc && (!analysis || !figures_of(analysis, p)))
		rc = err_runtime(e, "chaos-analyze had no summaries of the two runs");
	json_free(analysis);
	buf_release(&text);
	return rc;
}

static int find_figures(const struct options *o, const struct source *run,
			const struct source *baseline, struct picture *p, struct err *e)
{
	struct detect_params params;
	const struct json *a = run->analysis;
	if (a && analysis_fits(o, a) && figures_of(a, p))
		return 0;
	if (o->run_id && o->baseline_id)
		return ask_figures(o, p, e);
	if (params_read(o, &params, e))
		return -1;
	source_figures(run, params.warmup_s, &p->run_figures);
	source_figures(baseline, params.warmup_s, &p->baseline_figures);
	return 0;
}

/* Figures of HTTP beside those of Redis say nothing of either. */
static void warn_of_services(const struct source *run, const struct source *baseline,
			     struct buf *subtitle)
{
	const char *its = sample_service_name(run->services);
	const char *other = sample_service_name(baseline->services);
	if (!its || !other || run->services == baseline->services)
		return;
	buf_addf(subtitle, "; the run is of %s, the baseline of %s", its, other);
	diag("'%s' is of %s and the baseline '%s' of %s: they are not to be compared", run->name, its,
	     baseline->name, other);
}

static int draw_compare(const struct options *o, const struct source *run,
			const struct source *baseline, const char *output, struct buf *out,
			struct err *e)
{
	struct buf subtitle = BUF_INIT;
	struct picture p = {.terminal = o->terminal,
			    .output = output,
			    .footer = compare_footer,
			    .run_name = run->name,
			    .baseline_name = baseline->name,
			    .run = &run->series,
			    .baseline = &baseline->series};
	if (find_figures(o, run, baseline, &p, e))
		return -1;
	describe(run, &subtitle);
	buf_addstr(&subtitle, "; baseline ");
	describe(baseline, &subtitle);
	if (change_other_load(&p.baseline_figures, &p.run_figures))
		buf_addstr(&subtitle, "; their load was not the same");
	warn_of_services(run, baseline, &subtitle);
	char *title = compare_title(&p);
	p.title = title;
	p.subtitle = subtitle.data;
	compare_draw(&p, out);
	free(title);
	buf_release(&subtitle);
	return 0;
}

static int compare(const struct options *o, const struct source *run, const char *output,
		   struct buf *out, struct err *e)
{
	struct source baseline = {0};
	int rc = open_baseline(&baseline, o, e);
	if (!rc)
		rc = draw_compare(o, run, &baseline, output, out, e);
	source_release(&baseline);
	return rc;
}

/* The pictures: each a command, and a name for its file. */
static const struct {
	const char *name;
	int (*make)(const struct options *o, const struct source *run, const char *output,
		    struct buf *out, struct err *e);
} pictures[] = {
	[PLOT_THROUGHPUT] = {"throughput", throughput},
	[PLOT_COMPARE] = {"compare", compare},
};

int plot_make(const struct options *o, struct buf *out, struct err *e)
{
	struct source run = {0};
	int rc = open_run(&run, o, e);
	if (!rc) {
		char *output = output_of(o, pictures[o->command].name);
		rc = pictures[o->command].make(o, &run, output, out, e);
		free(output);
	}
	source_release(&run);
	return rc;
}

#include "plot.h"

#include "report/facts/words.h"
#include "run/run.h"
#include "pictures/finding.h"
#include "pictures/trials.h"
#include "draw/picture.h"
#include "input/source.h"
#include "sys/file.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Every picture, each defined in a file of its own under pictures/. */
extern const struct picture_kind throughput_picture, latency_picture, nodes_picture, loads_picture, trials_picture, compare_picture;
static const struct picture_kind *const pictures[] = {&throughput_picture, &latency_picture, &nodes_picture, &loads_picture,
						      &trials_picture, &compare_picture};

/* A file of the run's folder; NULL if there is none. The caller frees. */
static char *run_file(const struct options *o, const char *file)
{
	char *path = o->run_id ? run_path(o->runs_dir, o->run_id, file) : NULL;
	if (path && file_exists(path))
		return path;
	free(path);
	return NULL;
}

/* Both runs are judged by the config named by the user, else by the run's own copy, else by the
 * config.yaml that chaos-analyze finds. */
static int open_source(struct source *s, const struct picture_kind *k, const struct options *o, bool baseline, struct err *e)
{
	const char *id = baseline ? o->baseline_id : o->run_id;
	const char *file = baseline ? o->baseline : o->file;
	if (id && run_id_check_read(id, e))
		return -1;
	if (file && !baseline && strcmp(file, "-") == 0)
		file = NULL;
	char *config = run_file(o, "config.yaml"), *analysis = run_file(o, "analysis.json");
	char *load = run_file(o, "load.json"), *audit = run_file(o, "audit.json");
	struct source_spec spec = {.run_id = id,
				   .runs_dir = o->runs_dir,
				   .samples = file,
				   .config = o->config ? o->config : config,
				   .warmup_s = o->warmup_ignore_s};
	if (!baseline) {
		spec.baseline_id = o->baseline_id;
		spec.baseline = o->baseline;
		spec.windows = o->windows;
		spec.events = o->events;
		spec.load = load;
		spec.audit = audit;
		spec.by_node = k->by_node;
		spec.analysis = o->analysis ? o->analysis : analysis;
	}
	bool from_stdin = spec.windows ? strcmp(spec.windows, "-") == 0 : !id && !file;
	int rc = from_stdin && isatty(STDIN_FILENO)
			 ? err_usage(e, "samples are read from stdin, which is a terminal; give a "
					"file or --run-id, or see 'chaos-plot --help'")
			 : source_open(s, &spec, file ? file : id ? id : "run", e);
	free(config);
	free(analysis);
	free(load);
	free(audit);
	return rc;
}

static void add_start(struct buf *b, double t0_s)
{
	struct tm tm;
	time_t t = (time_t)t0_s;
	char words[40];
	const double day_s = 86400; /* before: seconds from the start, of a log without a time of day */
	if (t0_s >= day_s && gmtime_r(&t, &tm) &&
	    strftime(words, sizeof words, "%Y-%m-%d %H:%M:%S UTC", &tm))
		buf_addf(b, ", from %s", words);
}

enum { DESCRIBED_NAME_MAX = 64 }; /* as long as a run id may be */

/* "run1, from 2026-01-02 03:04:05 UTC: 1250 requests in 25 s" */
static void describe(const struct source *s, struct buf *b)
{
	char *name = text_shorten(s->name, DESCRIBED_NAME_MAX), count[WORDS_MAX], span[WORDS_MAX];
	buf_addstr(b, name);
	free(name);
	if (!s->series.count)
		return;
	add_start(b, s->series.t0_s);
	buf_addf(b, ": %s requests in %s s", words_many((double)s->requests, count), words_many(s->end_s, span));
	if (series_step(&s->series) > 1)
		buf_addf(b, ", each step is the worst of %zu windows", series_step(&s->series));
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
	char *file = mem_printf("%s.%s", stem, o->terminal == TERMINAL_SVG ? "svg" : o->terminal == TERMINAL_PDF ? "pdf" : "png");
	char *path = run_path(o->runs_dir, o->run_id, file);
	free(file);
	return path;
}

static struct canvas canvas_of(const struct options *o, const char *output)
{
	return (struct canvas){o->terminal, o->columns, o->width_px, o->height_px, o->dark, output};
}

static void draw_run(const struct picture_kind *k, const struct options *o,
		     const struct source *run, const char *output, struct buf *out)
{
	struct marks marks = {0};
	struct buf subtitle = BUF_INIT;
	finding_make(run, &marks);
	char *title = finding_title(run, &marks);
	describe(run, &subtitle);
	struct picture p = {.canvas = canvas_of(o, output),
			    .title = o->no_title ? NULL : title,
			    .subtitle = subtitle.data,
			    .kind = k,
			    .run_name = run->name,
			    .run = &run->series,
			    .marks = &marks};
	k->draw(&p, out);
	free(title);
	buf_release(&subtitle);
	marks_release(&marks);
}

/* All that are worse, or of the others those that are always told. */
static void add_changes(const struct picture *p, bool worse, struct buf *out)
{
	static const char *const names[METRIC_COUNT] = {"throughput", "p50", "p95", "p99", "errors"};
	const char *before = worse ? "worse: " : out->len ? "; " : "";
	for (enum metric m = 0; m < METRIC_COUNT; m++) {
		bool is_worse = p->changes[m].sense == CHANGE_WORSE, always = m != METRIC_P50 && m != METRIC_P95;
		if (worse ? !is_worse : is_worse || !always)
			continue;
		buf_addf(out, "%s%s %s", before, names[m], p->changes[m].words);
		before = ", ";
	}
}

/* What was judged worse comes first, also if only in a phase or by a metric that is not drawn. Names too
 * long for the title appear only below it. */
static char *compare_title(const struct picture *p, const struct json *both)
{
	struct buf changes = BUF_INIT;
	const struct json *reasons = json_get(both, "comparison.reasons");
	size_t room = p->canvas.terminal == TERMINAL_DUMB ? p->canvas.columns : TITLE_SMALL_MAX;
	add_changes(p, true, &changes);
	if (!changes.len && strcmp(json_text(both, "comparison.verdict"), "fail") == 0) {
		char *first = words_reason(json_str(json_at(reasons, 0), "?"));
		buf_addf(&changes, "worse: %s%s", first, json_count(reasons) > 1 ? " and others" : "");
		free(first);
	}
	const char *mark = changes.len ? "," : ":";
	add_changes(p, false, &changes);
	char *title = mem_printf("%s against %s%s %s", p->run_name, p->baseline_name, mark, changes.data);
	if (text_columns(title) > room) {
		free(title);
		title = mem_printf("the run against its baseline%s %s", mark, changes.data);
	}
	if (text_columns(title) > room) {
		free(title);
		title = mem_strdup(changes.data);
	}
	buf_release(&changes);
	return title;
}

/* What compares the two: an analysis that was given, or that is of the same baseline; else that of
 * chaos-analyze. */
static const struct json *comparison(const struct options *o, const struct source *run)
{
	const char *its = json_text(run->analysis, "baseline_id");
	bool fits = o->analysis || (o->baseline_id && strcmp(its, o->baseline_id) == 0);
	return fits && json_is_object(json_get(run->analysis, "baseline_summary")) ? run->analysis : run->found;
}

/* True if the runs have copies of their configs that are not the same. */
static bool other_config(const struct options *o)
{
	struct buf texts[2] = {BUF_INIT, BUF_INIT};
	const char *const ids[] = {o->run_id, o->baseline_id};
	struct err e;
	bool read = true;
	for (size_t i = 0; i < 2; i++) {
		char *path = ids[i] ? run_path(o->runs_dir, ids[i], "config.yaml") : NULL;
		read = read && path && file_exists(path) && !file_read(path, &texts[i], &e);
		free(path);
	}
	bool same = texts[0].len == texts[1].len && (!texts[0].len || memcmp(texts[0].data, texts[1].data, texts[0].len) == 0);
	buf_release(&texts[0]);
	buf_release(&texts[1]);
	return read && !same;
}

static void draw_compared(const struct picture_kind *k, const struct options *o,
			  const struct source *run, const struct source *baseline,
			  const char *output, struct buf *out)
{
	struct buf first = BUF_INIT, second = BUF_INIT, notes = BUF_INIT;
	struct marks marks = {0}, baseline_marks = {0};
	finding_make(run, &marks);
	finding_make(baseline, &baseline_marks);
	struct picture p = {.canvas = canvas_of(o, output),
			    .kind = k,
			    .run_name = run->name,
			    .baseline_name = baseline->name,
			    .run = &run->series,
			    .baseline = &baseline->series,
			    .marks = &marks,
			    .baseline_marks = &baseline_marks};
	const struct json *both = comparison(o, run);
	changes_of(both, p.changes);
	buf_addstr(&first, "run ");
	describe(run, &first);
	buf_addstr(&second, "baseline ");
	describe(baseline, &second);
	char *why = change_incomparable(both, baseline->found), *title = why ? mem_printf("not comparable: %s", why) : compare_title(&p, both);
	for (size_t m = 0; why && m < METRIC_COUNT; m++)
		p.changes[m].sense = CHANGE_NONE;
	if (other_config(o))
		buf_addstr(&notes, "their configurations differ");
	p.title = o->no_title ? NULL : title;
	p.subtitle = first.data;
	p.baseline_subtitle = second.data;
	p.notes = notes.len ? notes.data : "";
	k->draw(&p, out);
	free(title);
	free(why);
	marks_release(&marks);
	marks_release(&baseline_marks);
	buf_release(&first);
	buf_release(&second);
	buf_release(&notes);
}

static int draw(const struct picture_kind *k, const struct options *o, const struct source *run,
		const char *output, struct buf *out, struct err *e)
{
	if (!k->compares) {
		draw_run(k, o, run, output, out);
		return 0;
	}
	struct source baseline = {0};
	int rc = open_source(&baseline, k, o, true, e);
	if (!rc)
		draw_compared(k, o, run, &baseline, output, out);
	source_release(&baseline);
	return rc;
}

/* The kind of picture that a command of the table of options draws. */
static const struct picture_kind *kind_named(const char *name)
{
	size_t i = 0;
	while (i + 1 < ARRAY_LEN(pictures) && strcmp(pictures[i]->name, name) != 0)
		i++;
	return pictures[i];
}

/* What the picture needs, and is not there, or cannot take. */
static int check_sources(const struct picture_kind *k, const struct options *o, struct err *e)
{
	if (k->compares && o->windows)
		return err_usage(e, "%s needs samples, not --windows", k->name);
	if (k->compares && !o->baseline_id && !o->baseline)
		return err_usage(e, "%s needs --baseline FILE or --baseline-id ID", k->name);
	return o->output ? file_writable(o->output, e) : 0;
}

static int make_trials(const struct picture_kind *k, const struct options *o, struct buf *out, struct err *e)
{
	struct trials t;
	if (o->terminal == TERMINAL_DUMB)
		return err_usage(e, "%s is no picture in letters: --terminal png or svg", k->name);
	if (o->run_id && run_id_check_read(o->run_id, e))
		return -1;
	char *path = o->run_id ? run_path(o->runs_dir, o->run_id, "trials.jsonl") : NULL, *output = output_of(o, k->name);
	if (!path && !o->file && isatty(STDIN_FILENO)) {
		free(output);
		return err_usage(e, "trials are read from stdin, which is a terminal; give a file or --run-id");
	}
	int rc = trials_read(&t, path ? path : o->file ? o->file : "-", e);
	if (!rc && output && !o->output)
		rc = file_writable(output, e);
	if (!rc)
		k->draw_trials(&t, &(struct picture){.canvas = canvas_of(o, output), .title = o->no_title ? NULL : ""}, out);
	trials_release(&t);
	free(output);
	free(path);
	return rc;
}

static int make(const struct options *o, struct buf *out, struct err *e)
{
	struct source run = {0};
	const struct picture_kind *k = kind_named(o->picture);
	int rc = check_sources(k, o, e);
	if (!rc && k->draw_trials)
		return make_trials(k, o, out, e);
	if (!rc)
		rc = open_source(&run, k, o, false, e);
	if (!rc) {
		char *output = output_of(o, k->name);
		if (output && !o->output)
			rc = file_writable(output, e);
		if (!rc)
			rc = draw(k, o, &run, output, out, e);
		free(output);
	}
	source_release(&run);
	return rc;
}

int plot_make(const struct options *o, struct buf *out, struct err *e)
{
	int rc = make(o, out, e);
	if (!rc)
		script_for_fonts(out, o->terminal);
	return rc;
}

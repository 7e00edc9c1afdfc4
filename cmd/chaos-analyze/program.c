#include "program.h"

#include "judge/analysis.h"
#include "base/buf.h"
#include "base/units.h"
#include "cli/diag.h"
#include "live/feed.h"
#include "judge/gates.h"
#include "judge/node_faults.h"
#include "judge/sensitivity.h"
#include "judge/window_length.h"
#include "output/report.h"
#include "report/screen.h"
#include "stream/json.h"
#include "stream/sample.h"
#include "sys/file.h"
#include "sys/sig.h"
#include "output/windows.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void replace(char **path, const char *with)
{
	if (!with)
		return;
	free(*path);
	*path = mem_strdup(with);
}

/* The run and its baseline runs. */
struct inputs {
	struct run_source from, *base_from;
	struct run run, *bases;
	size_t base_count;
	struct rules rules;
	bool live; /* the run is read while it goes on */
	bool stopped, reader_gone;
};

static void inputs_init(struct inputs *in, const struct options *o)
{
	*in = (struct inputs){.base_count = o->baseline.count + o->baseline_id.count};
	in->base_from = mem_alloc((in->base_count + 1) * sizeof *in->base_from);
	in->bases = mem_alloc((in->base_count + 1) * sizeof *in->bases);
}

static void inputs_release(struct inputs *in)
{
	for (size_t i = 0; i < in->base_count; i++) {
		run_release(&in->bases[i]);
		run_source_release(&in->base_from[i]);
	}
	run_release(&in->run);
	run_source_release(&in->from);
	rules_release(&in->rules);
	free(in->base_from);
	free(in->bases);
}

static bool same_file(const char *a, const char *b)
{
	struct stat x, y;
	return strcmp(a, b) == 0 || (stat(a, &x) == 0 && stat(b, &y) == 0 && S_ISREG(x.st_mode) &&
				     x.st_dev == y.st_dev && x.st_ino == y.st_ino);
}

/* The same baseline twice would look like two runs with no variance. */
static int refuse_twice(const struct inputs *in, struct err *e)
{
	for (size_t i = 0; i < in->base_count; i++)
		for (size_t k = 0; k < i; k++)
			if (same_file(in->base_from[i].samples[0], in->base_from[k].samples[0]))
				return err_usage(e, "the baseline '%s' is given twice",
						 in->base_from[i].samples[0]);
	return 0;
}

static int find_sources(const struct options *o, struct inputs *in, struct err *e)
{
	struct run_source *run = &in->from;
	if (!o->run_id)
		run_source_of_files(run, o->files.items, (size_t)o->files.count);
	else if (run_source_of_id(run, o->runs_dir, o->run_id, o->follow, e))
		return -1;
	replace(&run->events, o->events);
	replace(&run->load_summary, o->load_summary);
	run->window_ns = o->window_ns;
	run->start_ns = s_to_ns(o->start_epoch_s);
	run->end_ns = s_to_ns(o->end_epoch_s);
	run->faulted = o->fault_at.count > 0;
	for (size_t i = 0; i < in->base_count; i++) {
		if (o->baseline.count)
			run_source_of_files(&in->base_from[i], &o->baseline.items[i], 1);
		else if (run_source_of_id(&in->base_from[i], o->runs_dir, o->baseline_id.items[i],
					  false, e))
			return -1;
		in->base_from[i].window_ns = o->window_ns;
		in->base_from[i].faulted = run->faulted || run->events; /* what is normal for a node */
	}
	return refuse_twice(in, e);
}

static void add_skipped(struct buf *out, const char *what, const struct run *r)
{
	const struct {
		uint64_t count;
		const char *kind;
	} kinds[] = {{r->bad, "bad"}, {r->torn, "torn"}, {r->duplicate, "duplicate"},
		     {r->grid.outside, "out of time"},
		     {r->grid.overfull, "of more requests than a window can hold"}};
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i].count)
			buf_addf(out, "%s%s%" PRIu64 " %s", out->len ? ", " : "", what, kinds[i].count,
				 kinds[i].kind);
	if (*r->first_bad)
		buf_addf(out, " (first bad in %s)", r->first_bad);
}

/* One line for all kinds of skipped rows. */
static void warn_of_rows(const struct inputs *in)
{
	struct buf skipped = BUF_INIT;
	add_skipped(&skipped, "", &in->run);
	for (size_t i = 0; i < in->base_count; i++)
		add_skipped(&skipped, "of the baseline ", &in->bases[i]);
	if (skipped.len)
		diag("rows skipped: %s; %" PRIu64 " rows counted", skipped.data,
		     grid_requests(&in->run.grid));
	buf_release(&skipped);
}

static int write_windows_to(const char *path, const struct analysis *a, struct err *e)
{
	struct buf text = BUF_INIT;
	windows_write(a, &text);
	int rc = file_replace(path, text.data, text.len, 0644, e);
	buf_release(&text);
	return rc;
}

static int print(const struct analysis *a, const struct judgements *v, const struct gates *gates,
		 const struct options *o, struct err *e)
{
	struct buf text = BUF_INIT;
	if (o->windows_to && write_windows_to(o->windows_to, a, e))
		return -1;
	if (o->windows) {
		windows_write(a, &text);
	} else {
		struct json *j = report(a, v, gates, o);
		if (o->text) {
			report_screen(j, &text);
		} else {
			json_write(j, true, &text);
			buf_addch(&text, '\n');
		}
		json_free(j);
	}
	bool hint = !o->text && !o->windows && isatty(STDOUT_FILENO);
	int rc = write_all(STDOUT_FILENO, text.data, text.len, e);
	if (rc == 0)
		rc = close_checked(STDOUT_FILENO, "stdout", e);
	else if (e->sys_errno == EPIPE)
		rc = 0; /* the reader has closed the pipe */
	buf_release(&text);
	if (hint)
		diag("this is JSON, for jq; --text prints it for people");
	return rc;
}

static unsigned services_of(const struct run *r)
{
	unsigned set = 0;
	for (size_t i = 0; i < r->nodes.count; i++)
		set |= (unsigned)sample_service_of(r->nodes.all[i]->node, r->nodes.all[i]->node_len);
	return set;
}

/* Figures of HTTP and of Redis cannot be compared. */
static void warn_of_services(const struct inputs *in)
{
	const char *its = sample_service_name(services_of(&in->run));
	for (size_t i = 0; its && i < in->base_count; i++) {
		const char *other = sample_service_name(services_of(&in->bases[i]));
		if (other && strcmp(its, other) != 0) {
			diag("the run is of %s and a baseline of %s: do not compare them", its, other);
			return;
		}
	}
}

/* Prints each reason why the judgement is weak. EXIT_INCONCLUSIVE if there is one. */
static int doubts(const struct analysis *a)
{
	int rc = EXIT_OK;
	struct not_judged missing[NOT_JUDGED_MAX];
	size_t n = not_judged_of(a, missing);
	for (size_t i = 0; i < n; i++) {
		diag("%s could not be judged: %s", missing[i].what, missing[i].reason);
		rc = EXIT_INCONCLUSIVE;
	}
	const struct run *unread = sensitivity_much_unread(a);
	if (unread) {
		diag("%" PRIu64 " of %" PRIu64 " rows of %s could not be read or placed in time, more than 1 %%: they may be those "
		     "that failed",
		     run_unread(unread), unread->rows + unread->bad,
		     unread == a->own.run ? "the run" : "a baseline");
		rc = EXIT_INCONCLUSIVE;
	}
	if (a->own.run->facts.has_sound && !a->own.run->facts.sound) {
		diag("the load generator was the limit at times: see 'reasons' in the load summary");
		rc = EXIT_INCONCLUSIVE;
	}
	for (size_t i = 0; i < a->own.faults.count; i++) {
		const struct fault *f = &a->own.faults.all[i];
		if (f->by_other) {
			diag("the fault '%s' was ended by somebody else: what followed is no recovery of the "
			     "system's own",
			     f->uid);
			rc = EXIT_INCONCLUSIVE;
		}
		if (f->after.affected || isnan(f->injected))
			continue;
		if (!f->judged && f->at_s < a->params->detect.warmup_s)
			diag("the fault '%s' at %.1f s lies in the warm-up of %g s, which is not judged "
			     "(--warmup-ignore-sec)",
			     f->uid, f->at_s, a->params->detect.warmup_s);
		else if (!f->judged)
			diag("the fault '%s' could not be judged: no request was due while it lasted", f->uid);
		else if (!f->verified)
			diag("the fault '%s' had no visible effect, and was not verified at its target", f->uid);
		else
			continue; /* absorbed: the system's success */
		rc = EXIT_INCONCLUSIVE;
	}
	return rc;
}

static void warn_of_baseline(const struct analysis *a)
{
	const struct noise *n = &a->baseline.noise;
	if (baseline_unhealthy(&a->baseline, &a->params->detect))
		diag("the baseline is unhealthy: %.3g %% of its requests failed, more than "
		     "--error-rate-threshold allows",
		     100 * n->failed / n->tried);
}

/* The exit code, from the gates and from how far the run can be relied on. */
static int conclude(const struct analysis *a, const struct judgements *v, const struct gates *gates)
{
	if (a->own.detection.judged) {
		warn_of_baseline(a);
		gates_tell(gates, a, v);
		return exit_worse(gates_code(gates, a, v), doubts(a));
	}
	if (grid_requests(&a->own.run->grid) == 0)
		diag("the samples contain no request, so there is no result");
	else
		diag("no second could be judged: of %g s, the first %g are the warm-up (--warmup-ignore-sec)",
		     (double)a->own.run->grid.count * ns_to_s(a->own.run->grid.window_ns), a->params->detect.warmup_s);
	return EXIT_INCONCLUSIVE;
}

static struct analysis_params params_of(const struct options *o, int64_t window_ns)
{
	bool sequential = strcmp(o->detector, "auto") == 0;
	return (struct analysis_params){
		.detect = {.throughput_drop = o->throughput_drop_threshold,
			   .error_rate = o->error_rate_threshold,
			   .latency_factor = o->latency_factor,
			   .latency_min_ms = o->latency_min_ms,
			   .warmup_s = o->warmup_ignore_s,
			   .healthy_windows = window_length_healthy(window_ns),
			   .detector = sequential ? DETECTOR_AUTO : DETECTOR_THRESHOLD},
		.fault_at = o->fault_at.items,
		.fault_at_count = o->fault_at.count,
		.timeout_ns = o->config.load_timeout_ns,
		.slo = o->slo,
		.slo_given = o->slo_given,
		.tolerances = o->tolerances,
	};
}

/* by_rate: the length may still be chosen. */
static void share_windows(struct inputs *in, const struct options *o, bool by_rate)
{
	const struct analysis_params p = params_of(o, NS_PER_S);
	window_length_share(&in->run, in->bases, in->base_count, &p, by_rate && !o->window_ns);
	if (o->window_ns && in->run.grid.window_ns != o->window_ns)
		diag("--window: the run is too long for windows of %g s: they are %g s long",
		     ns_to_s(o->window_ns), ns_to_s(in->run.grid.window_ns));
}

static int judge(struct inputs *in, struct gates *gates, const struct options *o)
{
	struct err e;
	struct analysis a;
	struct judgements v;
	bool written = in->live && o->windows; /* windows were printed while the run went on */
	share_windows(in, o, !written);
	const struct analysis_params p = params_of(o, in->run.grid.window_ns);
	analyze(&a, &in->run, in->bases, in->base_count, &p);
	node_faults_follow(&a);
	judgements_make(&v, &a);
	gates_judge(gates, &a);
	int rc = !written && print(&a, &v, gates, o, &e) ? diag_err(&e) : conclude(&a, &v, gates);
	judgements_release(&v);
	analysis_release(&a);
	return in->stopped ? exit_worse(rc, EXIT_STOPPED) : rc;
}

/* Standard input other than a regular file is read as a live run if windows or a duration are
 * wanted. */
static bool is_live(const struct options *o, const struct run_source *from)
{
	struct stat st;
	bool from_stdin = strcmp(from->samples[0], "-") == 0 && !from->samples[1];
	bool grows = from_stdin && fstat(STDIN_FILENO, &st) == 0 && !S_ISREG(st.st_mode);
	return o->follow || o->stop_on.count || (grows && (o->windows || o->duration_ns));
}

static int read_live(struct inputs *in, const struct options *o, struct err *e)
{
	struct live l;
	struct analysis normal = {0}; /* analysis of the baseline runs alone */
	run_init(&in->run, o->window_ns ? o->window_ns : NS_PER_S);
	const struct analysis_params p = params_of(o, in->run.grid.window_ns);
	const struct feed_params feed = {.path = in->from.samples[0],
					 .events = in->from.events,
					 .load_summary = in->from.load_summary,
					 .follow = o->follow};
	if (in->base_count) {
		analyze(&normal, &in->bases[0], in->bases, in->base_count, &p);
		in->rules.baseline = &normal.baseline_summary;
	}
	const struct live_config config = {.params = &p,
					   .normal = in->base_count ? &normal.baseline : NULL,
					   .rules = &in->rules,
					   .duration_ns = o->duration_ns,
					   .windows = o->windows};
	in->run.records.wanted = in->from.events || in->from.faulted;
	live_init(&l, &config, &in->run);
	int rc = feed_run(&l, &feed, &in->reader_gone, e);
	in->stopped = l.stopped;
	in->run.forgotten = l.forgotten;
	live_release(&l);
	analysis_release(&normal);
	return rc;
}

static int read_all(struct inputs *in, const struct options *o, struct err *e)
{
	in->live = is_live(o, &in->from);
	if (in->live && (o->start_epoch_s > 0 || o->end_epoch_s > 0))
		return err_usage(e, "--start and --end go with samples that are all there, not with "
				    "those that are read as they come");
	if (!in->live && o->duration_ns)
		return err_usage(e, "--duration goes with --follow, or with samples from a pipe");
	for (size_t i = 0; i < in->base_count; i++)
		if (run_read(&in->bases[i], &in->base_from[i], e))
			return -1;
	return in->live ? read_live(in, o, e) : run_read(&in->run, &in->from, e);
}

int program_run(const struct options *o)
{
	struct err e;
	struct inputs in;
	struct gates gates = {0};
	int rc = EXIT_OK;
	/* the first Ctrl-C ends the load in front of the pipe, whose last rows are still read */
	sig_spare_first_int();
	inputs_init(&in, o);
	bool has_baseline = in.base_count > 0;
	if (gates_parse(&gates, o->fail_on.items, o->fail_on.count, has_baseline, &e) ||
	    rules_parse(&in.rules, o->stop_on.items, o->stop_on.count, has_baseline, &e) ||
	    (o->windows_to && file_writable(o->windows_to, &e)) ||
	    find_sources(o, &in, &e) || read_all(&in, o, &e)) {
		rc = diag_err(&e);
	} else if (!in.reader_gone) {
		gates.compare = o->verdict;
		warn_of_rows(&in);
		warn_of_services(&in);
		rc = judge(&in, &gates, o);
	}
	gates_release(&gates);
	inputs_release(&in);
	return rc;
}

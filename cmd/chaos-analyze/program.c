#include "program.h"

#include "analysis.h"
#include "base/buf.h"
#include "cli/diag.h"
#include "gates.h"
#include "report.h"
#include "stream/json.h"
#include "sys/file.h"
#include "sys/sig.h"
#include "windows.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HEALTHY_SECONDS = 5 };

static void replace(char **path, const char *with)
{
	if (!with)
		return;
	free(*path);
	*path = mem_strdup(with);
}

static int find_sources(const struct options *o, struct run_source *run,
			struct run_source *baseline, struct err *e)
{
	if (!o->run_id)
		run_source_of_files(run, o->files.items, (size_t)o->files.count);
	else if (run_source_of_id(run, o->runs_dir, o->run_id, e))
		return -1;
	replace(&run->events, o->events);
	replace(&run->load_summary, o->load_summary);
	if (o->baseline)
		run_source_of_files(baseline, &o->baseline, 1);
	else if (o->baseline_id && run_source_of_id(baseline, o->runs_dir, o->baseline_id, e))
		return -1;
	return 0;
}

static void add_skipped(struct buf *out, const char *what, const struct run *r)
{
	const struct {
		uint64_t count;
		const char *kind;
	} kinds[] = {{r->bad, "bad"}, {r->torn, "torn"}, {r->duplicate, "duplicate"},
		     {r->grid.outside, "out of time"}};
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i].count)
			buf_addf(out, "%s%s%" PRIu64 " %s", out->len ? ", " : "", what, kinds[i].count,
				 kinds[i].kind);
	if (*r->first_bad)
		buf_addf(out, " (first bad in %s)", r->first_bad);
}

/* One line for all that was wrong with the rows, however much it is. */
static void warn_of_rows(const struct run *run, const struct run *baseline)
{
	struct buf skipped = BUF_INIT;
	add_skipped(&skipped, "", run);
	add_skipped(&skipped, "of the baseline ", baseline);
	if (skipped.len)
		diag("rows skipped: %s; %" PRIu64 " rows counted", skipped.data, run->grid.rows);
	buf_release(&skipped);
}

static int print(const struct analysis *a, const struct gates *gates, const struct options *o,
		 struct err *e)
{
	struct buf text = BUF_INIT;
	if (o->windows) {
		windows_write(a, &text);
	} else {
		struct json *j = report(a, gates, o);
		json_write(j, true, &text);
		buf_addch(&text, '\n');
		json_free(j);
	}
	int rc = write_all(STDOUT_FILENO, text.data, text.len, e);
	if (rc == 0)
		rc = close_checked(STDOUT_FILENO, "stdout", e);
	else if (e->sys_errno == EPIPE)
		rc = 0; /* whoever read has seen enough */
	buf_release(&text);
	return rc;
}

/* A fault whose effect nobody looked at must not read as one without effect. */
static void warn_of_faults(const struct analysis *a)
{
	for (size_t i = 0; i < a->faults.count; i++) {
		const struct fault *f = &a->faults.all[i];
		if (!f->after.affected && !f->judged && f->at_s < a->params->detect.warmup_s)
			diag("the fault '%s' at %.1f s lies in the warm-up of %g s, which is not judged "
			     "(--warmup-ignore-sec)",
			     f->uid, f->at_s, a->params->detect.warmup_s);
	}
}

/* What was judged, but tells little: each such reason is said. */
static int doubts(const struct analysis *a)
{
	int rc = EXIT_OK;
	if (a->baseline.windows == 0) {
		diag("no second of the baseline could be used, so throughput was not judged "
		     "(the first %g s are its warm-up: --warmup-ignore-sec)",
		     a->params->detect.warmup_s);
		rc = EXIT_INCONCLUSIVE;
	}
	if (a->run->facts.has_sound && !a->run->facts.sound) {
		diag("the load generator was the limit at times: see the reasons in the load summary");
		rc = EXIT_INCONCLUSIVE;
	}
	for (size_t i = 0; i < a->faults.count; i++) {
		const struct fault *f = &a->faults.all[i];
		if (f->after.affected || !f->judged || isnan(f->injected) || !isnan(f->first_error_s))
			continue;
		diag("the fault '%s' had no visible effect: no request failed, no second was anomalous",
		     f->uid);
		rc = EXIT_INCONCLUSIVE;
	}
	return rc;
}

/* Whether there was anything to judge, what the gates say of it, and whether it can be relied on. */
static int conclude(const struct analysis *a, const struct gates *gates)
{
	if (a->detection.judged) {
		gates_tell(gates);
		return exit_worse(gates_result(gates, a), doubts(a));
	}
	if (a->run->grid.rows == 0)
		diag("there is no request in the samples: nothing can be said");
	else
		diag("no second could be judged: of %zu s, the first %g are the warm-up "
		     "(--warmup-ignore-sec)",
		     a->run->grid.count, a->params->detect.warmup_s);
	return EXIT_INCONCLUSIVE;
}

static int judge(const struct run *run, const struct run *baseline, struct gates *gates,
		 const struct options *o)
{
	struct err e;
	struct analysis a;
	const struct analysis_params p = {
		.detect = {.throughput_drop = o->throughput_drop_threshold,
			   .error_rate = o->error_rate_threshold,
			   .warmup_s = o->warmup_ignore_s,
			   .healthy_windows = HEALTHY_SECONDS,
			   .detector = strcmp(o->detector, "auto") == 0 ? DETECTOR_AUTO
									: DETECTOR_THRESHOLD},
		.fault_at = o->fault_at.items,
		.fault_at_count = o->fault_at.count,
		.timeout_ns = o->config.load_timeout_ns,
	};
	analyze(&a, run, baseline, &p);
	warn_of_faults(&a);
	gates_judge(gates, &a);
	int rc = print(&a, gates, o, &e) ? diag_err(&e) : conclude(&a, gates);
	analysis_release(&a);
	return rc;
}

int program_run(const struct options *o)
{
	struct err e;
	struct run_source from = {0}, baseline_from = {0};
	struct run run = {0}, baseline = {0};
	int rc = EXIT_OK;
	sig_spare_first_int(); /* a Ctrl-C is for the load that writes; its end is read and reported */
	struct gates gates = {0};
	bool has_baseline = o->baseline || o->baseline_id;
	if (gates_parse(&gates, o->fail_on.items, o->fail_on.count, has_baseline, &e) ||
	    find_sources(o, &from, &baseline_from, &e) ||
	    (baseline_from.samples && run_read(&baseline, &baseline_from, &e)) ||
	    run_read(&run, &from, &e)) {
		rc = diag_err(&e);
	} else {
		warn_of_rows(&run, &baseline);
		rc = judge(&run, baseline_from.samples ? &baseline : NULL, &gates, o);
	}
	gates_release(&gates);
	run_release(&run);
	run_release(&baseline);
	run_source_release(&from);
	run_source_release(&baseline_from);
	return rc;
}

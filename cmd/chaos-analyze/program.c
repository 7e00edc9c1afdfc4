#include "program.h"

#include "judge/analysis/analysis.h"
#include "base/buf.h"
#include "base/units.h"
#include "cli/diag.h"
#include "detect/metric.h"
#include "live/feeds.h"
#include "input/loads.h"
#include "judge/verdict/finding.h"
#include "judge/analysis/node_faults.h"
#include "judge/analysis/window_length.h"
#include "output/analysis_json.h"
#include "report/screen.h"
#include "stream/json.h"
#include "sys/file.h"
#include "sys/sig.h"
#include "output/windows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The run and its baseline runs. */
struct inputs {
	struct loads loads;
	struct rules *rules; /* of each load of a live run; owned */
	bool live; /* the run is read while it goes on */
	bool stopped, reader_gone;
};

static int write_windows_to(const char *path, const struct finding *all, size_t count, bool by_node, struct err *e)
{
	struct buf text = BUF_INIT;
	windows_write(all, count, by_node, &text);
	int rc = file_replace(path, text.data, text.len, 0644, e);
	buf_release(&text);
	return rc;
}

static int print(const struct finding *all, size_t count, const struct expectations *x, int code,
		 const struct options *o, struct err *e)
{
	struct buf text = BUF_INIT;
	if (o->windows_to && write_windows_to(o->windows_to, all, count, o->by_node, e))
		return -1;
	if (o->windows) {
		windows_write(all, count, o->by_node, &text);
	} else {
		struct json *j = analysis_json(all, count, x, code, o);
		if (o->text) {
			report_screen(j, &text);
		} else {
			json_write(j, true, &text);
			buf_addch(&text, '\n');
		}
		json_free(j);
	}
	bool hint = !o->text && !o->windows && isatty(STDOUT_FILENO);
	int rc = out_finish(STDOUT_FILENO, &text, e);
	buf_release(&text);
	if (hint)
		diag("this is JSON, for jq; --text prints it for people");
	return rc;
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
		.unsteady = o->unsteady,
		.tolerances = o->tolerances,
	};
}

static void widen(struct load *l, int64_t window_ns)
{
	run_widen(&l->run, window_ns);
	for (size_t i = 0; i < l->base_count; i++)
		run_widen(&l->bases[i], window_ns);
}

/* One length a run, also of all its loads. by_rate: it may still be chosen. */
static void share_windows(struct loads *l, const struct options *o, bool by_rate)
{
	const struct analysis_params p = params_of(o, NS_PER_S);
	int64_t first_ns = 0, length_ns = 0;
	bool differ = false;
	for (size_t i = 0; i < l->count; i++) {
		struct load *x = &l->all[i];
		window_length_share(&x->run, x->bases, x->base_count, &p, by_rate && !o->window_ns);
		first_ns = i ? first_ns : x->run.grid.window_ns;
		differ = differ || x->run.grid.window_ns != first_ns;
	}
	for (size_t k = 0; differ && k < GRID_LENGTHS && !length_ns; k++) {
		length_ns = grid_lengths_ns[k];
		for (size_t i = 0; i < l->count; i++)
			if (grid_lengths_ns[k] % l->all[i].run.grid.window_ns)
				length_ns = 0;
	}
	for (size_t i = 0; i < l->count; i++)
		widen(&l->all[i], length_ns);
	if (o->window_ns && l->all[0].run.grid.window_ns != o->window_ns)
		diag("--window: the run is too long for windows of %g s: they are %g s long",
		     ns_to_s(o->window_ns), ns_to_s(l->all[0].run.grid.window_ns));
	const struct grid *g = &l->all[0].run.grid;
	if (o->window_ns && g->rows && g->resolution_ns > o->window_ns)
		diag("--window: all times of the run are multiples of %g s: windows of %g s between them hold nothing",
		     ns_to_s(g->resolution_ns), ns_to_s(o->window_ns));
}

static void judge_load(struct finding *f, const struct load *l, const struct options *o)
{
	f->params = params_of(o, l->run.grid.window_ns);
	analyze(&f->analysis, &l->run, l->bases, l->base_count, &f->params);
	node_faults_follow(&f->analysis);
}

static void decide(struct finding *f)
{
	judgements_make(&f->judgements, &f->analysis);
	gates_judge(&f->gates, &f->analysis);
}

static int judge(struct inputs *in, struct finding *all, const struct options *o)
{
	struct err e;
	size_t count = in->loads.count;
	bool written = in->live && o->windows; /* windows were printed while the run went on */
	share_windows(&in->loads, o, !written);
	for (size_t i = 0; i < count; i++)
		judge_load(&all[i], &in->loads.all[i], o);
	findings_find_unseen(all, count);
	for (size_t i = 0; i < count; i++)
		decide(&all[i]);
	struct expectations x;
	expectations_judge(&x, all, count);
	int rc = exit_worse(findings_conclude(all, count, false), expectations_code(&x));
	if (!written && print(all, count, &x, rc, o, &e))
		rc = diag_err(&e);
	else
		findings_conclude(all, count, !o->quiet);
	expectations_release(&x);
	for (size_t i = 0; i < count; i++) {
		judgements_release(&all[i].judgements);
		analysis_release(&all[i].analysis);
	}
	return in->stopped ? exit_worse(rc, EXIT_STOPPED) : rc;
}

static bool is_pipe(const char *path)
{
	struct stat st;
	bool from_stdin = strcmp(path, "-") == 0;
	return (from_stdin ? fstat(STDIN_FILENO, &st) : stat(path, &st)) == 0 &&
	       (from_stdin ? !S_ISREG(st.st_mode) : S_ISFIFO(st.st_mode));
}

/* A pipe is read as a live run if windows or a duration are wanted; those of several loads also since their rows
 * come only once. */
static bool is_live(const struct options *o, const struct loads *l)
{
	bool grows = false;
	for (size_t i = 0; i < l->count; i++)
		grows |= is_pipe(l->all[i].from.samples[0]) && !l->all[i].from.samples[1];
	return o->follow || o->stop_on.count || (grows && (o->windows || o->duration_ns || l->count > 1));
}

/* What the live run of a load refers to. */
struct watched {
	struct analysis normal; /* of the baseline runs alone */
	struct analysis_params params;
	struct live_config config;
};

static void prepare_live(struct watched *w, struct load *load, struct rules *rules, const struct options *o)
{
	struct analysis_params first = params_of(o, NS_PER_S);
	bool based = load->base_count;
	first.fault_at_count = 0; /* --fault-at is for the run */
	if (based && o->windows)
		window_length_share(&load->bases[0], &load->bases[1], load->base_count - 1, &first,
				    !o->window_ns);
	run_init(&load->run, based ? load->bases[0].grid.window_ns : o->window_ns ? o->window_ns : NS_PER_S);
	load->run.source = &load->from;
	load->run.records.wanted = load->from.events || load->from.keep_rows;
	w->params = params_of(o, load->run.grid.window_ns);
	if (based) {
		analyze(&w->normal, &load->bases[0], load->bases, load->base_count, &w->params);
		rules->baseline = &w->normal.baseline_summary;
	}
	w->config = (struct live_config){.params = &w->params,
					 .normal = based ? &w->normal.baseline : NULL,
					 .rules = rules,
					 .duration_ns = o->duration_ns,
					 .windows = o->windows,
					 .choose = o->windows && !o->window_ns && !based};
}

static int read_live(struct inputs *in, const struct options *o, struct err *e)
{
	size_t count = in->loads.count;
	struct watched *all = mem_alloc(count * sizeof *all);
	struct live *lives = mem_alloc(count * sizeof *lives);
	struct feed_params *feeds = mem_alloc(count * sizeof *feeds);
	for (size_t i = 0; i < count; i++) {
		struct load *load = &in->loads.all[i];
		prepare_live(&all[i], load, &in->rules[i], o);
		all[i].config.load = count > 1 ? load->name : NULL;
		live_init(&lives[i], &all[i].config, &load->run);
		feeds[i] = (struct feed_params){.path = load->from.samples[0],
						.events = load->from.events,
						.load_summary = load->from.load_summaries ? load->from.load_summaries[0] : NULL,
						.name = load->name,
						.follow = o->follow};
	}
	int rc = feeds_run(lives, feeds, count, &in->reader_gone, e);
	for (size_t i = 0; i < count; i++) {
		in->stopped |= lives[i].stopped;
		in->loads.all[i].run.forgotten = lives[i].forgotten;
		live_release(&lives[i]);
		analysis_release(&all[i].normal);
	}
	free(all);
	free(lives);
	free(feeds);
	return rc;
}

/* What a live run would pass over. Lines of nodes are written with windows that are all there. */
static int check_live(const struct options *o, struct err *e)
{
	const struct {
		const char *name;
		bool given;
	} whole[] = {{"--start and --end", o->start_epoch_s > 0 || o->end_epoch_s > 0}, {"--audit", o->audit},
		     {"--by-node with --windows", o->by_node && o->windows}};
	for (size_t i = 0; i < ARRAY_LEN(whole); i++)
		if (whole[i].given)
			return err_usage(e, "%s: only with samples that are all there, not with those that are read as they come",
					 whole[i].name);
	return 0;
}

static int read_all(struct inputs *in, const struct options *o, struct err *e)
{
	in->live = is_live(o, &in->loads);
	for (size_t i = 0; in->live && i < in->loads.count; i++)
		if (in->loads.all[i].from.samples[1])
			return err_usage(e, "of a run that goes on each load is one file; '%s' has several",
					 in->loads.all[i].name);
	if (in->live && o->load_summary.count > 1)
		return err_usage(e, "of a run that goes on there is one load summary, not %zu", o->load_summary.count);
	if (in->live && check_live(o, e))
		return -1;
	if (!in->live && o->duration_ns)
		return err_usage(e, "--duration goes with --follow, or with samples from a pipe");
	if (loads_read_bases(&in->loads, e))
		return -1;
	return in->live ? read_live(in, o, e) : loads_read(&in->loads, e);
}

/* Each rule to the load that it names, else to all. */
static int parse_rules(struct inputs *in, struct finding *all, const struct options *o, struct err *e)
{
	bool has_baseline = o->baseline.count + o->baseline_id.count > 0;
	const struct str_list *lists[] = {&o->fail_on, &o->stop_on};
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < lists[k]->count; i++) {
			size_t len = rule_load_len(lists[k]->items[i]);
			char *what = mem_printf("wrong rule '%s'", lists[k]->items[i]);
			bool known = !len || loads_named(&in->loads, lists[k]->items[i], len, what, e);
			free(what);
			if (!known)
				return -1;
		}
	for (size_t i = 0; i < in->loads.count; i++) {
		all[i].load = in->loads.all[i].name;
		if (gates_parse(&all[i].gates, o->fail_on.items, o->fail_on.count, all[i].load, has_baseline, e))
			return -1;
		all[i].gates.compare = o->verdict;
		if (rules_parse(&in->rules[i], o->stop_on.items, o->stop_on.count, all[i].load, has_baseline, e))
			return -1;
	}
	return 0;
}

int program_run(const struct options *o)
{
	struct err e;
	struct inputs in = {0};
	struct finding *all = NULL;
	int rc = EXIT_OK;
	/* the first Ctrl-C ends the load in front of the pipe, whose last rows are still read */
	sig_spare_first_int();
	if (loads_find(&in.loads, o, &e) == 0) {
		all = mem_alloc(in.loads.count * sizeof *all);
		in.rules = mem_alloc(in.loads.count * sizeof *in.rules);
	}
	if (!all || parse_rules(&in, all, o, &e) || (o->windows_to && file_writable(o->windows_to, &e)) ||
	    read_all(&in, o, &e)) {
		rc = diag_err(&e);
	} else if (!in.reader_gone) {
		loads_warn(&in.loads);
		rc = judge(&in, all, o);
	}
	for (size_t i = 0; all && i < in.loads.count; i++) {
		gates_release(&all[i].gates);
		rules_release(&in.rules[i]);
	}
	free(in.rules);
	loads_release(&in.loads);
	free(all);
	return rc;
}

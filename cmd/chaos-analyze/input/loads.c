#include "input/loads.h"

#include "base/buf.h"
#include "base/text.h"
#include "base/suggest.h"
#include "base/units.h"
#include "cli/diag.h"
#include "run/loads.h"
#include "run/run.h"
#include "sys/file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct load *loads_named(const struct loads *l, const char *name, size_t len, const char *what, struct err *e)
{
	const char *near = NULL;
	char *word = mem_printf("%.*s", (int)len, name);
	struct load *found = NULL;
	for (size_t i = 0; i < l->count && l->all[i].name; i++) {
		suggest(word, l->all[i].name, &near);
		if (strcmp(word, l->all[i].name) == 0)
			found = &l->all[i];
	}
	if (!found && !l->all[0].name)
		err_usage(e, "%s: the run's only load has no name", what);
	else if (!found)
		err_usage(e, "%s: no load '%.80s'%s%s%s", what, word, SUGGESTED(near, ""));
	free(word);
	return found;
}

static void add_load(struct loads *l, const char *name)
{
	l->all = mem_grow(l->all, &l->alloc, l->count, sizeof *l->all);
	l->all[l->count++] = (struct load){.name = mem_strdup(name)};
}

static int check_run(const char *runs_dir, const char *id, struct err *e)
{
	if (run_id_check_read(id, e))
		return -1;
	char *dir = run_path(runs_dir, id, NULL);
	bool exists = file_exists(dir);
	free(dir);
	return exists ? 0 : run_err_none(runs_dir, id, e);
}

/* All loads of the run, or of those the one that is asked for. */
static int name_by_run(struct loads *l, const struct options *o, struct err *e)
{
	struct run_loads there;
	if (check_run(o->runs_dir, o->run_id, e))
		return -1;
	run_loads_find(&there, o->runs_dir, o->run_id);
	for (size_t i = 0; i < there.count; i++)
		add_load(l, there.names[i]);
	int rc = run_loads_check(&there, e);
	run_loads_release(&there);
	if (rc || !o->load.count)
		return rc;
	const char *wanted = o->load.items[o->load.count - 1];
	struct load *one = loads_named(l, wanted, strlen(wanted), "--load", e);
	if (!one)
		return -1;
	struct load first = l->all[0];
	l->all[0] = *one;
	*one = first;
	while (l->count > 1)
		free(l->all[--l->count].name);
	return 0;
}

static int name_by_files(struct loads *l, const struct options *o, struct err *e)
{
	for (size_t i = 0; i < o->load.count; i++) {
		const char *text = o->load.items[i], *is = strchr(text, '=');
		char *name = mem_printf("%.*s", is ? (int)(is - text) : 0, text);
		if (!name_is_plain(name)) {
			free(name);
			return err_usage(e, "wrong load '%s': want NAME=FILE, NAME of A-Z a-z 0-9 . _ -", text);
		}
		size_t k = 0;
		while (k < l->count && strcmp(l->all[k].name, name) != 0)
			k++;
		if (k == l->count) /* else a shard of it */
			add_load(l, name);
		free(name);
	}
	if (!l->count)
		add_load(l, NULL);
	return 0;
}

static void replace(char **path, const char *with)
{
	if (!with)
		return;
	free(*path);
	*path = mem_strdup(with);
}

static char **texts_of(const char *const *items, size_t count)
{
	char **all = mem_alloc((count + 1) * sizeof *all);
	for (size_t i = 0; i < count; i++)
		all[i] = mem_strdup(items[i]);
	return all;
}

/* The files of the command line that are for the load. */
static void find_files(struct load *l, const struct options *o)
{
	const char **files = mem_alloc((o->load.count + 1) * sizeof *files);
	size_t len = l->name ? strlen(l->name) : 0, count = 0;
	for (size_t i = 0; i < o->load.count; i++)
		if (strncmp(o->load.items[i], l->name, len) == 0 && o->load.items[i][len] == '=')
			files[count++] = o->load.items[i] + len + 1;
	if (l->name)
		run_source_of_files(&l->from, files, count);
	else
		run_source_of_files(&l->from, o->files.items, (size_t)o->files.count);
	free(files);
}

static int find_run(struct load *l, const struct options *o, struct err *e)
{
	if (!o->run_id)
		find_files(l, o);
	else if (run_source_of_id(&l->from, o->runs_dir, o->run_id, l->name, o->follow, e))
		return -1;
	replace(&l->from.events, o->events);
	if (o->load_summary.count) {
		mem_free_texts(l->from.load_summaries, SIZE_MAX);
		l->from.load_summaries = texts_of(o->load_summary.items, o->load_summary.count);
	}
	replace(&l->from.audit, o->audit);
	l->from.load = l->name;
	l->from.window_ns = o->window_ns;
	l->from.start_ns = s_to_ns(o->start_epoch_s);
	l->from.end_ns = s_to_ns(o->end_epoch_s);
	l->from.keep_rows = o->fault_at.count > 0 || o->by_node;
	l->from.wants_late = o->windows || o->windows_to;
	return 0;
}

static bool same_file(const char *a, const char *b)
{
	struct stat x, y;
	return strcmp(a, b) == 0 || (stat(a, &x) == 0 && stat(b, &y) == 0 && S_ISREG(x.st_mode) &&
				     x.st_dev == y.st_dev && x.st_ino == y.st_ino);
}

/* The same baseline twice would look like two runs with no variance; the same rows would count twice. */
static int refuse_twice(const struct load *l, struct err *e)
{
	const char *const *files = (const char *const *)l->from.samples;
	for (size_t i = 0; files[i]; i++)
		for (size_t k = 0; k < i; k++)
			if (same_file(files[i], files[k]))
				return err_usage(e, "the samples '%s' are given twice", files[i]);
	for (size_t i = 0; i < l->base_count; i++)
		for (size_t k = 0; k < i; k++)
			if (same_file(l->base_from[i].samples[0], l->base_from[k].samples[0]))
				return err_usage(e, "the baseline '%s' is given twice",
						 l->base_from[i].samples[0]);
	return 0;
}

/* Of several loads, the files that bear its name. */
static int find_bases(struct load *l, bool several, const struct options *o, struct err *e)
{
	size_t len = l->name ? strlen(l->name) : 0, count = o->baseline.count + o->baseline_id.count;
	l->base_from = mem_alloc((count + 1) * sizeof *l->base_from);
	l->bases = mem_alloc((count + 1) * sizeof *l->bases);
	for (size_t i = 0; i < count; i++) {
		const char *file = o->baseline.count ? o->baseline.items[i] : NULL;
		bool named = file && len && strncmp(file, l->name, len) == 0 && file[len] == '=';
		if (file && several && !named)
			continue;
		struct run_source *s = &l->base_from[l->base_count++];
		file += named ? len + 1 : 0;
		if (file)
			run_source_of_files(s, &file, 1);
		else if (check_run(o->runs_dir, o->baseline_id.items[i], e) ||
			 run_source_of_id(s, o->runs_dir, o->baseline_id.items[i], l->name, false, e))
			return -1;
		s->load = l->name;
		s->window_ns = o->window_ns;
		s->keep_rows = l->from.keep_rows || l->from.events; /* what is normal for a node */
	}
	if (count && !l->base_count)
		return err_usage(e, "the load '%s' has no baseline: a baseline run has the same loads (--baseline %s=FILE)",
				 l->name, l->name);
	return refuse_twice(l, e);
}

int loads_find(struct loads *l, const struct options *o, struct err *e)
{
	if ((o->run_id ? name_by_run : name_by_files)(l, o, e))
		return -1;
	if (l->count > 1 && o->load_summary.count)
		return err_usage(e, "--load-summary is of a run with one load; this one has %zu", l->count);
	for (size_t i = 0; l->count > 1 && i < o->baseline.count; i++) {
		const char *text = o->baseline.items[i], *is = strchr(text, '=');
		if (!is)
			return err_usage(e, "wrong baseline '%s': of several loads, want NAME=FILE", text);
		if (!loads_named(l, text, (size_t)(is - text), "--baseline", e))
			return -1;
	}
	for (size_t i = 0; i < l->count; i++) {
		if (find_run(&l->all[i], o, e) || find_bases(&l->all[i], l->count > 1, o, e))
			return -1;
		if (l->count > 1 && strcmp(l->all[i].from.samples[0], "-") == 0)
			return err_usage(e, "standard input cannot hold one of several loads: --load NAME=FILE reads each from a file");
	}
	return 0;
}

static void warn_of_start(const struct grid *g)
{
	diag("second 0 begins %.6g s before the earliest row, which came after %d others: samples in a file would be read again",
	     ns_to_s(g->early_ns - g->t0_ns), GRID_PENDING);
}

/* Reads a run, once more if the row that was due first came too late to begin the windows with it. */
static int read_run(struct run_data *r, struct run_source *s, struct err *e)
{
	off_t at = lseek(STDIN_FILENO, 0, SEEK_CUR); /* -1: a pipe */
	if (run_read(r, s, e))
		return -1;
	int64_t first_ns = r->grid.early_ns;
	if (!first_ns)
		return 0;
	if (!run_source_again(s, at)) {
		diag_about(s->load);
		warn_of_start(&r->grid);
		diag_about(NULL);
		return 0;
	}
	uint64_t far = r->grid.far; /* with a start that is declared, those before it count as nothing but outside */
	run_release(r);
	s->start_ns = first_ns;
	int rc = run_read(r, s, e);
	if (r->grid.far < far)
		r->grid.far = far;
	return rc;
}

int loads_read_bases(struct loads *l, struct err *e)
{
	for (size_t i = 0; i < l->count; i++)
		for (size_t k = 0; k < l->all[i].base_count; k++)
			if (read_run(&l->all[i].bases[k], &l->all[i].base_from[k], e))
				return -1;
	return 0;
}

/* Reads a load again that began later than the run. Without a plan, nothing is known of the time
 * before its first row, nor is its first window whole. */
static int read_from(struct load *l, int64_t start_ns, struct err *e)
{
	int64_t began_ns = l->run.grid.t0_ns;
	run_release(&l->run);
	l->from.start_ns = start_ns;
	if (run_read(&l->run, &l->from, e))
		return -1;
	const struct grid *g = &l->run.grid;
	for (size_t k = 0; !l->run.planned && k < g->count && grid_is_before(g, k, began_ns); k++)
		g->windows[k].unmeasured = true;
	return 0;
}

int loads_read(struct loads *l, struct err *e)
{
	int64_t first_ns = INT64_MAX;
	for (size_t i = 0; i < l->count; i++) {
		const struct grid *g = &l->all[i].run.grid;
		run_source_sort(&l->all[i].from);
		if (read_run(&l->all[i].run, &l->all[i].from, e))
			return -1;
		if (g->count && g->t0_ns < first_ns)
			first_ns = g->t0_ns;
	}
	for (size_t i = 0; i < l->count; i++)
		if (l->all[i].run.grid.count && l->all[i].run.grid.t0_ns - first_ns >= NS_PER_MS &&
		    read_from(&l->all[i], first_ns, e))
			return -1;
	return 0;
}

void loads_release(struct loads *l)
{
	for (size_t i = 0; i < l->count; i++) {
		struct load *x = &l->all[i];
		for (size_t k = 0; k < x->base_count && x->bases; k++) {
			run_release(&x->bases[k]);
			run_source_release(&x->base_from[k]);
		}
		run_release(&x->run);
		run_source_release(&x->from);
		free(x->base_from);
		free(x->bases);
		free(x->name);
	}
	free(l->all);
	*l = (struct loads){0};
}

static void add_skipped(struct buf *out, const char *what, const struct run_data *r)
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
static void warn_of_rows(const struct load *l)
{
	struct buf skipped = BUF_INIT;
	add_skipped(&skipped, "", &l->run);
	for (size_t i = 0; i < l->base_count; i++)
		add_skipped(&skipped, "of the baseline ", &l->bases[i]);
	if (skipped.len)
		diag("rows skipped: %s; %" PRIu64 " rows counted", skipped.data, grid_requests(&l->run.grid));
	buf_release(&skipped);
}

/* Unless the same was said of a run before it, which may be NULL: loads of one run have their events in common. */
static void warn_of_events(const struct run_data *r, const struct run_source *of, const struct run_source *before)
{
	const struct event_log *log = &r->facts.log;
	size_t unread = event_log_unread(log);
	bool said = before && before->events && of->events && strcmp(before->events, of->events) == 0;
	if (unread && !said)
		diag("events skipped: %zu of %zu lines (first in line %zu of '%s': %s)", unread, log->count + unread,
		     log->first_bad, of->events, log->bad_reason);
}

static void warn_of_all_events(const struct load *l, const struct load *before)
{
	warn_of_events(&l->run, &l->from, before ? &before->from : NULL);
	for (size_t i = 0; i < l->base_count; i++)
		warn_of_events(&l->bases[i], &l->base_from[i],
			       before && i < before->base_count ? &before->base_from[i] : NULL);
}

void loads_warn(const struct loads *l)
{
	for (size_t i = 0; i < l->count; i++)
		warn_of_all_events(&l->all[i], i ? &l->all[i - 1] : NULL);
	for (size_t i = 0; i < l->count; i++) {
		diag_about(l->all[i].name);
		warn_of_rows(&l->all[i]);
	}
	diag_about(NULL);
}

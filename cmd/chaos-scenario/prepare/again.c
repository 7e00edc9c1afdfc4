#include "prepare/again.h"

#include "base/buf.h"
#include "base/units.h"
#include "run/run.h"
#include "stream/event.h"
#include "stream/json.h"
#include "sys/file.h"
#include "url/url.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct again {
	struct json *manifest;
	char *copy; /* of the scenario */
};

/* Whether the file that was run is still as the run's copy of it. */
static bool same(const char *file, const char *copy)
{
	struct buf now = BUF_INIT, then = BUF_INIT;
	struct err ignored;
	bool equal = file && file_read(file, &now, &ignored) == 0 && file_read(copy, &then, &ignored) == 0;
	char *shown = equal ? url_public_all(now.data) : NULL;
	equal = equal && strcmp(shown, then.data) == 0;
	free(shown);
	buf_release(&now);
	buf_release(&then);
	return equal;
}

static int set_files(struct options *o, struct again *a, struct err *e)
{
	const struct json *m = a->manifest;
	const char *folder = json_text(m, "folder"), *file = json_str(json_get(m, "scenario_file"), NULL);
	char here[PATH_MAX], *config = run_path(o->runs_dir, o->again, "config.yaml");
	int rc = 0;
	a->copy = run_path(o->runs_dir, o->again, "scenario.yaml");
	o->scenario = same(file, a->copy) ? file : a->copy;
	o->config = json_str(json_get(m, "config_file"), NULL);
	if (!getcwd(here, sizeof here) || strcmp(here, folder) != 0)
		rc = err_usage(e, "the run '%s' was made in the folder '%s': repeat it there", o->again, folder);
	else if (o->config && !same(o->config, config))
		rc = err_usage(e, "'%s' is no longer the config of the run '%s': that is '%s'", o->config, o->again, config);
	free(config);
	return rc;
}

static int set_options(struct options *o, const struct json *m, struct err *e)
{
	const struct json *how = json_get(m, "options"), *set = json_get(how, "set");
	const char *mode = json_str(json_get(how, "mode"), NULL);
	if (!how)
		return err_usage(e, "the run '%s' was made by a version that did not write down its options", o->again);
	o->seed = json_int(json_get(m, "seed"), -1);
	o->mode_name = mode;
	o->without_faults = json_bool(json_get(how, "without_faults"), false);
	o->unsteady |= json_bool(json_get(how, "unsteady"), false);
	o->shorten = json_num(json_get(how, "shorten"), 1);
	for (size_t i = 0; i < json_count(set); i++) {
		o->set.items = mem_grow(o->set.items, &o->set.alloc, o->set.count, sizeof *o->set.items);
		o->set.items[o->set.count++] = json_str(json_at(set, i), "");
	}
	return mode ? conf_mode_parse(mode, &o->mode, e) : 0;
}

int again_read(struct options *o, struct again **a, struct err *e)
{
	struct buf text = BUF_INIT;
	char *path = run_path(o->runs_dir, o->again, "manifest.json");
	*a = mem_alloc(sizeof **a);
	**a = (struct again){0};
	int rc = file_exists(path) ? file_read(path, &text, e)
				   : run_err_none(o->runs_dir, o->again, e);
	if (!rc)
		rc = ((*a)->manifest = json_parse(text.data, text.len, path, e)) ? 0 : -1;
	if (!rc)
		rc = set_files(o, *a, e) || set_options(o, (*a)->manifest, e) ? -1 : 0;
	buf_release(&text);
	free(path);
	return rc;
}

/* What is known of the end of a phase: when the next began, or the load stopped. NaN: the run did not come so far. */
static double end_of(const struct event_log *log, size_t index, double *from_s)
{
	*from_s = (double)NAN;
	for (size_t i = 0; i < log->count; i++) {
		const struct event *ev = &log->events[i];
		bool stop = ev->kind == EVENT_LOAD_RATE && strcmp(json_text(ev->json, "reason"), "stop") == 0;
		if (ev->kind == EVENT_STOP_RULE)
			return (double)NAN;
		if (!isnan(*from_s) && (stop || ev->kind == EVENT_PHASE_START))
			return ev->t;
		if (ev->kind == EVENT_PHASE_START && json_int(json_get(ev->json, "index"), -1) == (int64_t)index)
			*from_s = ev->t;
	}
	return (double)NAN;
}

int again_phases(const struct options *o, struct scenario *s, struct err *e)
{
	struct buf text = BUF_INIT;
	struct event_log log = {0};
	char *path = run_path(o->runs_dir, o->again, "events.jsonl");
	int rc = file_read(path, &text, e);
	if (!rc)
		event_log_parse(&log, text.data, text.len);
	s->duration_ns = 0;
	for (size_t i = 0; i < s->phase_count; i++) {
		struct scenario_phase *p = &s->phases[i];
		double from_s, to_s = end_of(&log, i, &from_s);
		int64_t lasted_ns = isnan(to_s) ? p->duration_ns : s_to_ns(round((to_s - from_s) * 1000) / 1000);
		if (p->until_recovered && lasted_ns > 0 && lasted_ns < p->duration_ns) {
			p->duration_ns = lasted_ns;
			p->until_recovered = false;
		}
		p->start_ns = s->duration_ns;
		s->duration_ns += p->duration_ns;
	}
	event_log_release(&log);
	buf_release(&text);
	free(path);
	return rc;
}

void again_free(struct again *a)
{
	if (!a)
		return;
	json_free(a->manifest);
	free(a->copy);
	free(a);
}

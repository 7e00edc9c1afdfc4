#include "input/source.h"

#include "base/buf.h"
#include "cli/diag.h"
#include "input/windows.h"
#include "run/ask.h"
#include "sys/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A last window shorter than this many seconds is dropped: its rates are mostly noise. */
static const double part_min = 0.25;

static int read_analysis(const char *path, struct source *s, struct err *e)
{
	struct buf text = BUF_INIT;
	if (!file_read(path, &text, e))
		s->analysis = analysis_parse(&text, path, e);
	buf_release(&text);
	return s->analysis ? 0 : -1;
}

static int read_json(const char *path, struct json **to, struct err *e)
{
	struct buf text = BUF_INIT;
	if (!file_read(path, &text, e))
		*to = json_parse(text.data, text.len, path, e);
	buf_release(&text);
	return *to ? 0 : -1;
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

static void drop_part(struct series *s)
{
	struct second *last = s->count ? &s->seconds[s->count - 1] : NULL;
	if (!last || last->length_s >= part_min)
		return;
	if (s->count > 1)
		second_release(&s->seconds[--s->count]);
	else
		last->length_s = 1;
}

/* Takes over what the analysis says about the input. */
static void take_input(struct source *s, const struct source_spec *spec)
{
	const struct json *input = json_get(s->found, "input");
	size_t bad_lines = (size_t)json_num(json_get(input, "events_bad"), 0);
	s->bad_rows = (uint64_t)(json_num(json_get(input, "rows_bad"), 0) +
				 json_num(json_get(input, "rows_torn"), 0));
	if (bad_lines)
		diag("'%s%s': %zu lines are no events and were skipped", spec->events ? spec->events : s->name,
		     spec->events ? "" : "/events.jsonl", bad_lines);
	if (s->bad_rows)
		diag("'%s': %llu bad rows were skipped",
		     spec->samples || spec->run_id ? s->name : "stdin", (unsigned long long)s->bad_rows);
}

/* Runs chaos-analyze on the samples for their windows and an analysis. For a file, a given
 * analysis tells when the run began and ended. */
static int read_samples(struct source *s, const struct source_spec *spec, struct err *e)
{
	struct ask ask = {.in_fd = spec->run_id || spec->samples ? -1 : STDIN_FILENO, .err_fd = -1};
	struct buf analysis = BUF_INIT, windows = BUF_INIT;
	char start[32], end[32], warmup[32];
	double t0_s = json_num(json_get(s->analysis, "input.start_epoch_s"), 0);
	double end_s = t0_s + json_num(json_get(s->analysis, "input.duration_s"), 0);
	bool known = !spec->run_id && t0_s > 0 && end_s > t0_s && end_s < 7e9;
	snprintf(start, sizeof start, "%.6f", t0_s);
	snprintf(end, sizeof end, "%.6f", end_s);
	snprintf(warmup, sizeof warmup, "%.9g", spec->warmup_s);
	ask_option(&ask, "--run-id", spec->run_id);
	ask_option(&ask, "--baseline-id", spec->baseline_id);
	ask_option(&ask, "--baseline", spec->baseline);
	ask_option(&ask, "--runs-dir", spec->runs_dir);
	ask_option(&ask, "--events", spec->events);
	ask_option(&ask, "--config", spec->config);
	ask_option(&ask, "--warmup-ignore-sec", spec->warmup_s < 0 ? NULL : warmup);
	ask_option(&ask, "--start", known ? start : NULL);
	ask_option(&ask, "--end", known ? end : NULL);
	ask_flag(&ask, spec->by_node ? "--by-node" : NULL);
	ask_option(&ask, "--", spec->samples);
	int rc = ask_analyze(&ask, &analysis, &windows, e);
	if (!rc)
		rc = windows_read(&s->series, &s->told, windows.data, windows.len, "chaos-analyze", e);
	if (!rc) {
		s->found = analysis_parse(&analysis, "chaos-analyze", e);
		rc = s->found ? 0 : -1;
	}
	if (!rc) {
		take_input(s, spec);
	}
	buf_release(&analysis);
	buf_release(&windows);
	return rc;
}

/* Nodes by the names of the config, where it has them. */
static void name_nodes(struct series_list *nodes, const struct json *known)
{
	for (size_t i = 0; i < nodes->count; i++)
		for (size_t k = 0; k < json_count(known); k++) {
			const struct json *j = json_at(known, k);
			const char *name = json_str(json_get(j, "node"), NULL);
			if (!name || strcmp(json_text(j, "url"), nodes->all[i].name) != 0)
				continue;
			free(nodes->all[i].name);
			nodes->all[i].name = mem_strdup(name);
			break;
		}
}

int source_open(struct source *s, const struct source_spec *spec, const char *name, struct err *e)
{
	*s = (struct source){.name = mem_strdup(name)};
	if (spec->analysis && read_analysis(spec->analysis, s, e))
		return -1;
	if ((spec->load && read_json(spec->load, &s->load, e)) || (spec->audit && read_json(spec->audit, &s->audit, e)))
		return -1;
	if (spec->windows ? read_windows(s, spec->windows, e) : read_samples(s, spec, e))
		return -1;
	for (size_t i = 0; i < s->series.count; i++)
		s->requests += (uint64_t)s->series.seconds[i].due;
	s->end_s = series_end_s(&s->series);
	drop_part(&s->series);
	name_nodes(&s->series.nodes, json_get(s->found ? s->found : s->analysis, "nodes"));
	return 0;
}

void source_release(struct source *s)
{
	series_release(&s->series);
	free(s->told.all);
	json_free(s->analysis);
	json_free(s->found);
	json_free(s->load);
	json_free(s->audit);
	free(s->name);
	*s = (struct source){0};
}

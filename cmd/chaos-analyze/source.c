#include "run.h"

#include "base/buf.h"
#include "base/suggest.h"
#include "conf/run.h"
#include "sys/file.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

static int no_such_run(const char *runs_dir, const char *id, struct err *e)
{
	const char *near = NULL;
	char *kept = NULL; /* the entry's memory does not outlive the next one */
	DIR *d = opendir(runs_dir);
	if (!d)
		return err_usage(e, "no run '%s': there is no folder '%s'", id, runs_dir);
	for (struct dirent *entry; (entry = readdir(d));) {
		if (entry->d_name[0] == '.')
			continue;
		suggest(id, entry->d_name, &near);
		if (near == entry->d_name) {
			free(kept);
			near = kept = mem_strdup(near);
		}
	}
	closedir(d);
	if (near)
		err_usage(e, "no run '%s' in '%s'; did you mean '%s'?", id, runs_dir, near);
	else
		err_usage(e, "no run '%s' in '%s'", id, runs_dir);
	free(kept);
	return -1;
}

/* The path if there is such a file, else NULL. */
static char *optional(const char *runs_dir, const char *id, const char *file)
{
	char *path = run_path(runs_dir, id, file);
	if (file_exists(path))
		return path;
	free(path);
	return NULL;
}

/* Of a run that goes on: the names of its files, which may come later. */
static void to_come_of(struct run_source *s, const char *runs_dir, const char *id)
{
	s->samples = mem_alloc(2 * sizeof *s->samples);
	s->samples[0] = run_path(runs_dir, id, "samples.csv");
	s->load_summary = run_path(runs_dir, id, "load.json");
	s->events = run_path(runs_dir, id, "events.jsonl");
}

int run_source_of_id(struct run_source *s, const char *runs_dir, const char *id, bool to_come,
		     struct err *e)
{
	*s = (struct run_source){0};
	if (run_id_check_read(id, e))
		return -1;
	char *dir = run_path(runs_dir, id, NULL);
	bool exists = file_exists(dir);
	free(dir);
	if (!exists)
		return no_such_run(runs_dir, id, e);
	if (to_come) {
		to_come_of(s, runs_dir, id);
		return 0;
	}
	char *samples = optional(runs_dir, id, "samples.csv");
	if (!samples)
		return err_usage(e, "the run '%s' in '%s' has no samples.csv", id, runs_dir);
	s->samples = mem_alloc(2 * sizeof *s->samples);
	s->samples[0] = samples;
	s->load_summary = optional(runs_dir, id, "load.json");
	s->events = optional(runs_dir, id, "events.jsonl");
	return 0;
}

void run_source_of_files(struct run_source *s, const char *const *files, size_t count)
{
	*s = (struct run_source){0};
	s->samples = mem_alloc((count + 2) * sizeof *s->samples);
	for (size_t i = 0; i < count; i++)
		s->samples[i] = mem_strdup(files[i]);
	if (count == 0)
		s->samples[0] = mem_strdup("-");
}

void run_source_release(struct run_source *s)
{
	for (char **p = s->samples; p && *p; p++)
		free(*p);
	free(s->samples);
	free(s->load_summary);
	free(s->events);
	*s = (struct run_source){0};
}

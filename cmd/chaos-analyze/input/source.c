#include "input/run.h"

#include "base/buf.h"
#include "run/loads.h"
#include "run/run.h"
#include "sys/file.h"

#include <stdlib.h>
#include <string.h>

int run_source_of_id(struct run_source *s, const char *runs_dir, const char *id, const char *load,
		     bool to_come, struct err *e)
{
	*s = (struct run_source){.id = id};
	s->samples = mem_alloc(2 * sizeof *s->samples);
	s->samples[0] = run_load_path(runs_dir, id, "samples", load, ".csv");
	s->load_summaries = mem_alloc(2 * sizeof *s->load_summaries);
	s->load_summaries[0] = run_load_path(runs_dir, id, "load", load, ".json");
	s->events = run_path(runs_dir, id, "events.jsonl");
	s->audit = run_path(runs_dir, id, "audit.json");
	if (!to_come && !file_exists(s->samples[0]))
		return err_usage(e, "the run '%s' in '%s' has no %s", id, runs_dir,
				 strrchr(s->samples[0], '/') + 1);
	char **optional[] = {&s->load_summaries[0], &s->events, &s->audit};
	for (size_t i = 0; i < ARRAY_LEN(optional) && !to_come; i++)
		if (!file_exists(*optional[i])) {
			free(*optional[i]);
			*optional[i] = NULL;
		}
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
	mem_free_texts(s->samples, SIZE_MAX);
	mem_free_texts(s->load_summaries, SIZE_MAX);
	free(s->events);
	free(s->audit);
	*s = (struct run_source){0};
}

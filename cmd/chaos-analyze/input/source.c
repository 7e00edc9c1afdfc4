#include "input/run.h"

#include "base/buf.h"
#include "run/loads.h"
#include "run/run.h"
#include "sys/file.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

static bool is_plain(const char *path)
{
	struct stat st;
	return (strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, &st) : stat(path, &st)) == 0 && S_ISREG(st.st_mode);
}

bool run_source_again(const struct run_source *s, off_t at)
{
	for (char **p = s->samples; *p; p++)
		if (!is_plain(*p) || (strcmp(*p, "-") == 0 && lseek(STDIN_FILENO, at, SEEK_SET) < 0))
			return false;
	return true;
}

/* The earliest due time of the first rows; INT64_MAX if they cannot be read twice. */
static int64_t begins_ns(const char *path)
{
	struct err e;
	const struct csv_row *rows;
	size_t count, seen = 0;
	int64_t first_ns = INT64_MAX;
	bool from_stdin = strcmp(path, "-") == 0;
	if (!is_plain(path))
		return INT64_MAX;
	int fd = from_stdin ? STDIN_FILENO : file_open(path, &e);
	off_t at = fd < 0 ? -1 : lseek(fd, 0, SEEK_CUR);
	struct csv c;
	csv_init(&c, fd, path);
	while (fd >= 0 && seen < GRID_PENDING && csv_next_rows(&c, &rows, &count, &e) == CSV_ROW)
		for (seen += count; count--;)
			first_ns = rows[count].due_ns < first_ns ? rows[count].due_ns : first_ns;
	csv_release(&c);
	if (from_stdin)
		lseek(fd, at, SEEK_SET);
	else if (fd >= 0)
		close(fd);
	return first_ns;
}

void run_source_sort(struct run_source *s)
{
	size_t count = 0;
	while (s->samples[count])
		count++;
	int64_t *begins = mem_alloc((count + 1) * sizeof *begins);
	for (size_t i = 0; i < count && count > 1; i++) {
		int64_t ns = begins_ns(s->samples[i]);
		char *path = s->samples[i];
		size_t k = i;
		for (; k && begins[k - 1] > ns; k--) {
			begins[k] = begins[k - 1];
			s->samples[k] = s->samples[k - 1];
		}
		begins[k] = ns;
		s->samples[k] = path;
	}
	free(begins);
}

void run_source_release(struct run_source *s)
{
	mem_free_texts(s->samples, SIZE_MAX);
	mem_free_texts(s->load_summaries, SIZE_MAX);
	free(s->events);
	free(s->audit);
	*s = (struct run_source){0};
}

#include "run/loads.h"

#include "base/buf.h"
#include "base/text.h"
#include "run/run.h"
#include "stream/event.h"
#include "sys/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *run_load_path(const char *runs_dir, const char *id, const char *stem, const char *load, const char *ending)
{
	return mem_printf("%s/%s/%s%s%s%s", runs_dir, id, stem, load ? "." : "", load ? load : "", ending);
}

/* The name of the load whose samples a file has; NULL if it has none. The caller frees. */
static char *load_of(const char *file)
{
	const size_t start = strlen("samples."), end = strlen(".csv"), len = strlen(file);
	if (strncmp(file, "samples.", start) != 0 || len <= start + end || strcmp(file + len - end, ".csv") != 0)
		return NULL;
	return mem_printf("%.*s", (int)(len - start - end), file + start);
}

static int is_of_load(const struct dirent *entry)
{
	char *name = load_of(entry->d_name);
	free(name);
	return name != NULL;
}

void run_loads_find(struct run_loads *l, const char *runs_dir, const char *id)
{
	char *sole = run_load_path(runs_dir, id, "samples", NULL, ".csv"), *dir = run_path(runs_dir, id, NULL);
	struct dirent **entries = NULL;
	int n = access(sole, F_OK) ? scandir(dir, &entries, is_of_load, alphasort) : 0;
	*l = (struct run_loads){.names = mem_alloc((size_t)(n > 0 ? n : 1) * sizeof *l->names)};
	for (int i = 0; i < n; i++) {
		char *name = load_of(entries[i]->d_name);
		if (name_is_plain(name)) {
			l->names[l->count++] = name;
		} else {
			free(l->odd);
			l->odd = run_path(runs_dir, id, entries[i]->d_name);
			free(name);
		}
		free(entries[i]);
	}
	l->count = l->count ? l->count : 1;
	free(entries);
	free(sole);
	free(dir);
}

int run_loads_check(const struct run_loads *l, struct err *e)
{
	return l->odd ? err_usage(e, "'%s' is of no load: a name is 1 to %d of A-Z a-z 0-9 . _ -; rename the file", l->odd, NAME_LETTERS_MAX) : 0;
}

void run_loads_release(struct run_loads *l)
{
	mem_free_texts(l->names, l->count);
	free(l->odd);
	*l = (struct run_loads){0};
}

static bool has_file(const char *runs_dir, const char *id, const char *file)
{
	char *path = run_path(runs_dir, id, file);
	bool there = file_exists(path);
	free(path);
	return there;
}

/* More than the line of the header. A file that cannot be read may have rows. */
static bool has_rows(const char *path)
{
	char start[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, start, sizeof start);
	const char *line = n > 0 ? memchr(start, '\n', (size_t)n) : NULL;
	if (fd >= 0)
		close(fd);
	return n < 0 || n == sizeof start || (line && line + 1 < start + n);
}

static bool was_unsteady(const char *runs_dir, const char *id)
{
	struct err e;
	struct buf text = BUF_INIT;
	struct event_log log = {0};
	char *path = run_path(runs_dir, id, "events.jsonl");
	bool unsteady = false;
	if (file_read(path, &text, &e) == 0)
		event_log_parse(&log, text.data, text.len);
	for (size_t i = 0; i < log.count; i++)
		unsteady |= log.events[i].kind == EVENT_RUN_END && json_bool(json_get(log.events[i].json, "unsteady"), false);
	event_log_release(&log);
	buf_release(&text);
	free(path);
	return unsteady;
}

bool run_is_void(const char *runs_dir, const char *id)
{
	struct run_loads l;
	bool rows = false;
	if (!has_file(runs_dir, id, "manifest.json") || has_file(runs_dir, id, "analysis.json"))
		return false;
	run_loads_find(&l, runs_dir, id);
	for (size_t i = 0; i < l.count; i++) {
		char *path = run_load_path(runs_dir, id, "samples", l.names[i], ".csv");
		rows |= has_rows(path);
		free(path);
	}
	run_loads_release(&l);
	return !rows || was_unsteady(runs_dir, id);
}

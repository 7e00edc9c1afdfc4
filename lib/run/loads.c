#include "run/loads.h"

#include "base/buf.h"
#include "base/name.h"
#include "run/run.h"

#include <dirent.h>
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
	char *name = mem_printf("%.*s", (int)(len - start - end), file + start);
	if (name_is_plain(name))
		return name;
	free(name);
	return NULL;
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
		l->names[l->count++] = load_of(entries[i]->d_name);
		free(entries[i]);
	}
	l->count = l->count ? l->count : 1;
	free(entries);
	free(sole);
	free(dir);
}

void run_loads_release(struct run_loads *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->names[i]);
	free(l->names);
	*l = (struct run_loads){0};
}

/* All entries of the journal. */
#include "base/buf.h"
#include "journal/journal.h"
#include "journal/journal_text.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static DIR *open_folder(const char *state)
{
	char *dir = mem_printf("%s/faults", state);
	DIR *d = opendir(dir);
	free(dir);
	return d;
}

/* False if the name is not that of an entry, or it has gone meanwhile: then it is not damaged. */
static bool read_entry(const char *state, DIR *d, const char *name, struct journal_entry *j)
{
	size_t len = strlen(name);
	if (name[0] == '.' || len < 6 || strcmp(name + len - 5, ".json") != 0)
		return false;
	char *path = mem_printf("%s/faults/%s", state, name);
	int rc = journal_read(path, j);
	free(path);
	if (rc || strncmp(j->uid, name, len - 5) != 0 || j->uid[len - 5]) {
		*j = (struct journal_entry){.damaged = true};
		snprintf(j->uid, sizeof j->uid, "%.*s", (int)len - 5, name);
	}
	return !rc || faccessat(dirfd(d), name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* f2 before f10. */
static int by_uid(const void *a, const void *b)
{
	const char *x = ((const struct journal_entry *)a)->uid;
	const char *y = ((const struct journal_entry *)b)->uid;
	size_t nx = strlen(x), ny = strlen(y);
	return nx != ny ? (nx < ny ? -1 : 1) : strcmp(x, y);
}

struct journal_entry *journal_list(const char *state, size_t *count)
{
	struct journal_entry *items = NULL;
	DIR *d = open_folder(state);
	size_t alloc = 0;
	*count = 0;
	for (struct dirent *de; d && (de = readdir(d));) {
		items = mem_grow(items, &alloc, *count, sizeof *items);
		if (read_entry(state, d, de->d_name, &items[*count]) && !items[*count].done)
			++*count;
	}
	if (d)
		closedir(d);
	if (*count)
		qsort(items, *count, sizeof *items, by_uid);
	return items;
}

bool journal_each(const char *state, bool (*each)(void *arg, const struct journal_entry *j),
		  void *arg)
{
	size_t count;
	bool found = false;
	struct journal_entry *all = journal_list(state, &count);
	for (size_t i = 0; i < count && !found; i++)
		found = !all[i].damaged && each(arg, &all[i]);
	free(all);
	return found;
}

/* Whoever wrote that it is over died before the name went. */
void journal_sweep(const char *state, pid_t gone)
{
	DIR *d = open_folder(state);
	struct proc_id id;
	struct journal_entry j;
	struct err e;
	for (struct dirent *de; d && (de = readdir(d));) {
		const char *dot = strrchr(de->d_name, '.');
		int pid = dot && dot != de->d_name ? atoi(dot + 1) : 0;
		bool torn = de->d_name[0] == '.' && pid > 0 &&
			    (pid == gone || proc_identify(pid, &id, &e));
		if (torn || (read_entry(state, d, de->d_name, &j) && j.done))
			unlinkat(dirfd(d), de->d_name, 0);
	}
	if (d)
		closedir(d);
}

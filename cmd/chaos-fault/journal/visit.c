/* All entries of the journal. */
#include "base/buf.h"
#include "journal/journal.h"
#include "journal/journal_text.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool each_file(const char *state, bool (*each)(void *arg, const char *path), void *arg)
{
	char *dir = mem_printf("%s/faults", state);
	DIR *d = opendir(dir);
	bool found = false;
	for (struct dirent *de; d && !found && (de = readdir(d));) {
		size_t len = strlen(de->d_name);
		if (de->d_name[0] == '.' || len < 6 || strcmp(de->d_name + len - 5, ".json") != 0)
			continue;
		char *path = mem_printf("%s/%s", dir, de->d_name);
		found = each(arg, path);
		free(path);
	}
	if (d)
		closedir(d);
	free(dir);
	return found;
}

struct visit {
	bool (*each)(void *arg, const struct journal_entry *j);
	void (*damaged)(void *arg, const char *uid);
	void *arg;
};

static bool visit(void *arg, const char *path)
{
	const struct visit *v = arg;
	struct journal_entry j;
	return journal_read(path, &j) == 0 && !j.done && v->each(v->arg, &j);
}

bool journal_each(const char *state, bool (*each)(void *arg, const struct journal_entry *j),
		  void *arg)
{
	return each_file(state, visit, &(struct visit){.each = each, .arg = arg});
}

/* One that goes while it is read is not damaged. */
static bool visit_damaged(void *arg, const char *path)
{
	const struct visit *v = arg;
	struct journal_entry j;
	if (journal_read(path, &j) == 0 ||
	    faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		return false;
	const char *name = strrchr(path, '/') + 1;
	char *uid = mem_printf("%.*s", (int)(strlen(name) - strlen(".json")), name);
	v->damaged(v->arg, uid);
	free(uid);
	return false;
}

void journal_each_damaged(const char *state, void (*each)(void *arg, const char *uid), void *arg)
{
	each_file(state, visit_damaged, &(struct visit){.damaged = each, .arg = arg});
}

struct list {
	struct journal_entry *items;
	size_t count, alloc;
};

static bool add(void *arg, const struct journal_entry *j)
{
	struct list *l = arg;
	l->items = mem_grow(l->items, &l->alloc, l->count, sizeof *l->items);
	l->items[l->count++] = *j;
	return false;
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
	struct list l = {0};
	journal_each(state, add, &l);
	if (l.count)
		qsort(l.items, l.count, sizeof *l.items, by_uid);
	*count = l.count;
	return l.items;
}

/* Whoever wrote that it is over died before the name went. */
static bool remove_done(void *arg, const char *path)
{
	struct journal_entry j;
	(void)arg;
	if (journal_read(path, &j) == 0 && j.done)
		unlink(path);
	return false;
}

void journal_sweep(const char *state, pid_t gone)
{
	char *dir = mem_printf("%s/faults", state);
	DIR *d = opendir(dir);
	struct proc_id id;
	struct err e;
	for (struct dirent *de; d && (de = readdir(d));) {
		const char *dot = strrchr(de->d_name, '.');
		int pid = dot && dot != de->d_name ? atoi(dot + 1) : 0;
		if (de->d_name[0] == '.' && pid > 0 && (pid == gone || proc_identify(pid, &id, &e)))
			unlinkat(dirfd(d), de->d_name, 0);
	}
	if (d)
		closedir(d);
	free(dir);
	each_file(state, remove_done, NULL);
}

#include "journal/journal.h"

#include "base/buf.h"
#include "journal/journal_text.h"
#include "seam.h"
#include "stream/json.h"
#include "sys/file.h"
#include "sys/own_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool journal_is_hold(const struct journal_entry *j)
{
	return j->uid[0] == 'u';
}

static char *faults_dir(const char *state)
{
	return mem_printf("%s/faults", state);
}

static char *entry_path(const char *state, const char *uid)
{
	return mem_printf("%s/faults/%s.json", state, uid);
}

/* --- writing ------------------------------------------------------------------- */

static int write_synced(const char *path, const struct buf *text, struct err *e)
{
	int fd = own_open(path, O_WRONLY | O_CREAT | O_TRUNC, e);
	if (fd < 0)
		return -1;
	int rc = write_all(fd, text->data, text->len, e);
	if (rc)
		err_prefix(e, "'%s'", path);
	else if (fsync(fd))
		rc = err_sys(e, errno, "cannot write '%s'", path);
	close(fd);
	return rc;
}

/* A name is on disk when its folder is; so is the folder's own, the first time. */
static int sync_names(const char *state, bool first, struct err *e)
{
	char *dir = faults_dir(state);
	int rc = sync_dir(dir, e);
	if (!rc && first)
		rc = sync_dir(state, e);
	free(dir);
	return rc;
}

/* Written beside it and linked into place: who sees the entry sees it whole. Returns 1 if
 * somebody else has just taken the UID. */
static int publish(const char *state, const char *uid, const struct buf *text, struct err *e)
{
	char *path = entry_path(state, uid);
	char *tmp = mem_printf("%s/faults/.%s.%d", state, uid, (int)getpid());
	int rc = write_synced(tmp, text, e);
	crash_point();
	if (!rc && link(tmp, path))
		rc = errno == EEXIST ? 1 : err_sys(e, errno, "cannot write '%s'", path);
	crash_point();
	unlink(tmp);
	free(tmp);
	free(path);
	return rc;
}

static void next_uid(const char *state, struct journal_entry *j, char prefix, uint64_t *last)
{
	bool taken = true;
	while (taken) {
		snprintf(j->uid, sizeof j->uid, "%c%" PRIu64, prefix, ++*last);
		char *path = entry_path(state, j->uid);
		taken = access(path, F_OK) == 0;
		free(path);
	}
}

/* The entry is there, but whether it outlives a crash of the machine is not known: then nothing
 * is to follow it. */
static int withdraw(const char *state, const char *uid)
{
	char *path = entry_path(state, uid);
	unlink(path);
	free(path);
	return -1;
}

int journal_intend(const char *state, struct journal_entry *j, char prefix, uint64_t *last,
		   const struct config *c, const struct node_conf *n, struct err *e)
{
	char *dir = faults_dir(state);
	bool first = access(dir, F_OK) != 0;
	int rc = make_dirs(dir, 0700, e) ? -1 : 1;
	free(dir);
	while (rc > 0) {
		struct buf text = BUF_INIT;
		next_uid(state, j, prefix, last);
		journal_write(&text, j, c, n);
		rc = publish(state, j->uid, &text, e);
		buf_release(&text);
	}
	if (!rc && sync_names(state, first, e))
		rc = withdraw(state, j->uid);
	crash_point();
	return rc;
}

static int note(const char *state, const struct journal_entry *j, const char *line, struct err *e)
{
	char *path = entry_path(state, j->uid);
	int fd = own_open(path, O_WRONLY | O_APPEND, e);
	int rc = fd < 0 ? -1 : write_all(fd, line, strlen(line), e);
	if (fd >= 0)
		close(fd);
	free(path);
	return rc;
}

int journal_begin(const char *state, const struct journal_entry *j, struct err *e)
{
	int rc = note(state, j, "{\"begun\":true}\n", e);
	crash_point();
	return rc;
}

int journal_lock(const char *state, const struct journal_entry *j, struct err *e)
{
	char *path = entry_path(state, j->uid);
	struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = own_open(path, O_RDWR, e);
	free(path);
	if (fd < 0 || fcntl(fd, F_OFD_SETLK, &all) == 0)
		return fd;
	err_sys(e, errno, "its program still runs");
	close(fd);
	return -1;
}

void journal_note_call(const char *state, struct journal_entry *j, const struct proc_id *call)
{
	struct err ignored;
	char line[96];
	j->call = *call;
	snprintf(line, sizeof line, "{\"call\":{\"pid\":%d,\"start_ticks\":%" PRIu64 "}}\n",
		 (int)call->pid, call->start_ticks);
	note(state, j, line, &ignored);
	crash_point();
}

void journal_due(const char *state, const struct journal_entry *j)
{
	struct err ignored;
	struct buf line = BUF_INIT;
	journal_write_due(&line, j);
	note(state, j, line.data, &ignored);
	buf_release(&line);
	crash_point();
}

void journal_fail(const char *state, const struct journal_entry *j)
{
	struct err ignored;
	struct journal_entry now = *j;
	if (journal_has(state, &now))
		note(state, j, "{\"failed\":true}\n", &ignored);
}

void journal_done(const char *state, const struct journal_entry *j)
{
	struct journal_entry now = *j;
	char *path = entry_path(state, j->uid);
	crash_point();
	if (journal_has(state, &now))
		unlink(path);
	crash_point();
	free(path);
}

/* --- reading ------------------------------------------------------------------- */

static bool same_id(const struct proc_id *a, const struct proc_id *b)
{
	return a->pid == b->pid && a->start_ticks == b->start_ticks;
}

bool journal_has(const char *state, struct journal_entry *j)
{
	struct journal_entry now;
	char *path = entry_path(state, j->uid);
	int rc = journal_read(path, &now);
	free(path);
	if (rc || strcmp(now.key, j->key) != 0 || strcmp(now.action, j->action) != 0 ||
	    !same_id(&now.owner, &j->owner))
		return false;
	j->begun = now.begun;
	j->deadline_ns = now.deadline_ns;
	j->deadline_s = now.deadline_s;
	j->failed = now.failed;
	j->call = now.call;
	return true;
}

static bool each_file(const char *state, bool (*each)(void *arg, const char *path), void *arg)
{
	char *dir = faults_dir(state);
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
	return journal_read(path, &j) == 0 && v->each(v->arg, &j);
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

int journal_config(const char *state, const struct journal_entry *j, struct config *c,
		   struct err *e)
{
	char *path = entry_path(state, j->uid);
	int rc = journal_read_config(path, j, c, e);
	free(path);
	return rc;
}

/* --- whose it is ----------------------------------------------------------------- */

void journal_sweep(const char *state, pid_t gone)
{
	char *dir = faults_dir(state);
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
}

bool journal_owned(const struct journal_entry *j, const char *world)
{
	return strcmp(j->world, world) == 0 && (proc_alive(&j->owner) || proc_alive(&j->guard));
}

bool journal_held(const struct journal_entry *j, const char *world)
{
	return strcmp(j->world, world) == 0 &&
	       (proc_alive(&j->owner) || (j->handed_over && proc_alive(&j->guard)));
}

bool journal_other_boot(const struct journal_entry *j, const char *world)
{
	size_t boot = strcspn(world, " ");
	return strncmp(j->world, world, boot) != 0 || j->world[boot] != ' ';
}

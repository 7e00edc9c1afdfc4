#include "prepare/rundir.h"

#include "base/buf.h"
#include "cli/diag.h"
#include "run/loads.h"
#include "run/run.h"
#include "stream/json.h"
#include "sys/file.h"
#include "sys/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int check_latest(const char *runs_dir, struct err *e)
{
	struct stat st;
	char *latest = mem_printf("%s/latest", runs_dir);
	int rc = 0;
	if (lstat(latest, &st) == 0 && !S_ISLNK(st.st_mode))
		rc = err_usage(e, "'%s' is in the way: it should be a link to the last run", latest);
	free(latest);
	return rc;
}

static char *lock_path(const char *folder)
{
	return mem_printf("%s/.lock", folder);
}

static const struct lock_said in_progress = {"the run '", "' is in progress"};

static int check_idle(const char *path, struct err *e)
{
	char *lock = lock_path(path);
	int rc = lock_check(lock, &in_progress, e);
	free(lock);
	return rc;
}

int rundir_check(const char *runs_dir, const char *id, bool force, struct err *e)
{
	struct stat st;
	if (stat(runs_dir, &st) == 0 && !S_ISDIR(st.st_mode))
		return err_usage(e, "'%s' is no folder", runs_dir);
	char *path = run_path(runs_dir, id, NULL);
	int rc = 0;
	if (lstat(path, &st) == 0) {
		if (!S_ISDIR(st.st_mode))
			rc = err_usage(e, "'%s' is in the way: it is not a run directory", path);
		else if (check_idle(path, e))
			rc = -1;
		else if (!force && !run_is_void(runs_dir, id))
			rc = err_usage(e, "the run '%s' exists in '%s'; --force replaces it", id,
				       runs_dir);
	}
	free(path);
	return rc ? rc : check_latest(runs_dir, e);
}

/* The lock of the run in that folder: held by us from then on, or -1. */
static int lock_folder(const char *folder, const char *id, struct err *e)
{
	char *path = lock_path(folder);
	int fd = lock_take(path, id, &in_progress, e);
	free(path);
	return fd;
}

static int make_folder(struct rundir *d, struct err *e)
{
	if (mkdir(d->path, 0755) == 0) {
		d->lock_fd = lock_folder(d->path, d->id, e);
		return d->lock_fd < 0 ? -1 : 0;
	}
	if (errno == EEXIST) /* another run of that name was faster */
		err_usage(e, "the run '%s' exists in '%s'", d->id, d->runs_dir);
	else
		err_sys(e, errno, "cannot make the folder '%s'", d->path);
	if (d->aside)
		rename(d->aside, d->path);
	return -1;
}

/* The lock keeps other runs out while the folder is renamed. */
static int move_aside(struct rundir *d, struct err *e)
{
	int fd = lock_folder(d->path, d->id, e), rc = 0;
	if (fd < 0)
		return -1;
	d->aside = mem_printf("%s/.%s.old-%ld", d->runs_dir, d->id, (long)getpid());
	if (rename(d->path, d->aside)) {
		rc = err_sys(e, errno, "cannot move the old run '%s' aside", d->path);
		free(d->aside);
		d->aside = NULL;
	}
	close(fd);
	return rc;
}

int rundir_make(struct rundir *d, const char *runs_dir, const char *id, bool force, struct err *e)
{
	*d = (struct rundir){.runs_dir = runs_dir, .id = id, .lock_fd = -1};
	d->made_runs_dir = !file_exists(runs_dir);
	if (rundir_check(runs_dir, id, force, e) || make_dirs(runs_dir, 0755, e))
		return -1;
	d->path = run_path(runs_dir, id, NULL);
	bool is_void = !force && run_is_void(runs_dir, id);
	if (is_void)
		diag("the run '%s' of before is replaced: nothing came of it", id);
	if ((force || is_void) && file_exists(d->path) && move_aside(d, e))
		return -1;
	return make_folder(d, e);
}

/* Makes a new link and renames it, so that runs/latest always exists. */
static int link_latest(const struct rundir *d, struct err *e)
{
	char *latest = mem_printf("%s/latest", d->runs_dir);
	char *fresh = mem_printf("%s/.latest-%ld", d->runs_dir, (long)getpid());
	int rc = 0;
	unlink(fresh);
	if (symlink(d->id, fresh) || rename(fresh, latest)) {
		rc = err_sys(e, errno, "cannot make the link '%s'", latest);
		unlink(fresh);
	}
	free(latest);
	free(fresh);
	return rc;
}

int rundir_keep(struct rundir *d, struct err *e)
{
	if (d->aside && remove_tree(d->aside, e))
		return -1;
	free(d->aside);
	d->aside = NULL;
	return link_latest(d, e);
}

void rundir_discard(struct rundir *d)
{
	struct err ignored;
	remove_tree(d->path, &ignored);
	if (d->aside)
		rename(d->aside, d->path);
	free(d->aside);
	d->aside = NULL;
	if (d->made_runs_dir)
		rmdir(d->runs_dir);
}

void rundir_release(struct rundir *d)
{
	if (d->lock_fd >= 0) {
		char *lock = lock_path(d->path);
		unlink(lock);
		close(d->lock_fd);
		free(lock);
	}
	free(d->path);
	free(d->aside);
	*d = (struct rundir){.lock_fd = -1};
}

char *rundir_file(const struct rundir *d, const char *name)
{
	return mem_printf("%s/%s", d->path, name);
}

int rundir_write_json(const struct rundir *d, const char *name, const struct json *j, struct err *e)
{
	struct buf text = BUF_INIT;
	char *path = rundir_file(d, name);
	json_write(j, true, &text);
	buf_addch(&text, '\n');
	int rc = file_replace(path, text.data, text.len, 0644, e);
	free(path);
	buf_release(&text);
	return rc;
}

int rundir_create(const struct rundir *d, const char *name, struct err *e)
{
	char *path = rundir_file(d, name);
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
	if (fd < 0)
		err_sys(e, errno, "cannot make '%s'", path);
	free(path);
	return fd;
}

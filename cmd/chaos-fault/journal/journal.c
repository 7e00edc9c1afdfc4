#include "journal/journal.h"

#include "base/buf.h"
#include "journal/confirm.h"
#include "journal/journal_text.h"
#include "journal/kept.h"
#include "seam.h"
#include "sys/file.h"
#include "sys/own_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool journal_is_bring_up(const struct journal_entry *j)
{
	return j->uid[0] == 'u';
}

static const char done_note[] = "{\"done\":true}\n";
enum { NOTES_BYTES = 4096, SPARE_BYTES = 16384 };

static char *faults_dir(const char *state)
{
	return mem_printf("%s/faults", state);
}

static char *entry_path(const char *state, const char *uid)
{
	return mem_printf("%s/faults/%s.json", state, uid);
}

static bool is_same(const struct journal_entry *a, const struct journal_entry *b)
{
	return strcmp(a->key, b->key) == 0 && strcmp(a->action, b->action) == 0 &&
	       proc_same(&a->owner, &b->owner);
}

/* --- writing ------------------------------------------------------------------- */

static char *spare_path(const char *state, const struct journal_entry *j)
{
	return mem_printf("%s/nodes/%s/spare", state, j->key);
}

void journal_spend(const char *state, struct kept *k, const struct journal_entry *j)
{
	char *path = spare_path(state, j);
	unlink(path);
	free(path);
	kept_spend(k, j->uid);
}

/* A file of that text, if any on disk, with room for what is written there later, or in another file
 * once this one is gone. A file system that cannot set room aside does without. */
static int write_with_room(const char *path, const char *text, off_t room, struct err *e)
{
	size_t len = strlen(text);
	int rc = 0, fd = own_open(path, O_WRONLY | O_CREAT | O_TRUNC, e);
	if (fd < 0)
		return -1;
	if (fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)len + room) &&
	    (errno == ENOSPC || errno == EDQUOT))
		rc = err_sys(e, errno, "no room for the undo in '%s'", path);
	else if (write_all(fd, text, len, e))
		rc = err_prefix(e, "'%s'", path);
	else if (len && fsync(fd))
		rc = err_sys(e, errno, "cannot write '%s'", path);
	close(fd);
	return rc;
}

/* Writes a temporary file and links it into place, so that readers see the whole entry. Returns 1
 * if another process has just taken the UID. */
static int publish(const char *state, const char *uid, const char *text, struct err *e)
{
	char *path = entry_path(state, uid);
	char *tmp = mem_printf("%s/faults/.%s.%d", state, uid, (int)getpid());
	int rc = write_with_room(tmp, text, NOTES_BYTES, e);
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

static int open_entry(const char *state, const char *uid, struct err *e)
{
	char *path = entry_path(state, uid);
	int fd = own_open(path, O_RDWR | O_APPEND, e);
	free(path);
	return fd;
}

/* What is needed to undo it is set aside. */
static int reserve(const char *state, struct kept *k, const struct journal_entry *j, struct err *e)
{
	struct kept_entry *mine = kept_find(k, j->uid);
	if (!mine)
		return 0;
	char *spare = spare_path(state, j);
	mine->fd = open_entry(state, j->uid, e);
	int rc = mine->fd < 0 || kept_reserve(k, j->uid, e) ||
				 write_with_room(spare, "", SPARE_BYTES, e)
			 ? -1
			 : 0;
	free(spare);
	return rc;
}

int journal_intend(const char *state, struct kept *k, struct journal_entry *j, char prefix,
		   uint64_t *last, const struct config *c, const struct node_conf *n, struct err *e)
{
	struct buf text = BUF_INIT;
	char *dir = faults_dir(state);
	bool first = access(dir, F_OK) != 0;
	int rc = make_dirs(dir, 0700, e) ? -1 : 1;
	while (rc > 0) {
		buf_reset(&text);
		next_uid(state, j, prefix, last);
		journal_write(&text, j, c, n);
		if (confirm_note(state, j->key, text.data, e) ||
		    (k && kept_add(k, j->uid, text.data, -1, e))) /* the guard knows it first */
			rc = -1;
		else
			rc = publish(state, j->uid, text.data, e);
		if (rc)
			kept_drop(k, j->uid);
	}
	/* A name is on disk when its folder is; so is the folder's own, the first time. */
	if (!rc && (sync_dir(dir, e) || (first && sync_dir(state, e)) || reserve(state, k, j, e))) {
		journal_done(state, k, j);
		rc = -1;
	}
	free(dir);
	buf_release(&text);
	crash_point();
	return rc;
}

static int note(const char *state, struct kept *k, const struct journal_entry *j, const char *line,
		struct err *e)
{
	const struct kept_entry *mine = kept_find(k, j->uid);
	bool have = mine && mine->fd >= 0;
	int fd = have ? mine->fd : open_entry(state, j->uid, e);
	int rc = fd < 0 ? -1 : write_all(fd, line, strlen(line), e);
	if (fd >= 0 && !have)
		close(fd);
	kept_note(k, j->uid, line);
	crash_point();
	return rc;
}

int journal_begin(const char *state, struct kept *k, const struct journal_entry *j, struct err *e)
{
	return note(state, k, j, "{\"begun\":true}\n", e);
}

int journal_lock(const char *state, const struct journal_entry *j, struct err *e)
{
	struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = open_entry(state, j->uid, e);
	if (fd < 0 || fcntl(fd, F_OFD_SETLK, &all) == 0)
		return fd;
	err_sys(e, errno, "its program still runs");
	close(fd);
	return -1;
}

int journal_note_process(const char *state, struct kept *k, const struct journal_entry *j,
			 const char *what, const struct proc_id *id, struct err *e)
{
	char line[96];
	snprintf(line, sizeof line, "{\"%s\":{\"pid\":%d,\"start_ticks\":%" PRIu64 "}}\n", what,
		 (int)id->pid, id->start_ticks);
	return note(state, k, j, line, e);
}

void journal_due(const char *state, struct kept *k, const struct journal_entry *j)
{
	struct err ignored;
	char line[128];
	snprintf(line, sizeof line,
		 "{\"deadline\":%.6f,\"deadline_mono_ns\":%" PRId64 "}\n", j->deadline_s,
		 j->deadline_ns);
	note(state, k, j, line, &ignored);
}

void journal_fail(const char *state, struct kept *k, const struct journal_entry *j)
{
	struct err ignored;
	note(state, k, j, "{\"failed\":true}\n", &ignored);
}

/* A readable entry of that UID that is another fault. */
static bool is_anothers(const char *path, const struct journal_entry *j)
{
	struct journal_entry now;
	return journal_read(path, &now) == 0 && !is_same(&now, j);
}

void journal_done(const char *state, struct kept *k, const struct journal_entry *j)
{
	struct err ignored;
	char *path = entry_path(state, j->uid);
	bool anothers = is_anothers(path, j);
	journal_spend(state, k, j);
	crash_point();
	if (!anothers || kept_find(k, j->uid))
		note(state, k, j, done_note, &ignored);
	if (!anothers)
		unlink(path);
	crash_point();
	kept_drop(k, j->uid);
	free(path);
}

/* --- reading ------------------------------------------------------------------- */

/* Keeps the file as well of an entry that was kept before there was one. */
static bool is_there(const char *state, struct kept_entry *mine, struct journal_entry *j)
{
	struct journal_entry now;
	struct err ignored;
	char *path = entry_path(state, j->uid);
	int rc = journal_read(path, &now);
	free(path);
	if (rc || now.done || !is_same(&now, j))
		return false;
	if (mine && mine->fd < 0)
		mine->fd = open_entry(state, j->uid, &ignored);
	j->begun = now.begun;
	j->deadline_ns = now.deadline_ns;
	j->deadline_s = now.deadline_s;
	j->failed = now.failed;
	j->call = now.call;
	j->holder = now.holder;
	return true;
}

/* Whoever restores a fault writes that into its file before the name goes. */
static bool says_done(int fd)
{
	char text[NOTES_BYTES];
	off_t end = lseek(fd, 0, SEEK_END), from = end - NOTES_BYTES + 1;
	ssize_t n = pread(fd, text, sizeof text - 1, from > 0 ? from : 0);
	text[n > 0 ? n : 0] = '\0';
	return strstr(text, done_note);
}

/* The file has gone, or it says done. What cannot be read says nothing. */
static bool is_over(const char *state, const struct journal_entry *j)
{
	struct journal_entry now = {0};
	char *path = entry_path(state, j->uid);
	bool over = journal_read(path, &now) ? !file_exists(path) : now.done;
	free(path);
	return over;
}

enum journal_presence journal_presence(const char *state, const struct kept *k,
				       struct journal_entry *j)
{
	struct kept_entry *mine = kept_find(k, j->uid);
	if (is_there(state, mine, j))
		return JOURNAL_THERE;
	/* What is kept no longer was told to be over; what could not be kept was not. */
	bool over = mine ? mine->fd >= 0 && says_done(mine->fd) : is_over(state, j);
	return over ? JOURNAL_DONE : JOURNAL_LOST;
}

int journal_recover(const char *state, struct kept *k, const struct journal_entry *j,
		    struct err *e)
{
	struct stat st;
	struct kept_entry *mine = kept_find(k, j->uid);
	char *dir = faults_dir(state), *path = entry_path(state, j->uid);
	bool linked = mine && lstat(dir, &st) == 0 && S_ISLNK(st.st_mode) && stat(dir, &st) == 0 && S_ISDIR(st.st_mode);
	/* Opening a FIFO would wait for a reader; what a link points to is not ours, but others' entries may be there. */
	if (mine && !linked && lstat(dir, &st) == 0 && !S_ISDIR(st.st_mode))
		unlink(dir);
	if (mine && !linked && lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
		unlink(path);
	int rc = linked ? err_runtime(e, "it cannot be written again: '%s' is a link", dir)
		 : !mine || is_anothers(path, j) ? err_runtime(e, "it cannot be written again")
						 : make_dirs(dir, 0700, e);
	if (!rc)
		rc = file_replace(path, mine->text.data, mine->text.len, 0600, e);
	int fd = rc ? -1 : open_entry(state, j->uid, e);
	if (fd >= 0 && mine->fd >= 0) {
		write_all(mine->fd, done_note, strlen(done_note), e); /* should it come back */
		close(mine->fd);
	}
	if (fd >= 0)
		mine->fd = fd;
	free(dir);
	free(path);
	return fd < 0 ? -1 : 0;
}

int journal_config(const char *state, const struct kept *k, const struct journal_entry *j,
		   struct config *c, struct err *e)
{
	const struct kept_entry *mine = kept_find(k, j->uid);
	struct buf text = BUF_INIT;
	char *path = entry_path(state, j->uid);
	int rc = mine ? 0 : file_read(path, &text, e);
	const char *said = mine ? mine->text.data : text.data;
	if (!rc && !(mine && mine->told))
		rc = confirm_entry(state, said, j, e);
	rc = rc || journal_parse_config(said, j, c, e) ? -1 : 0;
	free(path);
	buf_release(&text);
	return rc;
}

bool journal_keep(const char *state, struct kept *k, const struct journal_entry *j)
{
	struct err ignored;
	struct buf text = BUF_INIT;
	struct journal_entry now = *j;
	char *path = entry_path(state, j->uid);
	bool there = is_there(state, NULL, &now);
	bool hidden = !there && journal_read(path, &now) && file_exists(path);
	int fd = there ? open_entry(state, j->uid, &ignored) : -1;
	if (fd >= 0 && (fd_read_all(fd, "journal", &text, &ignored) ||
			kept_add(k, j->uid, text.data, fd, &ignored)))
		close(fd);
	buf_release(&text);
	free(path);
	return there || hidden;
}

#include "live/feed_source.h"

#include "base/units.h"
#include "cli/diag.h"
#include "sys/file.h"
#include "sys/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* bound on how long a file that was replaced is read on */
#define HAND_OVER_NS (10 * NS_PER_S)
/* bound on reading what is there when a signal ends it */
#define REST_NS	     (2 * NS_PER_S)
/* A file that is cut this long after all of it was read has lost more than a few rows. */
#define CUT_UNREAD_S 0.5

static bool is_stdin(const struct feed *f)
{
	return strcmp(f->params->path, "-") == 0;
}

static void begin_file(struct feed *f)
{
	csv_init_fed(&f->csv, is_stdin(f) ? "stdin" : f->params->path);
	f->csv.wants_late = true;
	f->head_len = 0;
	f->caught_up_ns = mono_ns();
}

static void begin_source(struct feed *f)
{
	struct stat st;
	if (f->files && !f->unwatched && !succession_watched(f->files)) {
		diag("the folder of '%s' cannot be watched: files that are replaced at once may be missed", f->params->path);
		f->unwatched = true;
	}
	f->regular = fstat(f->fd, &st) == 0 && (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode));
	pipe_widen(f->fd);
	begin_file(f);
}

static bool is_file(int fd, const struct feed_left *x)
{
	struct stat st;
	return fd >= 0 && fstat(fd, &st) == 0 && st.st_dev == x->dev && st.st_ino == x->ino && st.st_size >= x->size;
}

/* The same file, and no other that has its inode now. */
static bool is_left(const struct feed *f, const struct feed_left *x)
{
	char now[FEED_HEAD];
	return is_file(f->fd, x) && memchr(x->head, '\n', x->head_len) &&
	       pread(f->fd, now, x->head_len, 0) == (ssize_t)x->head_len && memcmp(now, x->head, x->head_len) == 0;
}

/* Whether it bore the name before: then it is read on behind what was read of it. */
static bool go_on(struct feed *f)
{
	size_t room, count = f->left_count < FEED_LEFT ? f->left_count : FEED_LEFT;
	for (size_t i = 1; f->regular && i <= count; i++) {
		const struct feed_left *x = &f->left[(f->left_count - i) % FEED_LEFT];
		if (!is_left(f, x) || lseek(f->fd, x->size, SEEK_SET) < 0)
			continue;
		const char *end = memchr(x->head, '\n', x->head_len);
		memcpy(csv_room(&f->csv, &room), x->head, (size_t)(end + 1 - x->head));
		csv_fed(&f->csv, (size_t)(end + 1 - x->head));
		if (is_file(f->left_fd, x)) {
			close(f->left_fd);
			f->left_fd = -1;
		}
		return true;
	}
	return false;
}

/* Whether what is opened was read before. */
static bool open_next(struct feed *f)
{
	f->fd = succession_take(f->files);
	if (f->fd < 0)
		return false;
	begin_source(f);
	return go_on(f);
}

int feed_source_open(struct feed *f, struct err *e)
{
	const char *path = f->params->path;
	if (f->params->follow && !is_stdin(f)) {
		f->files = succession_new(path);
		f->fd = succession_take(f->files);
		if (f->fd < 0 && !file_exists(path)) {
			diag("'%s' is not there yet; waiting for it", path);
			return 0;
		}
	}
	if (f->fd < 0)
		f->fd = is_stdin(f) ? STDIN_FILENO : file_open(path, e);
	if (f->fd < 0)
		return -1;
	begin_source(f);
	return 0;
}

static enum csv_result next_row(struct feed *f, struct csv_row *row, struct err *e)
{
	if (!f->peeked)
		return csv_next(&f->csv, row, e);
	f->peeked = false;
	*row = f->first;
	return CSV_ROW;
}

/* A rule on what the rows lack would never become true. */
static int note_lacks(struct feed *f, struct err *e)
{
	const char *rule = rules_of_failures(f->live->config->rules);
	bool told = f->live->run->grid.no_unanswered;
	run_note_lacks(f->live->run, &f->csv);
	if (rule && f->csv.no_failures)
		return err_usage(e, "'%s' cannot be judged: failures are not in this log; throughput_rps and silence_s are", rule);
	if (rule && f->csv.no_unanswered && !told)
		diag("'%s' may come late or never: requests without an answer are not in this log", rule);
	return 0;
}

int feed_source_scan(struct feed *f, int64_t until_ns, struct err *e)
{
	struct csv_row row;
	enum csv_result got = CSV_ROW;
	f->more = false;
	while (f->live->now_ns <= until_ns && (got = next_row(f, &row, e)) == CSV_ROW) {
		if (note_lacks(f, e))
			return -1;
		live_row(f->live, &row);
		if (f->live->stopped)
			return 0;
	}
	f->more = got == CSV_ROW;
	return got == CSV_ERROR ? -1 : 0;
}

static void close_file(struct feed *f)
{
	if (f->fd < 0)
		return;
	csv_release(&f->csv);
	if (!is_stdin(f))
		close(f->fd);
	f->fd = -1;
}

static void tell_written(struct feed *f)
{
	diag("a file that had the name '%s' before is still written to, but no longer read", f->params->path);
	f->live->run->parts_missed++;
}

static void look_at_left(struct feed *f, bool last)
{
	struct stat st;
	if (f->left_fd < 0)
		return;
	bool written = fstat(f->left_fd, &st) == 0 && st.st_size > f->left_size;
	if (written)
		tell_written(f);
	if (!written && !last)
		return;
	close(f->left_fd);
	f->left_fd = -1;
}

void feed_source_close(struct feed *f)
{
	look_at_left(f, true);
	close_file(f);
	succession_free(f->files);
	f->files = NULL;
}

/* Ends a file: an unfinished last line counts as torn. */
static int end_file(struct feed *f, struct err *e)
{
	bool nothing = f->params->follow && !f->csv.has_header && f->csv.at == f->csv.end;
	if (!nothing && !f->csv.ended)
		csv_fed(&f->csv, 0);
	int rc = nothing ? 0 : feed_source_scan(f, INT64_MAX, e);
	run_note_source(f->live->run, &f->csv, false);
	return rc;
}

/* Up to where it was read. */
static off_t remember(struct feed *f)
{
	struct feed_left *x = &f->left[f->left_count++ % FEED_LEFT];
	struct stat st = {0};
	fstat(f->fd, &st);
	*x = (struct feed_left){.dev = st.st_dev, .ino = st.st_ino, .size = lseek(f->fd, 0, SEEK_CUR), .head_len = f->head_len};
	memcpy(x->head, f->head, f->head_len);
	return x->size;
}

static int next_file(struct feed *f, struct err *e)
{
	f->replaced_ns = 0;
	if (end_file(f, e))
		return -1;
	int left_fd = f->quiet ? fcntl(f->fd, F_DUPFD_CLOEXEC, 0) : -1;
	off_t size = remember(f);
	close_file(f);
	diag("'%s' was replaced: reading %s", f->params->path,
	     open_next(f) ? "goes on in a file that had this name before" : "the new file from its start");
	look_at_left(f, true);
	f->left_fd = left_fd;
	f->left_size = size;
	f->left_ns = f->looked_ns;
	return 0;
}

static void look_at_files(struct feed *f)
{
	succession_look(f->files);
	unsigned missed = succession_missed(f->files);
	f->live->run->parts_missed += missed;
	if (missed)
		diag("'%s' was replaced again before it could be opened: rows are missing", f->params->path);
}

int feed_source_look(struct feed *f, bool period, struct err *e)
{
	if (!f->files)
		return 0;
	look_at_files(f);
	if (period && !succession_waits(f->files)) /* it may be that one */
		look_at_left(f, f->looked_ns - f->left_ns >= HAND_OVER_NS);
	if (!period || !f->idle || !succession_waits(f->files) || (f->fd >= 0 && !f->regular))
		return 0;
	if (f->fd < 0) {
		open_next(f);
		return 0;
	}
	/* Its writer may go on for a while, as servers do until they are told to open their log anew. */
	if (succession_waits_empty(f->files))
		return 0;
	bool first = !f->replaced_ns, over = !first && f->looked_ns - f->replaced_ns >= HAND_OVER_NS;
	if (first)
		f->replaced_ns = f->looked_ns;
	if (first || (!f->quiet && !over)) {
		f->quiet = true;
		return 0;
	}
	if (!f->quiet)
		tell_written(f);
	return next_file(f, e);
}

/* Also if it has grown again since: it begins otherwise then. */
static bool was_cut(struct feed *f)
{
	char now[FEED_HEAD];
	struct stat st;
	if (fstat(f->fd, &st) || st.st_size < lseek(f->fd, 0, SEEK_CUR))
		return true;
	ssize_t n = pread(f->fd, now, sizeof now, 0);
	if (n < (ssize_t)f->head_len || memcmp(now, f->head, f->head_len) != 0)
		return true;
	f->head_len = (size_t)n;
	memcpy(f->head, now, f->head_len);
	return false;
}

/* Whoever cuts a log copies it before; what is written between the last read and the cut is lost here. */
static int begin_anew(struct feed *f, struct err *e)
{
	double ago_s = ns_to_s(mono_ns() - f->caught_up_ns);
	diag("'%s' was cut: read from its start; rows of the last %.2f s before may be missing", f->params->path, ago_s);
	f->live->run->parts_missed += ago_s > CUT_UNREAD_S;
	if (lseek(f->fd, 0, SEEK_SET) || end_file(f, e))
		return -1;
	csv_release(&f->csv);
	begin_file(f);
	return 0;
}

int feed_source_take(struct feed *f, int wait_ms, struct err *e)
{
	struct pollfd p = {.fd = f->fd, .events = POLLIN};
	size_t room;
	f->idle = f->fd < 0;
	f->dry = true;
	if (f->idle || (!f->regular && poll(&p, 1, wait_ms) <= 0))
		return 0;
	char *to = csv_room(&f->csv, &room);
	ssize_t n = read(f->fd, to, room);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n < 0) {
		err_read(e, errno, f->csv.name);
		return is_stdin(f) ? -1 : file_err_named(e);
	}
	if (f->files && f->regular && was_cut(f))
		return begin_anew(f, e);
	f->idle = n == 0 && f->regular && f->params->follow;
	if (f->idle) {
		f->caught_up_ns = mono_ns();
		return 0;
	}
	f->quiet = false;
	f->dry = false;
	csv_fed(&f->csv, (size_t)n);
	f->eof = n == 0;
	return 0;
}

/* What is there when a signal comes belongs to the run. */
static int read_rest(struct feed *f, struct err *e)
{
	int64_t until_ns = mono_ns() + REST_NS;
	while (!f->live->stopped) {
		if ((!f->more && feed_source_take(f, 0, e)) || (f->fd >= 0 && feed_source_scan(f, INT64_MAX, e)))
			return -1;
		if (mono_ns() > until_ns) {
			diag("the rest of '%s' was not read", f->params->path);
			return 0;
		}
		if (!f->idle)
			continue;
		look_at_files(f);
		if (!succession_waits(f->files))
			return 0;
		if (f->fd < 0)
			open_next(f);
		else if (next_file(f, e))
			return -1;
	}
	return 0;
}

int feed_source_end(struct feed *f, struct err *e)
{
	int rc = f->files && strcmp(f->ended, "signal") == 0 ? read_rest(f, e) : 0;
	if (f->fd >= 0)
		rc = end_file(f, e) || rc ? -1 : 0;
	feed_source_close(f);
	return rc;
}

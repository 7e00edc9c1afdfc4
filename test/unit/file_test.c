#include "sys/file.h"
#include "sys/file_writer.h"
#include "sys/lock.h"
#include "sys/own_file.h"
#include "sys/sig.h"

#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A folder of each test's own, which is gone afterwards. */
static int setup(void **state)
{
	char dir[] = "/tmp/chaos-unit-XXXXXX";
	*state = mem_strdup(mkdtemp(dir));
	return 0;
}

static int teardown(void **state)
{
	struct err e;
	int rc = remove_tree(*state, &e);
	free(*state);
	return rc;
}

static char *in(void **state, const char *name)
{
	return mem_printf("%s/%s", (const char *)*state, name);
}

static int entries(const char *dir)
{
	DIR *d = opendir(dir);
	int n = 0;
	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n - 2;
}

static void content_is(const char *path, const char *want)
{
	struct buf b = BUF_INIT;
	struct err e;
	if (file_read(path, &b, &e))
		fail_msg("%s", e.msg);
	assert_string_equal(b.data, want);
	buf_release(&b);
}

static void put(const char *path, const char *text)
{
	struct err e;
	if (file_replace(path, text, strlen(text), 0644, &e))
		fail_msg("%s", e.msg);
}

/* --- whole writes -------------------------------------------------------------- */

static void a_full_device_and_a_closed_pipe(void **state)
{
	(void)state;
	struct err e;
	int full = open("/dev/full", O_WRONLY), fds[2];
	assert_int_equal(write_all(full, "x", 1, &e), -1);
	assert_int_equal(e.sys_errno, ENOSPC);
	assert_int_equal(e.code, EXIT_RUNTIME);
	assert_int_equal(write_all(full, "x", 0, &e), 0);
	close(full);
	sig_no_pipe_death();
	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	assert_int_equal(write_all(fds[1], "x", 1, &e), -1);
	assert_int_equal(e.sys_errno, EPIPE);
	assert_int_equal(close_checked(fds[1], "x", &e), 0);
	assert_int_equal(close_checked(fds[1], "x", &e), 0); /* closed before we came: >&- */
}

/* More than a pipe holds, to a slow reader, through a non-blocking descriptor, and back
 * through one. */
static void all_of_it_through_a_non_blocking_pipe(void **state)
{
	(void)state;
	enum { BIG = 1 << 20 };
	int fds[2];
	assert_int_equal(pipe(fds), 0);
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	fcntl(fds[1], F_SETFL, O_NONBLOCK);
	char *data = mem_alloc(BIG);
	for (int i = 0; i < BIG; i++)
		data[i] = (char)i;
	pid_t pid = fork();
	if (pid == 0) {
		struct err e;
		close(fds[0]);
		_exit(write_all(fds[1], data, BIG, &e) != 0);
	}
	close(fds[1]);
	struct buf b = BUF_INIT;
	struct err e;
	assert_int_equal(fd_read_all(fds[0], "pipe", &b, &e), 0);
	int status;
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	assert_int_equal(b.len, BIG);
	assert_memory_equal(b.data, data, BIG);
	buf_release(&b);
	close(fds[0]);
	free(data);
}

/* --- reading ---------------------------------------------------------------------- */

static void what_cannot_be_read(void **state)
{
	struct buf b = BUF_INIT;
	struct err e;
	char *missing = in(state, "missing"), *below = in(state, "file/below");
	char *file = in(state, "file");
	put(file, "x");
	assert_int_equal(file_read(missing, &b, &e), -1);
	assert_int_equal(e.code, EXIT_USAGE);
	assert_contains(e.msg, "cannot open '");
	assert_contains(e.msg, "/missing': No such file or directory");
	assert_int_equal(file_read(below, &b, &e), -1);
	assert_int_equal(e.code, EXIT_USAGE);
	assert_int_equal(file_read(*state, &b, &e), -1); /* a folder */
	assert_int_equal(e.code, EXIT_USAGE);
	assert_contains(e.msg, "Is a directory");
	assert_int_equal(file_read(file, &b, &e), 0);
	assert_int_equal(file_read(file, &b, &e), 0); /* appends */
	assert_string_equal(b.data, "xx");
	buf_release(&b);
	free(missing);
	free(below);
	free(file);
}

/* --- replacing ---------------------------------------------------------------------- */

static void replacing_keeps_modes_and_links(void **state)
{
	char *path = in(state, "f"), *link = in(state, "l");
	struct err e;
	struct stat st;
	assert_int_equal(file_replace(path, "old", 3, 0600, &e), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(file_replace(path, "new\0!", 5, 0640, &e), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(st.st_size, 5);
	assert_int_equal(symlink(path, link), 0);
	assert_int_equal(file_replace(link, "via", 3, 0644, &e), 0);
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	content_is(path, "via");
	assert_int_equal(entries(*state), 2);
	free(path);
	free(link);
}

static void a_failed_replace_leaves_the_old(void **state)
{
	char *path = in(state, "f"), *nowhere = in(state, "no/f");
	struct err e;
	put(path, "old");
	struct rlimit was, tiny = {.rlim_cur = 1000, .rlim_max = RLIM_INFINITY};
	getrlimit(RLIMIT_FSIZE, &was);
	tiny.rlim_max = was.rlim_max;
	setrlimit(RLIMIT_FSIZE, &tiny);
	signal(SIGXFSZ, SIG_IGN);
	char big[5000] = {'x'};
	int rc = file_replace(path, big, sizeof big, 0644, &e);
	setrlimit(RLIMIT_FSIZE, &was);
	signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(rc, -1);
	assert_int_equal(e.code, EXIT_RUNTIME);
	assert_int_equal(e.sys_errno, EFBIG);
	content_is(path, "old");
	assert_int_equal(entries(*state), 1); /* no temporary file is left */
	assert_int_equal(file_replace(nowhere, "x", 1, 0644, &e), -1);
	assert_contains(e.msg, "no/f': No such file or directory");
	assert_int_equal(file_replace(*state, "x", 1, 0644, &e), -1); /* a folder */
	free(path);
	free(nowhere);
}

/* Replacing /dev/null by a file would be the last thing root asked for. */
static void devices_are_written_not_replaced(void **state)
{
	(void)state;
	struct err e;
	struct stat st;
	char *fifo = in(state, "fifo");
	assert_int_equal(file_replace("/dev/null", "x", 1, 0644, &e), 0);
	assert_int_equal(stat("/dev/null", &st), 0);
	assert_true(S_ISCHR(st.st_mode));
	assert_int_equal(file_replace("/dev/full", "x", 1, 0644, &e), -1);
	assert_int_equal(e.sys_errno, ENOSPC);
	assert_contains(e.msg, "'/dev/full'");
	assert_int_equal(mkfifo(fifo, 0600), 0);
	int fd = open(fifo, O_RDWR);
	assert_int_equal(file_replace(fifo, "xyz", 3, 0644, &e), 0);
	char got[8] = "";
	assert_int_equal(read(fd, got, sizeof got), 3);
	assert_string_equal(got, "xyz");
	close(fd);
	free(fifo);
}

static void descriptors_are_written_other_files_below_dev_replaced(void **state)
{
	struct err e;
	char *file = in(state, "log"), memory[] = "/dev/shm/chaos-test-XXXXXX";
	put(file, "a");
	int fd = open(file, O_WRONLY | O_APPEND);
	char *named = mem_printf("/dev/fd/%d", fd);
	assert_int_equal(file_replace(named, "b", 1, 0644, &e), 0);
	content_is(file, "ab");
	close(fd);
	fd = mkstemp(memory);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(file_replace(memory, "old", 3, 0600, &e), 0);
	assert_int_equal(file_replace(memory, "new", 3, 0600, &e), 0);
	content_is(memory, "new");
	unlink(memory);
	free(named);
	free(file);
}

/* A reader sees one content or the other, whole, however often it looks. */
static void replacing_is_one_step(void **state)
{
	char *path = in(state, "f");
	char a[40000], b[70000];
	memset(a, 'a', sizeof a - 1);
	memset(b, 'b', sizeof b - 1);
	a[sizeof a - 1] = b[sizeof b - 1] = '\0';
	put(path, a);
	pid_t reader = fork();
	if (reader == 0) {
		struct buf text = BUF_INIT;
		struct err e;
		for (;;) {
			buf_reset(&text);
			if (file_read(path, &text, &e))
				_exit(1);
			if (strcmp(text.data, "end") == 0)
				_exit(0);
			if (strcmp(text.data, a) != 0 && strcmp(text.data, b) != 0)
				_exit(2);
		}
	}
	for (int i = 0; i < 100; i++)
		put(path, i % 2 ? a : b);
	put(path, "end");
	int status;
	waitpid(reader, &status, 0);
	assert_int_equal(status, 0);
	free(path);
}

/* --- folders ---------------------------------------------------------------------------- */

static void folders_are_made(void **state)
{
	struct err e;
	char *deep = in(state, "a/b//c/"), *file = in(state, "f"), *below = in(state, "f/x");
	assert_int_equal(make_dirs(deep, 0755, &e), 0);
	assert_true(file_exists(deep));
	assert_int_equal(make_dirs(deep, 0755, &e), 0);
	put(file, "x");
	assert_int_equal(make_dirs(file, 0755, &e), -1);
	assert_int_equal(make_dirs(below, 0755, &e), -1);
	assert_int_equal(e.code, EXIT_RUNTIME);
	assert_int_equal(make_dirs("", 0755, &e), -1);
	assert_int_equal(make_dirs("/", 0755, &e), 0);
	assert_int_equal(make_dirs(".", 0755, &e), 0);
	free(deep);
	free(file);
	free(below);
}

static void removing_does_not_follow_links(void **state)
{
	struct err e;
	char *tree = in(state, "tree"), *sub = in(state, "tree/sub"),
	     *link = in(state, "tree/link");
	char *outside = in(state, "outside"), *kept = in(state, "outside/kept");
	char *inside = in(state, "tree/sub/f"), *dangling = in(state, "tree/sub/dangling");
	char *direct = in(state, "direct");
	assert_int_equal(make_dirs(sub, 0755, &e), 0);
	assert_int_equal(make_dirs(outside, 0755, &e), 0);
	put(kept, "kept");
	put(inside, "x");
	assert_int_equal(symlink(outside, link), 0);
	assert_int_equal(symlink("/nowhere/at/all", dangling), 0);
	assert_int_equal(symlink(outside, direct), 0);
	assert_int_equal(remove_tree(tree, &e), 0);
	assert_false(file_exists(tree));
	assert_int_equal(remove_tree(direct, &e), 0); /* the link itself */
	content_is(kept, "kept");
	assert_int_equal(remove_tree(tree, &e), 0); /* absent is no error */
	assert_int_equal(entries(*state), 1);
	char *all[] = {tree, sub, link, outside, kept, inside, dangling, direct};
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		free(all[i]);
}

static void state_folders(void **state)
{
	(void)state;
	static const struct {
		const char *xdg, *home, *want;
	} cases[] = {
		{"/x", "/h", "/x/chaos"},
		{NULL, "/h", "/h/.local/state/chaos"},
		{"", "/h", "/h/.local/state/chaos"},
		{"relative", "/h", "/h/.local/state/chaos"},
		{NULL, NULL, NULL},
		{"", "", NULL},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err e = {0};
		char *dir = state_dir(cases[i].xdg, cases[i].home, &e);
		if (cases[i].want)
			assert_string_equal(dir, cases[i].want);
		else
			assert_true(!dir && e.code == EXIT_RUNTIME);
		free(dir);
	}
}

static bool ended(const struct file_writer *w, int wait_ms)
{
	struct pollfd p = {.fd = file_writer_fd(w), .events = POLLIN};
	return poll(&p, 1, wait_ms) == 1;
}

/* Its write has ended, and went so. */
static ssize_t outcome(struct file_writer *w)
{
	assert_true(ended(w, 10000));
	return file_writer_write(w, NULL, 0);
}

/* A pipe that is full stands for a disk that does not answer. */
static void a_write_that_hangs_keeps_nobody_waiting(void **state)
{
	(void)state;
	enum { FULL = 1 << 16 };
	struct err e;
	int ends[2];
	char *data = mem_alloc(FULL), back[16];
	assert_int_equal(pipe(ends), 0);
	struct file_writer *w = file_writer_new(ends[1], &e);
	assert_non_null(w);
	assert_false(ended(w, 0));
	assert_int_equal(file_writer_write(w, data, FULL), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(outcome(w), FULL);
	assert_int_equal(file_writer_write(w, "more", 4), -1);
	assert_false(ended(w, 20));
	assert_int_equal(file_writer_write(w, "more", 4), -1);
	assert_int_equal(errno, EAGAIN);
	assert_false(file_writer_free(w)); /* hangs: it may not be freed yet */
	for (int left = FULL; left > 0;)
		left -= (int)read(ends[0], data, FULL);
	assert_int_equal(outcome(w), 4);
	assert_int_equal(read(ends[0], back, sizeof back), 4);
	assert_memory_equal(back, "more", 4);
	close(ends[0]);
	assert_int_equal(file_writer_write(w, "x", 1), -1);
	assert_int_equal(outcome(w), -1);
	assert_int_equal(errno, EPIPE);
	assert_true(file_writer_free(w));
	close(ends[1]);
	free(data);
}

static void what_could_be_written(void **state)
{
	struct err e;
	char *file = in(state, "file"), *below = in(state, "file/x"), *lost = in(state, "no/x");
	assert_int_equal(file_writable(file, &e), 0);
	assert_int_not_equal(access(file, F_OK), 0);
	assert_int_equal(file_replace(file, "x", 1, 0644, &e), 0);
	assert_int_equal(file_writable(file, &e), 0);
	assert_int_equal(file_writable("x", &e), 0);
	assert_int_equal(file_writable("/dev/null", &e), 0);
	const char *const wrong[] = {below, lost, *state, "/", "no/", ""};
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		assert_int_equal(file_writable(wrong[i], &e), -1);
		assert_int_equal(e.code, EXIT_USAGE);
	}
	free(file);
	free(below);
	free(lost);
}

static void only_what_is_ours_is_opened(void **state)
{
	struct err e;
	struct buf b = BUF_INIT;
	char *file = in(state, "file"), *link = in(state, "link"), *fifo = in(state, "fifo");
	assert_int_equal(file_replace(file, "12345", 5, 0600, &e), 0);
	assert_int_equal(own_read(file, 5, &b, &e), 0);
	assert_string_equal(b.data, "12345");
	buf_release(&b);
	assert_int_equal(own_read(file, 4, &b, &e), -1);
	assert_int_equal(symlink(file, link), 0);
	assert_int_equal(own_open(link, O_RDONLY, &e), -1);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(own_open(fifo, O_RDONLY, &e), -1);
	assert_int_equal(own_open(fifo, O_WRONLY, &e), -1);
	assert_int_equal(own_open(*state, O_RDONLY, &e), -1);
	assert_int_equal(chmod(file, 0620), 0);
	assert_int_equal(own_open(file, O_RDONLY, &e), -1);
	assert_int_equal(own_folder(*state, false, &e), 0);
	assert_int_equal(own_folder(link, true, &e), -1);
	assert_int_equal(own_folder(link, false, &e), -1);
	assert_int_equal(e.code, EXIT_USAGE);
	assert_int_equal(chmod(*state, 0770), 0);
	assert_int_equal(own_folder(*state, false, &e), -1);
	free(file);
	free(link);
	free(fifo);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* Looks from a pid namespace of its own, where the holder has no pid. */
static int look_from_elsewhere(const char *path)
{
	static const struct lock_said said = {"'", "' has it"};
	struct err e = {0};
	if (unshare(CLONE_NEWPID))
		return 77;
	pid_t pid = fork();
	if (pid == 0) {
		alarm(5);
		_exit(lock_take(path, "", &said, &e) >= 0 ||
		      strcmp(e.msg, "'x' has it, in another pid namespace") != 0);
	}
	int status;
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static void a_lock_of_another_pid_namespace_is_found(void **state)
{
	struct err e;
	char *path = in(state, "lock");
	int fd = lock_take(path, "x", NULL, &e), status;
	assert_true(fd >= 0);
	pid_t pid = fork();
	if (pid == 0)
		_exit(look_from_elsewhere(path));
	waitpid(pid, &status, 0);
	close(fd);
	free(path);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

int main(void)
{
	static const struct CMUnitTest file[] = {
		TEST(a_full_device_and_a_closed_pipe),
		TEST(all_of_it_through_a_non_blocking_pipe),
		TEST(what_cannot_be_read),
		TEST(what_could_be_written),
		TEST(replacing_keeps_modes_and_links),
		TEST(a_failed_replace_leaves_the_old),
		TEST(devices_are_written_not_replaced),
		TEST(descriptors_are_written_other_files_below_dev_replaced),
		TEST(replacing_is_one_step),
		TEST(folders_are_made),
		TEST(removing_does_not_follow_links),
		TEST(state_folders),
		TEST(only_what_is_ours_is_opened),
		TEST(a_lock_of_another_pid_namespace_is_found),
		TEST(a_write_that_hangs_keeps_nobody_waiting),
	};
	return RUN_GROUP(file);
}

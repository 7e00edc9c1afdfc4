#include "sys/succession.h"

#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WAITING_MAX = 64, ROUNDS_MAX = 100 };

struct successor {
	char *name;	 /* in the folder, now; NULL: opened under no other */
	uint32_t cookie; /* of the rename that took it from its name; 0: none */
	int fd;
	bool settled, gone;
	bool looked_for; /* once, without its new name */
};

struct succession {
	char *path, *folder, *base; /* folder and base: of the file that the path leads to */
	int watch_fd;		    /* -1: none */
	struct successor all[WAITING_MAX];
	size_t count;
	dev_t dev; /* of the newest that was opened, with ino */
	ino_t ino;
	unsigned missed;
};

/* --- the watch ------------------------------------------------------------ */

static void end_watch(struct succession *s)
{
	if (s->watch_fd >= 0)
		close(s->watch_fd);
	s->watch_fd = -1;
}

/* Watches the folder in which the name stands, or to which a link leads. */
static void watch(struct succession *s)
{
	char *real = realpath(s->path, NULL), *path = real ? real : s->path;
	char *folder = mem_strdup(path), *base = mem_strdup(path);
	free(s->folder);
	free(s->base);
	s->folder = mem_strdup(dirname(folder));
	s->base = mem_strdup(basename(base));
	free(real);
	free(folder);
	free(base);
	end_watch(s);
	s->watch_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (s->watch_fd >= 0 &&
	    inotify_add_watch(s->watch_fd, s->folder, IN_CREATE | IN_DELETE | IN_MOVE | IN_ONLYDIR) < 0)
		end_watch(s);
}

static void drop(struct succession *s, struct successor *x)
{
	if (x->fd >= 0)
		close(x->fd);
	free(x->name);
	s->count--;
	memmove(x, x + 1, (size_t)(s->all + s->count - x) * sizeof *x);
}

static struct successor *add(struct succession *s, const char *name)
{
	if (s->count == WAITING_MAX) {
		s->missed++;
		return NULL;
	}
	s->all[s->count] = (struct successor){.name = mem_strdup(name), .fd = -1};
	return &s->all[s->count++];
}

/* What was opened by a name that it may not have had then is opened anew. One that has no name any more, and is
 * open, was the right one. */
static void touch(struct successor *x, bool gone)
{
	struct stat st;
	x->gone = gone;
	if (x->fd < 0 || (gone && fstat(x->fd, &st) == 0 && st.st_nlink == 0))
		return;
	close(x->fd);
	x->fd = -1;
}

static void take_event(struct succession *s, const struct inotify_event *ev)
{
	bool came = ev->mask & (IN_CREATE | IN_MOVED_TO), returned = false;
	if (ev->mask & IN_Q_OVERFLOW)
		s->missed++;
	for (struct successor *x = s->all; ev->len && x < s->all + s->count; x++) {
		bool moves = x->cookie && ev->mask & IN_MOVED_TO && ev->cookie == x->cookie;
		if (x->settled || x->gone || (!moves && (x->cookie || strcmp(x->name, ev->name) != 0)))
			continue;
		touch(x, !moves && !(ev->mask & IN_MOVED_FROM));
		x->cookie = ev->mask & IN_MOVED_FROM ? ev->cookie : 0;
		returned = returned || moves;
		if (!moves)
			continue;
		free(x->name);
		x->name = mem_strdup(ev->name);
	}
	if (came && !returned && ev->len && strcmp(ev->name, s->base) == 0 && !(ev->mask & IN_ISDIR))
		add(s, ev->name);
}

/* Whether anything was told. */
static bool take_events(struct succession *s)
{
	_Alignas(struct inotify_event) char events[4096];
	bool any = false;
	ssize_t n;
	while (s->watch_fd >= 0 && (n = read(s->watch_fd, events, sizeof events)) > 0) {
		const struct inotify_event *ev;
		for (const char *at = events; at < events + n; at += sizeof *ev + ev->len) {
			ev = (const struct inotify_event *)(const void *)at;
			take_event(s, ev);
			any = true;
			if (ev->mask & IN_IGNORED) { /* the folder is gone */
				end_watch(s);
				return true;
			}
		}
	}
	return any;
}

/* --- opening -------------------------------------------------------------- */

static void open_all(struct succession *s)
{
	for (struct successor *x = s->all; x < s->all + s->count; x++) {
		if (x->settled || x->fd >= 0 || x->gone || x->cookie)
			continue;
		char *path = mem_printf("%s/%s", s->folder, x->name);
		x->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		free(path);
	}
}

/* Whether it is another file than the newest so far, which it is then. */
static bool is_new(struct succession *s, const struct stat *st)
{
	bool same = s->dev == st->st_dev && s->ino == st->st_ino;
	s->dev = st->st_dev;
	s->ino = st->st_ino;
	return !same;
}

/* Nothing was told since they were opened: they are what had those names. The second half of a rename may come later. */
static void settle(struct succession *s)
{
	struct stat st;
	for (size_t i = 0; i < s->count;) {
		struct successor *x = &s->all[i];
		bool is_open = x->fd >= 0 && fstat(x->fd, &st) == 0, waits = x->cookie && !x->looked_for;
		x->looked_for = x->cookie;
		if (x->settled || waits || (is_open && is_new(s, &st))) {
			x->settled = !waits;
			i++;
			continue;
		}
		s->missed += !is_open;
		drop(s, x);
	}
}

static bool another_has_name(const struct succession *s)
{
	struct stat st;
	return stat(s->path, &st) == 0 && (st.st_dev != s->dev || st.st_ino != s->ino);
}

/* What no event told of. */
static void open_name(struct succession *s)
{
	struct stat st;
	watch(s);
	int fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	bool another = (fd >= 0 ? fstat(fd, &st) : stat(s->path, &st)) == 0 && is_new(s, &st);
	struct successor *x = another && fd >= 0 ? add(s, s->base) : NULL;
	s->missed += another && fd < 0;
	if (x)
		*x = (struct successor){.name = x->name, .fd = fd, .settled = true};
	else if (fd >= 0)
		close(fd);
}

void succession_look(struct succession *s)
{
	bool told;
	int rounds = 0;
	if (s->watch_fd < 0)
		watch(s);
	do {
		do
			open_all(s);
		while (take_events(s) && ++rounds < ROUNDS_MAX);
		settle(s);
		bool another = another_has_name(s);
		told = take_events(s);
		if (another && !told)
			open_name(s);
	} while (told && ++rounds < ROUNDS_MAX);
}

struct succession *succession_new(const char *path)
{
	struct succession *s = mem_alloc(sizeof *s);
	*s = (struct succession){.path = mem_strdup(path), .folder = mem_strdup(""), .base = mem_strdup(""), .watch_fd = -1};
	succession_look(s);
	return s;
}

void succession_free(struct succession *s)
{
	if (!s)
		return;
	while (s->count)
		drop(s, &s->all[s->count - 1]);
	end_watch(s);
	free(s->path);
	free(s->folder);
	free(s->base);
	free(s);
}

int succession_take(struct succession *s)
{
	if (!succession_waits(s))
		return -1;
	int fd = s->all[0].fd;
	s->all[0].fd = -1;
	drop(s, &s->all[0]);
	return fd;
}

bool succession_waits(const struct succession *s)
{
	return s->count && s->all[0].settled;
}

bool succession_waits_empty(const struct succession *s)
{
	struct stat st;
	return s->count == 1 && succession_waits(s) && fstat(s->all[0].fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0;
}

bool succession_watched(const struct succession *s)
{
	return s->watch_fd >= 0;
}

unsigned succession_missed(struct succession *s)
{
	unsigned n = s->missed;
	s->missed = 0;
	return n;
}

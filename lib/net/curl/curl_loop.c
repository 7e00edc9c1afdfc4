#include "net/curl/curl_loop.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"

#define CURL_DISABLE_DEPRECATION /* of curl_multi_socket_all */
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { IDLE_READS_MAX = 64 };

/* What is watched for on one of libcurl's descriptors. */
struct curl_watch {
	struct curl_loop *owner;
	struct loop_fd *fd_watch; /* NULL: never watched since it was opened */
	int fd;
	int events; /* as last set */
	bool idle;  /* in libcurl's pool: it watches for nothing */
	int *open;  /* the count that it is in; NULL: in none */
	bool ours;  /* a connection that close_socket closes, not one of libcurl's internal socket
		       pairs */
};

struct curl_loop {
	struct loop *loop;
	CURLM *multi;
	struct loop_timer *timer;
	int64_t deadline_ns;	/* when libcurl wants to be called; 0 for not at all */
	int64_t armed_ns;	/* when the timer will fire; 0 if it is off */
	struct curl_watch **watches; /* by descriptor */
	size_t watch_alloc;
	int open_errno; /* why the last socket could not be opened; 0 if it could */
	bool pumping, kicked;
	bool abandoned; /* a transfer may wait to try its next address */
	bool silent;	/* servers send nothing on idle connections */
	int users;
};

static void pump(struct curl_loop *c);

/* libcurl changes its timeout several times per request, and setting a timer is a system call: a
 * timer armed for an earlier time is left to fire, and then armed again. */
static void arm(struct curl_loop *c)
{
	if (!c->deadline_ns || (c->armed_ns && c->armed_ns <= c->deadline_ns))
		return;
	c->armed_ns = c->deadline_ns;
	loop_timer_at(c->timer, c->armed_ns);
}

static void timer_fired(void *arg)
{
	struct curl_loop *c = arg;
	int left;
	c->users++; /* its last user may leave in a callback */
	c->armed_ns = 0;
	if (c->deadline_ns && mono_ns() >= c->deadline_ns) {
		c->deadline_ns = 0; /* one shot: a stale one would fire for ever */
		curl_multi_socket_action(c->multi, CURL_SOCKET_TIMEOUT, 0, &left);
		pump(c);
	}
	arm(c);
	curl_loop_free(c);
}

static int set_timer(CURLM *multi, long timeout_ms, void *arg)
{
	struct curl_loop *c = arg;
	(void)multi;
	c->deadline_ns = timeout_ms < 0 ? 0 : mono_ns() + timeout_ms * NS_PER_MS;
	return 0;
}

static void set_events(struct curl_watch *w, int events)
{
	if (w->events == events)
		return;
	w->events = events;
	loop_fd_set(w->fd_watch, events);
}

/* An idle connection became readable: the server closed it, or sent bytes that would be taken for
 * the start of the next answer. libcurl drops a connection at end of file but not one with unread
 * bytes, so this drains and shuts it down. */
static void make_dead(int fd)
{
	char data[4096];
	ssize_t n = recv(fd, data, sizeof data, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) /* what was there has been read already */
		return;
	for (int reads = 0; n > 0 && reads < IDLE_READS_MAX; reads++)
		n = recv(fd, data, sizeof data, MSG_DONTWAIT);
	shutdown(fd, SHUT_RDWR);
}

static void fd_ready(void *arg, int events)
{
	struct curl_watch *w = arg;
	struct curl_loop *c = w->owner;
	int mask = 0, left;
	if (events & LOOP_ERROR)
		w->events = 0;
	if (w->idle) { /* libcurl notices when it reuses the connection */
		if (c->silent)
			make_dead(w->fd);
		set_events(w, 0);
		return;
	}
	if (events & LOOP_READ)
		mask |= CURL_CSELECT_IN;
	if (events & LOOP_WRITE)
		mask |= CURL_CSELECT_OUT;
	if (events & LOOP_ERROR)
		mask |= CURL_CSELECT_ERR | CURL_CSELECT_IN | CURL_CSELECT_OUT;
	curl_multi_socket_action(c->multi, w->fd, mask, &left);
	pump(c);
}

static struct curl_watch *watch_of(struct curl_loop *c, curl_socket_t fd)
{
	size_t n = (size_t)fd;
	if (n >= c->watch_alloc) {
		size_t alloc = n + 64;
		c->watches = mem_realloc(c->watches, alloc, sizeof(struct curl_watch *));
		for (size_t i = c->watch_alloc; i < alloc; i++)
			c->watches[i] = NULL;
		c->watch_alloc = alloc;
	}
	if (!c->watches[n]) {
		c->watches[n] = mem_alloc(sizeof **c->watches);
		c->watches[n]->owner = c;
		c->watches[n]->fd = fd;
	}
	return c->watches[n];
}

static void unwatch(struct curl_watch *w)
{
	loop_fd_free(w->fd_watch);
	w->fd_watch = NULL;
	w->events = 0;
	if (w->open)
		--*w->open;
	w->open = NULL;
}

static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *unused)
{
	struct curl_loop *c = arg;
	struct curl_watch *w = watch_of(c, fd);
	(void)unused;
	w->idle = what == CURL_POLL_REMOVE;
	/* libcurl 7.88 closes an abandoned pending connection without calling close_socket, and
	 * begins with the next address only when it is called again. */
	if (w->idle && w->ours && fcntl(fd, F_GETFD) < 0) {
		w->ours = false;
		c->abandoned = true;
	}
	if (w->idle) {
		/* An idle connection stays watched for reading, which saves two system calls per
		 * request. */
		if (w->ours && w->fd_watch && w->events & LOOP_WRITE)
			set_events(w, LOOP_READ);
		if (!w->ours)
			unwatch(w);
		return 0;
	}
	struct curl_transfer *t = NULL;
	if (w->ours && !w->open && !curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&t))
		t->new_fd = fd;
	struct err e;
	if (!w->fd_watch)
		w->fd_watch = loop_fd_new(c->loop, fd, fd_ready, w, &e);
	if (w->fd_watch) /* else its request times out */
		set_events(w, (what & CURL_POLL_IN ? LOOP_READ : 0) |
				      (what & CURL_POLL_OUT ? LOOP_WRITE : 0));
	return 0;
}

static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct curl_loop *c = arg;
	curl_socket_t fd = socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
	(void)purpose;
	c->open_errno = fd < 0 ? errno : 0;
	if (fd < 0)
		return CURL_SOCKET_BAD;
	struct curl_watch *w = watch_of(c, fd);
	unwatch(w); /* left from a socket that libcurl closed without close_socket */
	w->ours = true;
	return fd;
}

static int close_socket(void *arg, curl_socket_t fd)
{
	struct curl_loop *c = arg;
	struct curl_watch *w = watch_of(c, fd);
	unwatch(w);
	w->ours = false;
	return close(fd);
}

/* libcurl closes its own when the handle leaves the multi. */
static int socket_of(CURL *easy)
{
	curl_socket_t fd = CURL_SOCKET_BAD;
	curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &fd);
	return fd == CURL_SOCKET_BAD ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

/* Reports finished transfers and starts those added meanwhile. A callback that adds a transfer re-
 * enters through curl_loop_add; the outermost call does the work. */
static void pump(struct curl_loop *c)
{
	int left;
	if (c->pumping)
		return;
	c->pumping = true;
	c->users++;
	do {
		CURLMsg *m;
		c->kicked = false;
		if (c->abandoned) {
			c->abandoned = false;
			curl_multi_socket_all(c->multi, &left);
		}
		while ((m = curl_multi_info_read(c->multi, &left))) {
			struct curl_transfer *t = NULL;
			int code = (int)m->data.result;
			curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t);
			if (t->takes_socket)
				t->fd = code == CURLE_OK ? socket_of(m->easy_handle) : -1;
			if (!t->keeps || t->fd < 0)
				curl_multi_remove_handle(c->multi, m->easy_handle);
			t->done(t, code);
		}
		if (c->kicked)
			curl_multi_socket_action(c->multi, CURL_SOCKET_TIMEOUT, 0, &left);
	} while (c->kicked || c->abandoned);
	c->pumping = false;
	arm(c);
	curl_loop_free(c);
}

struct curl_loop *curl_loop_new(struct loop *l, int connections, bool silent, struct err *e)
{
	struct curl_loop *c = mem_alloc(sizeof *c);
	*c = (struct curl_loop){.loop = l, .silent = silent, .users = 1};
	c->timer = loop_timer_new(l, timer_fired, c, e);
	if (!c->timer) {
		free(c);
		return NULL;
	}
	c->multi = curl_global_init(CURL_GLOBAL_DEFAULT) ? NULL : curl_multi_init();
	if (!c->multi) {
		err_runtime(e, "cannot start libcurl: %s", curl_easy_strerror(CURLE_FAILED_INIT));
		curl_loop_free(c);
		return NULL;
	}
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
	curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, (long)connections);
	return c;
}

struct curl_loop *curl_loop_shared(struct loop *l, struct err *e)
{
	struct curl_loop **shared = (struct curl_loop **)loop_shared(l);
	if (*shared)
		(*shared)->users++;
	else
		*shared = curl_loop_new(l, 1, false, e);
	return *shared;
}

void curl_loop_bind(struct curl_loop *c, void *easy, struct curl_transfer *t)
{
	curl_easy_setopt(easy, CURLOPT_PRIVATE, t);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, c);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, c);
}

int curl_loop_add(struct curl_loop *c, void *easy)
{
	int left;
	if (curl_multi_add_handle(c->multi, easy))
		return -1;
	if (c->pumping) {
		c->kicked = true;
		return 0;
	}
	curl_multi_socket_action(c->multi, CURL_SOCKET_TIMEOUT, 0, &left);
	pump(c);
	return 0;
}

int curl_loop_open_errno(const struct curl_loop *c)
{
	return c->open_errno;
}

void curl_loop_count(struct curl_loop *c, const struct curl_transfer *t, int *open)
{
	struct curl_watch *w = watch_of(c, t->new_fd);
	if (!w->ours || w->open)
		return;
	w->open = open;
	++*open;
}

void curl_loop_remove(struct curl_loop *c, void *easy)
{
	curl_multi_remove_handle(c->multi, easy);
	arm(c);
}

void curl_loop_free(struct curl_loop *c)
{
	if (!c || --c->users)
		return;
	if (*loop_shared(c->loop) == c)
		*loop_shared(c->loop) = NULL;
	if (c->multi)
		curl_multi_cleanup(c->multi);
	for (size_t i = 0; i < c->watch_alloc; i++) {
		if (c->watches[i])
			loop_fd_free(c->watches[i]->fd_watch);
		free(c->watches[i]);
	}
	free(c->watches);
	loop_timer_free(c->timer);
	curl_global_cleanup();
	free(c);
}

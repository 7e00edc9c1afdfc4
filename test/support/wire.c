/* Both ends of a TCP connection, for tests and benches of what lies between.
 *
 *	wire echo PORT			sends back whatever comes; keeps half-closed connections
 *	wire delay PORT MS		sends it back so much later: one bare loop, to measure others beside
 *	wire sink PORT			reads
 *	wire keep PORT			takes connections, and leaves them alone
 *	wire source PORT BYTES		sends that much to whoever connects
 *	wire blast PORT BYTES		sends that much, ends, waits for the other end: prints MB/s
 *	wire drain PORT			reads to the end: prints bytes, MB/s
 *	wire verify PORT BYTES [PAUSE_US]	sends a pattern, compares what comes back: "BYTES sent, N back, N wrong"
 *	wire pingpong PORT COUNT SIZE [CONNECTIONS]	round trips: prints "median p99" in us
 *	wire hold PORT CONNECTIONS	opens them, prints "held", keeps them until its input ends */
#include "base/clock.h"
#include "base/num.h"
#include "base/rng.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 256 * 1024, STACK = 64 * 1024, PERIOD_NS = 150000000 };

static void die(const char *what)
{
	fprintf(stderr, "wire: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t number(const char *text)
{
	int64_t n;
	if (num_i64(text, 0, INT64_MAX, &n)) {
		fprintf(stderr, "wire: '%s' is no number\n", text);
		exit(2);
	}
	return n;
}

static struct sockaddr_in at(const char *port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
				    .sin_port = htons((uint16_t)number(port)),
				    .sin_addr = {htonl(INADDR_LOOPBACK)}};
}

static int dial(const char *port)
{
	struct sockaddr_in a = at(port);
	const int yes = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a))
		die("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	return fd;
}

static bool send_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

/* --- servers: a thread for each connection, but one that only holds them ------------------ */

static int64_t source_bytes;

static void *echo_one(void *arg)
{
	int fd = (int)(intptr_t)arg;
	char *room = malloc(ROOM);
	for (ssize_t n; (n = recv(fd, room, ROOM, 0)) > 0 && send_all(fd, room, (size_t)n);)
		;
	shutdown(fd, SHUT_WR);
	free(room);
	close(fd);
	return NULL;
}

static void *sink_one(void *arg)
{
	int fd = (int)(intptr_t)arg;
	char *room = malloc(ROOM);
	while (recv(fd, room, ROOM, 0) > 0)
		;
	free(room);
	close(fd);
	return NULL;
}

static void *keep_one(void *arg)
{
	return arg;
}

static void *source_one(void *arg)
{
	int fd = (int)(intptr_t)arg;
	char *room = calloc(1, ROOM);
	for (int64_t left = source_bytes; left > 0; left -= ROOM)
		if (!send_all(fd, room, left < ROOM ? (size_t)left : ROOM))
			break;
	shutdown(fd, SHUT_WR);
	while (recv(fd, room, ROOM, 0) > 0)
		;
	free(room);
	close(fd);
	return NULL;
}

static void serve(const char *port, void *(*one)(void *arg))
{
	struct sockaddr_in a = at(port);
	const int yes = 1;
	pthread_attr_t small;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (bind(listener, (struct sockaddr *)&a, sizeof a) || listen(listener, SOMAXCONN))
		die("listen");
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, STACK);
	pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
	for (;;) {
		pthread_t thread;
		int fd = accept(listener, NULL, NULL);
		if (fd < 0)
			continue;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
		if (one == keep_one)
			continue;
		if (pthread_create(&thread, &small, one, (void *)(intptr_t)fd))
			close(fd);
	}
}

/* --- clients ------------------------------------------------------------------------------- */

static void blast(const char *port, int64_t bytes)
{
	char *room = calloc(1, ROOM);
	int fd = dial(port);
	int64_t began = mono_ns();
	for (int64_t left = bytes; left > 0; left -= ROOM)
		if (!send_all(fd, room, left < ROOM ? (size_t)left : ROOM))
			die("send");
	shutdown(fd, SHUT_WR);
	while (recv(fd, room, ROOM, 0) > 0)
		;
	printf("%.1f\n", (double)bytes * 1e3 / (double)(mono_ns() - began));
}

static void drain(const char *port)
{
	char *room = malloc(ROOM);
	int fd = dial(port);
	int64_t began = mono_ns(), bytes = 0;
	ssize_t n;
	while ((n = recv(fd, room, ROOM, 0)) > 0)
		bytes += n;
	printf("%lld %.4f\n", (long long)bytes, (double)bytes * 1e3 / (double)(mono_ns() - began));
	if (n < 0)
		die("recv");
}

struct verify {
	int fd;
	int64_t bytes, pause_us;
};

/* The byte at each position is a function of the position alone. */
static void pattern(char *out, uint64_t from, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		uint64_t word = rng_at(7, (from + i) / 8);
		out[i] = (char)(word >> ((from + i) % 8 * 8));
	}
}

static void *send_pattern(void *arg)
{
	struct verify *v = arg;
	char *room = malloc(ROOM);
	uint64_t drawn = 0;
	for (int64_t at_byte = 0; at_byte < v->bytes;) {
		int64_t len = 1 + (int64_t)(rng_at(3, drawn++) % 60000);
		if (len > v->bytes - at_byte)
			len = v->bytes - at_byte;
		pattern(room, (uint64_t)at_byte, (size_t)len);
		if (!send_all(v->fd, room, (size_t)len))
			break;
		at_byte += len;
		if (v->pause_us)
			nanosleep(&(struct timespec){.tv_nsec = v->pause_us * 1000}, NULL);
	}
	shutdown(v->fd, SHUT_WR);
	free(room);
	return NULL;
}

static int verify(const char *port, int64_t bytes, int64_t pause_us)
{
	struct verify v = {dial(port), bytes, pause_us};
	char *room = malloc(ROOM), *want = malloc(ROOM);
	pthread_t sender;
	int64_t back = 0, wrong = 0;
	pthread_create(&sender, NULL, send_pattern, &v);
	for (ssize_t n; (n = recv(v.fd, room, ROOM, 0)) > 0; back += n) {
		pattern(want, (uint64_t)back, (size_t)n);
		for (ssize_t i = 0; i < n; i++)
			wrong += room[i] != want[i];
	}
	pthread_join(sender, NULL);
	printf("%lld sent, %lld back, %lld wrong\n", (long long)bytes, (long long)back, (long long)wrong);
	return back != bytes || wrong;
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

/* Opens connections, and watches them and a timer, each by its number; the timer's is behind theirs. */
static int open_conns(const char *port, int64_t conns, int *fds, int tfd)
{
	int set = epoll_create1(EPOLL_CLOEXEC);
	for (int64_t i = 0; i <= conns; i++) {
		struct epoll_event ev = {.events = i < conns ? EPOLLIN : EPOLLIN | EPOLLET, .data.u64 = (uint64_t)i};
		int fd = i < conns ? (fds[i] = dial(port)) : tfd;
		epoll_ctl(set, EPOLL_CTL_ADD, fd, &ev);
	}
	return set;
}

/* Each connection has one message under way. One connection sends the next at once; many send in turn, each once
 * in PERIOD_NS, so that they do not wait for each other here, and a stall makes no bunch that stays. */
static void pingpong(const char *port, int64_t count, int64_t size, int64_t conns)
{
	int64_t all = count * conns, begun = 0, step = conns > 1 ? PERIOD_NS / conns : 0;
	int64_t *took = calloc((size_t)all, sizeof *took), taken = 0, ended = 0;
	int64_t *sent = calloc((size_t)conns, sizeof *sent), *got = calloc((size_t)conns, sizeof *got);
	int tfd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	int *fds = calloc((size_t)conns, sizeof *fds), set = open_conns(port, conns, fds, tfd);
	char *room = calloc(1, (size_t)size);
	int64_t start = mono_ns();
	while (ended < all) {
		struct epoll_event ready[64];
		for (; begun < all && !sent[begun % conns] && mono_ns() - start >= step * begun; begun++) {
			sent[begun % conns] = mono_ns();
			send_all(fds[begun % conns], room, (size_t)size);
		}
		if (begun < all && !sent[begun % conns]) {
			int64_t next = start + step * begun;
			struct itimerspec when = {.it_value = {next / 1000000000, next % 1000000000}};
			timerfd_settime(tfd, TFD_TIMER_ABSTIME, &when, NULL);
		}
		int n = epoll_wait(set, ready, 64, -1);
		int64_t told = mono_ns(); /* all of them were there by then */
		for (int k = 0; k < n; k++) {
			uint64_t i = ready[k].data.u64;
			if (i == (uint64_t)conns)
				continue;
			ssize_t in = recv(fds[i], room, (size_t)(size - got[i]), 0);
			if (in <= 0)
				die("recv");
			if ((got[i] += in) < size)
				continue;
			if (ended >= conns || count == 1) /* the first waits for the connection as well */
				took[taken++] = told - sent[i];
			got[i] = sent[i] = 0;
			ended++;
		}
	}
	qsort(took, (size_t)taken, sizeof *took, by_value);
	printf("%.1f %.1f\n", (double)took[taken / 2] / 1e3, (double)took[taken * 99 / 100] / 1e3);
}

/* A FIFO of what is to be sent back: the delay is the same for all. */
struct due {
	int64_t at_ns;
	int fd;
	size_t len;
};
enum { DUE_MAX = 1 << 16 };

static void delay(const char *port, int64_t ms)
{
	struct sockaddr_in a = at(port);
	const int yes = 1;
	static struct due due[DUE_MAX];
	static char room[ROOM];
	size_t first = 0, end = 0;
	int lfd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), set = epoll_create1(EPOLL_CLOEXEC);
	int tfd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	struct epoll_event ev = {.events = EPOLLIN, .data.fd = lfd}, timer = {.events = EPOLLIN | EPOLLET, .data.fd = tfd};
	setsockopt(lfd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (bind(lfd, (struct sockaddr *)&a, sizeof a) || listen(lfd, SOMAXCONN))
		die("listen");
	epoll_ctl(set, EPOLL_CTL_ADD, lfd, &ev);
	epoll_ctl(set, EPOLL_CTL_ADD, tfd, &timer);
	for (;;) {
		struct epoll_event ready[32];
		int64_t next = first < end ? due[first % DUE_MAX].at_ns : 0;
		struct itimerspec when = {.it_value = {next / 1000000000, next % 1000000000}};
		timerfd_settime(tfd, TFD_TIMER_ABSTIME, &when, NULL);
		int n = epoll_wait(set, ready, 32, next && next <= mono_ns() ? 0 : -1);
		int64_t now = mono_ns();
		for (; first < end && due[first % DUE_MAX].at_ns <= now; first++)
			send_all(due[first % DUE_MAX].fd, room, due[first % DUE_MAX].len);
		for (int k = 0; k < n; k++) {
			int fd = ready[k].data.fd;
			if (fd == lfd) {
				struct epoll_event one = {.events = EPOLLIN, .data.fd = accept(lfd, NULL, NULL)};
				setsockopt(one.data.fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
				epoll_ctl(set, EPOLL_CTL_ADD, one.data.fd, &one);
				continue;
			}
			ssize_t len = fd == tfd ? 0 : recv(fd, room, ROOM, 0);
			if (len > 0)
				due[end++ % DUE_MAX] = (struct due){now + ms * 1000000, fd, (size_t)len};
			else if (fd != tfd)
				close(fd);
		}
	}
}

static void hold(const char *port, int64_t conns)
{
	char c;
	for (int64_t i = 0; i < conns; i++)
		dial(port);
	printf("held\n");
	fflush(stdout);
	while (read(0, &c, 1) > 0)
		;
}

int main(int argc, char **argv)
{
	struct rlimit most;
	const char *what = argc > 2 ? argv[1] : "", *port = argc > 2 ? argv[2] : "";
	int64_t n = argc > 3 ? number(argv[3]) : 0, m = argc > 4 ? number(argv[4]) : 0;
	getrlimit(RLIMIT_NOFILE, &most);
	most.rlim_cur = most.rlim_max;
	setrlimit(RLIMIT_NOFILE, &most);
	signal(SIGPIPE, SIG_IGN);
	if (strcmp(what, "echo") == 0)
		serve(port, echo_one);
	else if (strcmp(what, "delay") == 0)
		delay(port, n);
	else if (strcmp(what, "sink") == 0)
		serve(port, sink_one);
	else if (strcmp(what, "keep") == 0)
		serve(port, keep_one);
	else if (strcmp(what, "source") == 0) {
		source_bytes = n;
		serve(port, source_one);
	} else if (strcmp(what, "blast") == 0)
		blast(port, n);
	else if (strcmp(what, "drain") == 0)
		drain(port);
	else if (strcmp(what, "verify") == 0)
		return verify(port, n, m);
	else if (strcmp(what, "pingpong") == 0)
		pingpong(port, n, m, argc > 5 ? number(argv[5]) : 1);
	else if (strcmp(what, "hold") == 0)
		hold(port, n);
	else
		return 2;
	return 0;
}

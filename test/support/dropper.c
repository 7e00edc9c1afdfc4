/* An HTTP server that misbehaves on purpose:
 *	dropper COUNTFILE MODE [PORT|SOCKET]
 * prints its port (or the path of its Unix socket), and keeps the number of requests it has read in
 * COUNTFILE, rewritten after each. COUNTFILE.ids gets a line for each: "PATH answered" or "PATH
 * dropped". Modes:
 *	close		answers the first request of a connection, reads the second and closes
 *	reset		the same with a reset
 *	die		the same, and stops listening for good
 *	first		closes after reading the first
 *	garbage		answers what is not HTTP
 *	short		promises 100 bytes, sends 5 and closes
 *	status:N	answers every request with status N
 *	raw:FILE	answers with what is in the file at that moment, and closes
 *	stay:FILE	the same in two pieces, of which the second starts behind the first empty
 *line, and stays files:DIR	answers a request for /NAME with what is in DIR/NAME, in pieces, and
 *closes
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS = 256, REQUEST_MAX = 8192 };

struct client {
	int fd;
	int requests;
	char path[256]; /* of the last request */
	size_t len;
	char text[REQUEST_MAX + 1];
};

struct server {
	const char *count_file, *mode;
	int listener;
	long count;
	struct client clients[CLIENTS];
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int listen_on_path(const char *path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	strncpy(a.sun_path, path, sizeof a.sun_path - 1);
	unlink(path);
	if (bind(fd, (struct sockaddr *)&a, sizeof a) || listen(fd, 128))
		die("listen");
	printf("%s\n", path);
	fflush(stdout);
	return fd;
}

static int listen_on(int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons((uint16_t)port),
				.sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof a;
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, (struct sockaddr *)&a, sizeof a) || listen(fd, 128))
		die("listen");
	getsockname(fd, (struct sockaddr *)&a, &len);
	printf("%d\n", ntohs(a.sin_port));
	fflush(stdout);
	return fd;
}

static void count_one(struct server *s)
{
	char tmp[4096];
	s->count++;
	snprintf(tmp, sizeof tmp, "%s.new", s->count_file);
	FILE *f = fopen(tmp, "w");
	if (!f || fprintf(f, "%ld\n", s->count) < 0 || fclose(f) || rename(tmp, s->count_file))
		die("count file");
}

/* The second word of the request line is what the request is known by. */
static void take_path(struct client *c)
{
	int blank = (int)strcspn(c->text, " "), len = (int)strcspn(c->text + blank + 1, " ");
	snprintf(c->path, sizeof c->path, "%.*s", len, c->text + blank + 1);
}

static void note_id(const struct server *s, const struct client *c, bool answered)
{
	char path[4096];
	snprintf(path, sizeof path, "%s.ids", s->count_file);
	FILE *f = fopen(path, "a");
	if (!f || fprintf(f, "%s %s\n", c->path, answered ? "answered" : "dropped") < 0 ||
	    fclose(f))
		die("ids file");
}

static void drop(struct client *c, bool reset)
{
	struct linger hard = {.l_onoff = 1, .l_linger = 0};
	if (reset)
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
	close(c->fd);
	c->fd = -1;
}

static void say(struct client *c, const char *text)
{
	if (send(c->fd, text, strlen(text), MSG_NOSIGNAL) < 0)
		drop(c, false);
}

/* In one piece, or in many, so that the reader sees cuts in all places. */
static void say_file(struct client *c, const char *path, size_t piece)
{
	static char text[1 << 20];
	FILE *f = fopen(path, "r");
	if (!f)
		die(path);
	size_t len = fread(text, 1, sizeof text, f), at = 0;
	int on = 1;
	fclose(f);
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	while (at < len) {
		size_t n = len - at < piece ? len - at : piece;
		if (send(c->fd, text + at, n, MSG_NOSIGNAL) < 0)
			break;
		at += n;
	}
	drop(c, false);
}

static void say_and_stay(struct client *c, const char *path)
{
	char text[REQUEST_MAX + 1];
	FILE *f = fopen(path, "r");
	if (!f)
		die(path);
	text[fread(text, 1, REQUEST_MAX, f)] = '\0';
	fclose(f);
	const char *end = strstr(text, "\r\n\r\n");
	size_t first = end ? (size_t)(end + 4 - text) : strlen(text);
	struct timespec pause = {.tv_nsec =
					 20000000}; /* two packets, and two turns of the reader */
	if (send(c->fd, text, first, MSG_NOSIGNAL) < 0)
		return;
	nanosleep(&pause, NULL);
	say(c, text + first);
}

static void say_named(struct client *c, const char *dir)
{
	char path[4096];
	snprintf(path, sizeof path, "%s%s", dir, c->path);
	say_file(c, path, (size_t)(1 + c->requests % 7));
}

static bool drops(const struct server *s, const struct client *c)
{
	return c->requests == 2 && (strcmp(s->mode, "close") == 0 ||
				    strcmp(s->mode, "reset") == 0 || strcmp(s->mode, "die") == 0);
}

static void answer(struct server *s, struct client *c)
{
	char text[256];
	int status = 200;
	if (strncmp(s->mode, "status:", 7) == 0)
		status = atoi(s->mode + 7);
	if (drops(s, c)) {
		if (strcmp(s->mode, "die") == 0 && s->listener >= 0) {
			close(s->listener);
			s->listener = -1;
		}
		drop(c, strcmp(s->mode, "reset") == 0);
	} else if (strcmp(s->mode, "first") == 0) {
		drop(c, false);
	} else if (strcmp(s->mode, "garbage") == 0) {
		say(c, "what is the question?\r\n\r\n");
	} else if (strncmp(s->mode, "raw:", 4) == 0) {
		say_file(c, s->mode + 4, SIZE_MAX);
	} else if (strncmp(s->mode, "stay:", 5) == 0) {
		say_and_stay(c, s->mode + 5);
	} else if (strncmp(s->mode, "files:", 6) == 0) {
		say_named(c, s->mode + 6);
	} else if (strcmp(s->mode, "short") == 0) {
		say(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello");
		if (c->fd >= 0)
			drop(c, false);
	} else {
		snprintf(text, sizeof text, "HTTP/1.1 %d X\r\nContent-Length: 3\r\n\r\nok\n",
			 status);
		say(c, text);
	}
}

/* The length of the first whole request, 0 if there is none yet. */
static size_t whole_request(const char *text, size_t len)
{
	const char *end = strstr(text, "\r\n\r\n");
	if (!end)
		return 0;
	const char *length = strcasestr(text, "content-length:");
	size_t body = length && length < end ? (size_t)atol(length + 15) : 0;
	size_t whole = (size_t)(end + 4 - text) + body;
	return whole <= len ? whole : 0;
}

static void serve(struct server *s, struct client *c)
{
	ssize_t n = recv(c->fd, c->text + c->len, REQUEST_MAX - c->len, 0);
	if (n <= 0) {
		drop(c, false);
		return;
	}
	c->len += (size_t)n;
	c->text[c->len] = '\0';
	for (size_t len; c->fd >= 0 && (len = whole_request(c->text, c->len));) {
		c->requests++;
		take_path(c);
		note_id(s, c, !drops(s, c));
		memmove(c->text, c->text + len, c->len - len + 1);
		c->len -= len;
		count_one(s);
		answer(s, c);
	}
}

static void take_client(struct server *s)
{
	int fd = accept(s->listener, NULL, NULL);
	for (int i = 0; i < CLIENTS; i++) {
		if (s->clients[i].fd >= 0)
			continue;
		s->clients[i] = (struct client){.fd = fd};
		return;
	}
	close(fd);
}

int main(int argc, char **argv)
{
	static struct server s;
	struct pollfd polls[CLIENTS + 1];
	if (argc < 3)
		return 2;
	s.count_file = argv[1];
	s.mode = argv[2];
	s.listener = argc > 3 && argv[3][0] == '/' ? listen_on_path(argv[3])
						   : listen_on(argc > 3 ? atoi(argv[3]) : 0);
	for (int i = 0; i < CLIENTS; i++)
		s.clients[i].fd = -1;
	for (;;) {
		for (int i = 0; i < CLIENTS; i++)
			polls[i] = (struct pollfd){.fd = s.clients[i].fd, .events = POLLIN};
		polls[CLIENTS] = (struct pollfd){.fd = s.listener, .events = POLLIN};
		if (poll(polls, CLIENTS + 1, -1) < 0 && errno != EINTR)
			die("poll");
		for (int i = 0; i < CLIENTS; i++)
			if (polls[i].revents && s.clients[i].fd >= 0)
				serve(&s, &s.clients[i]);
		if (polls[CLIENTS].revents)
			take_client(&s);
	}
}

/* The frame of a server that misbehaves on purpose, one thread for all its clients: prints its port
 * (or the path of its Unix socket), and keeps the number of requests it has read in a file. */
#ifndef TEST_SUPPORT_SERVER_H
#define TEST_SUPPORT_SERVER_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { CLIENTS = 256, TEXT_MAX = 65536 };

struct client {
	int fd;
	int requests;
	char path[256]; /* HTTP/1: of the last request */
	uint32_t last;	/* HTTP/2: the last stream that was answered */
	bool greeted;	/* HTTP/2: the preface has come */
	size_t len;
	char text[TEXT_MAX + 1]; /* what has come in and is not answered yet */
};

struct server {
	const char *count_file, *mode;
	int listener;
	int count_fd; /* -1: nothing is counted yet */
	long count;
	struct client clients[CLIENTS];
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static inline int listen_on_path(const char *path)
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

/* One write: who reads the file meanwhile finds a whole number. */
static void count_one(struct server *s)
{
	char text[32];
	int len = snprintf(text, sizeof text, "%ld\n", ++s->count);
	if (s->count_fd < 0)
		s->count_fd = open(s->count_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (s->count_fd < 0 || pwrite(s->count_fd, text, (size_t)len, 0) != len)
		die("count file");
}

static void drop(struct client *c, bool reset)
{
	struct linger hard = {.l_onoff = 1, .l_linger = 0};
	if (reset)
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
	close(c->fd);
	c->fd = -1;
}

static void take_client(struct server *s, int fd)
{
	for (int i = 0; i < CLIENTS; i++) {
		if (s->clients[i].fd >= 0)
			continue;
		s->clients[i].fd = fd;
		s->clients[i].requests = 0;
		s->clients[i].last = 0;
		s->clients[i].greeted = false;
		s->clients[i].len = 0;
		return;
	}
	close(fd);
}

/* All that have connected: one for each turn would let those wait that came while the server was busy with others. */
static void take_clients(struct server *s)
{
	for (int fd; s->listener >= 0 && (fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0;)
		take_client(s, fd);
}

/* serve is called when a client has said something or hung up. */
static void serve_all(const char *count_file, const char *mode, int listener,
		      void (*serve)(struct server *s, struct client *c))
{
	static struct server s;
	struct pollfd polls[CLIENTS + 1];
	s.count_file = count_file;
	s.mode = mode;
	s.listener = listener;
	s.count_fd = -1;
	fcntl(listener, F_SETFL, O_NONBLOCK);
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
			take_clients(&s);
	}
}

#endif

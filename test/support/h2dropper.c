/* An HTTP/2 server without TLS that misbehaves on purpose, and knows only as much of HTTP/2 as that
 * takes:
 *	h2dropper COUNTFILE MODE
 * prints its port, and keeps the number of requests it has read in COUNTFILE, rewritten after each.
 * It answers the first request of a connection with 200. What becomes of the second says MODE:
 *	ok		it is answered, and so are all others
 *	refuse		its stream is refused, which says that it was not looked at (and so is every
 *			second one of a connection)
 *	goaway		GOAWAY says that it was not looked at, and the connection is closed
 *	close		the connection is closed
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	CLIENTS = 64,
	TEXT_MAX = 65536,
	PREFACE = 24,
	FRAME_HEAD = 9,
};

enum frame_type {
	FRAME_DATA,
	FRAME_HEADERS,
	FRAME_RST = 3,
	FRAME_SETTINGS,
	FRAME_PING = 6,
	FRAME_GOAWAY
};
enum { FLAG_END_STREAM = 1, FLAG_ACK = 1, FLAG_END_HEADERS = 4, REFUSED_STREAM = 7 };

struct client {
	int fd;
	int requests;
	uint32_t last; /* the last stream that was answered */
	bool greeted;
	size_t len;
	unsigned char text[TEXT_MAX];
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

static int listen_on_any(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
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

static void drop(struct client *c)
{
	close(c->fd);
	c->fd = -1;
}

static void send_frame(struct client *c, enum frame_type type, int flags, uint32_t stream,
		       const void *data, size_t len)
{
	unsigned char frame[FRAME_HEAD + 64];
	uint32_t id = htonl(stream);
	frame[0] = frame[1] = 0;
	frame[2] = (unsigned char)len;
	frame[3] = (unsigned char)type;
	frame[4] = (unsigned char)flags;
	memcpy(frame + 5, &id, sizeof id);
	if (len)
		memcpy(frame + FRAME_HEAD, data, len);
	if (c->fd >= 0 && send(c->fd, frame, FRAME_HEAD + len, MSG_NOSIGNAL) < 0)
		drop(c);
}

/* The whole of a request has been read. */
static void answer(struct server *s, struct client *c, uint32_t stream)
{
	static const unsigned char status_200 = 0x88; /* HPACK: entry 8 of the static table */
	const uint32_t refused = htonl(REFUSED_STREAM);
	const uint32_t away[2] = {htonl(c->last), 0};
	c->requests++;
	if (c->requests % 2 == 0 && strcmp(s->mode, "refuse") == 0) {
		send_frame(c, FRAME_RST, 0, stream, &refused, sizeof refused);
	} else if (c->requests == 2 && strcmp(s->mode, "goaway") == 0) {
		send_frame(c, FRAME_GOAWAY, 0, 0, away, sizeof away);
		drop(c);
	} else if (c->requests == 2 && strcmp(s->mode, "close") == 0) {
		drop(c);
	} else {
		c->last = stream;
		send_frame(c, FRAME_HEADERS, FLAG_END_HEADERS | FLAG_END_STREAM, stream,
			   &status_200, 1);
	}
}

static void take_frame(struct server *s, struct client *c, const unsigned char *f, size_t len)
{
	uint32_t stream;
	int type = f[3], flags = f[4];
	memcpy(&stream, f + 5, sizeof stream);
	stream = ntohl(stream);
	if (type == FRAME_SETTINGS && !(flags & FLAG_ACK))
		send_frame(c, FRAME_SETTINGS, FLAG_ACK, 0, NULL, 0);
	else if (type == FRAME_PING && !(flags & FLAG_ACK) && len == 8)
		send_frame(c, FRAME_PING, FLAG_ACK, 0, f + FRAME_HEAD, len);
	if (type == FRAME_HEADERS)
		count_one(s);
	if ((type == FRAME_HEADERS || type == FRAME_DATA) && flags & FLAG_END_STREAM)
		answer(s, c, stream);
}

static void serve(struct server *s, struct client *c)
{
	ssize_t n = recv(c->fd, c->text + c->len, TEXT_MAX - c->len, 0);
	size_t at = 0;
	if (n <= 0) {
		drop(c);
		return;
	}
	c->len += (size_t)n;
	if (!c->greeted && c->len >= PREFACE) {
		c->greeted = true;
		at = PREFACE;
		send_frame(c, FRAME_SETTINGS, 0, 0, NULL, 0);
	}
	while (c->fd >= 0 && c->greeted && c->len - at >= FRAME_HEAD) {
		const unsigned char *f = c->text + at;
		size_t len = (size_t)f[0] << 16 | (size_t)f[1] << 8 | f[2];
		if (c->len - at < FRAME_HEAD + len)
			break;
		take_frame(s, c, f, len);
		at += FRAME_HEAD + len;
	}
	memmove(c->text, c->text + at, c->len - at);
	c->len -= at;
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
	if (argc != 3)
		return 2;
	s.count_file = argv[1];
	s.mode = argv[2];
	s.listener = listen_on_any();
	for (int i = 0; i < CLIENTS; i++)
		s.clients[i].fd = -1;
	for (;;) {
		for (int i = 0; i < CLIENTS; i++)
			polls[i] = (struct pollfd){.fd = s.clients[i].fd, .events = POLLIN};
		polls[CLIENTS] = (struct pollfd){.fd = s.listener, .events = POLLIN};
		if (poll(polls, CLIENTS + 1, -1) < 0)
			die("poll");
		for (int i = 0; i < CLIENTS; i++)
			if (polls[i].revents && s.clients[i].fd >= 0)
				serve(&s, &s.clients[i]);
		if (polls[CLIENTS].revents)
			take_client(&s);
	}
}

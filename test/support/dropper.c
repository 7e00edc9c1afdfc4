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
 *	stay:FILE	the same in two pieces, cut behind the first empty line, and does not close; the second is not sent
 *			when the next request has come, since it would be the answer to that one. COUNTFILE.crossed gets a
 *			line where one came in just then
 *	files:DIR	answers a request for /NAME with what is in DIR/NAME, in pieces, and closes
 */
#include "server.h"

#include <netinet/tcp.h>
#include <time.h>

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

static void say_and_stay(const struct server *s, struct client *c, const char *path)
{
	char text[8192], crossed[4096], next;
	FILE *f = fopen(path, "r");
	if (!f)
		die(path);
	text[fread(text, 1, sizeof text - 1, f)] = '\0';
	fclose(f);
	const char *end = strstr(text, "\r\n\r\n");
	size_t first = end ? (size_t)(end + 4 - text) : strlen(text);
	struct timespec pause = {.tv_nsec =
					 20000000}; /* two packets, and two turns of the reader */
	if (send(c->fd, text, first, MSG_NOSIGNAL) < 0)
		return;
	nanosleep(&pause, NULL);
	if (recv(c->fd, &next, 1, MSG_PEEK | MSG_DONTWAIT) > 0)
		return;
	say(c, text + first);
	if (recv(c->fd, &next, 1, MSG_PEEK | MSG_DONTWAIT) <= 0)
		return;
	snprintf(crossed, sizeof crossed, "%s.crossed", s->count_file);
	if (!(f = fopen(crossed, "a")) || fputs("crossed\n", f) < 0 || fclose(f))
		die(crossed);
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
		say_and_stay(s, c, s->mode + 5);
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
	ssize_t n = recv(c->fd, c->text + c->len, TEXT_MAX - c->len, 0);
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

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	const char *at = argc > 3 ? argv[3] : "0";
	serve_all(argv[1], argv[2], *at == '/' ? listen_on_path(at) : listen_on(atoi(at)), serve);
}

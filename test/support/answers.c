/* A server that says the same to each request, whatever it is: answers COUNT-FILE TEXT.
 *	endless:TEXT	TEXT, and then bytes without end
 *	hang:MS		HTTP: requests of the first MS after the first of all are never answered, later ones are; the UNIX
 *			time of the first is printed
 */
#include "server.h"

#include <time.h>

static bool say(struct client *c, const char *text, size_t len)
{
	while (len) {
		ssize_t n = send(c->fd, text, len, MSG_NOSIGNAL);
		if (n <= 0)
			return false;
		text += n;
		len -= (size_t)n;
	}
	return true;
}

static int64_t now_us(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

static bool hangs(const char *ms)
{
	static int64_t first_us;
	if (!first_us) {
		first_us = now_us(CLOCK_MONOTONIC);
		int64_t wall_us = now_us(CLOCK_REALTIME);
		printf("%lld.%06lld\n", (long long)(wall_us / 1000000), (long long)(wall_us % 1000000));
		fflush(stdout);
	}
	return now_us(CLOCK_MONOTONIC) - first_us < atoi(ms) * INT64_C(1000);
}

static void serve(struct server *s, struct client *c)
{
	static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
	static char more[65536];
	ssize_t n = recv(c->fd, c->text, TEXT_MAX, 0);
	if (n <= 0) {
		drop(c, false);
		return;
	}
	count_one(s);
	if (strncmp(s->mode, "endless:", 8) == 0) {
		memset(more, 'x', sizeof more);
		bool open = say(c, s->mode + 8, strlen(s->mode + 8));
		while (open)
			open = say(c, more, sizeof more);
		drop(c, false);
	} else if (strncmp(s->mode, "hang:", 5) != 0) {
		say(c, s->mode, strlen(s->mode));
	} else if (!hangs(s->mode + 5)) {
		say(c, ok, sizeof ok - 1);
	}
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	serve_all(argv[1], argv[2], listen_on(0), serve);
}

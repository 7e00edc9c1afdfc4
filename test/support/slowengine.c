/* A container engine that answers some calls late: stands before another engine on a socket of its own
 *and passes each request on, those that ask for WORD only after so many milliseconds, whether or
 *not the one who asked is still there. That it was asked so says the file SOCKET.asked; when the one who asked
 *left before that time, in UNIX seconds, a line of SOCKET.left.
 *
 *	slowengine SOCKET ENGINE_SOCKET WORD MS		slowengine a.sock /run/docker.sock pause
 *7000 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { REQUEST_MAX = 65536 };

static int socket_at(struct sockaddr_un *at, const char *path)
{
	*at = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof at->sun_path)
		exit(2);
	memcpy(at->sun_path, path, strlen(path));
	return socket(AF_UNIX, SOCK_STREAM, 0);
}

/* "POST /containers/ID/pause?t=5 HTTP/1.1": its last word is pause; so with GET. */
static bool asks_for(const char *request, const char *word)
{
	char path[512];
	if (sscanf(request, "%*s %511[^ ?]", path) != 1)
		return false;
	const char *last = strrchr(path, '/');
	return last && strcmp(last + 1, word) == 0;
}

/* Acts and looks have no body; what has one is passed on as it comes. */
static size_t read_head(int fd, char *request)
{
	size_t len = 0;
	request[0] = '\0';
	while (!strstr(request, "\r\n\r\n") && len < REQUEST_MAX - 1) {
		ssize_t n = read(fd, request + len, REQUEST_MAX - 1 - len);
		if (n <= 0)
			break;
		len += (size_t)n;
		request[len] = '\0';
	}
	return len;
}

/* The engine's end is the end; that of the one who asked is not. */
static void relay(int peer, int engine)
{
	static char chunk[REQUEST_MAX];
	struct pollfd p[] = {{.fd = engine, .events = POLLIN}, {.fd = peer, .events = POLLIN}};
	while (poll(p, 2, -1) > 0) {
		if (p[1].revents) {
			ssize_t n = read(peer, chunk, sizeof chunk);
			if (n <= 0)
				p[1].fd = -1;
			else if (write(engine, chunk, (size_t)n) != n)
				return;
		}
		if (!p[0].revents)
			continue;
		ssize_t n = read(engine, chunk, sizeof chunk);
		if (n <= 0)
			return;
		if (send(peer, chunk, (size_t)n, MSG_NOSIGNAL) < 0)
			p[1].fd = -1;
	}
}

static void note(const char *sock, const char *what, const struct timespec *when)
{
	char path[sizeof((struct sockaddr_un *)0)->sun_path + sizeof ".asked"];
	snprintf(path, sizeof path, "%s.%s", sock, what);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (when)
		dprintf(fd, "%lld.%09ld\n", (long long)when->tv_sec, when->tv_nsec);
	close(fd);
}

static void be_late(int peer, const char *sock, int ms)
{
	struct timespec asked, left;
	struct pollfd p = {.fd = peer, .events = POLLRDHUP};
	clock_gettime(CLOCK_REALTIME, &asked);
	note(sock, "asked", NULL);
	if (poll(&p, 1, ms) <= 0)
		return;
	clock_gettime(CLOCK_REALTIME, &left);
	note(sock, "left", &left);
	ms -= (int)((left.tv_sec - asked.tv_sec) * 1000 + (left.tv_nsec - asked.tv_nsec) / 1000000);
	poll(NULL, 0, ms > 0 ? ms : 0);
}

static void serve(int peer, char **argv)
{
	static char request[REQUEST_MAX];
	struct sockaddr_un at;
	int engine = socket_at(&at, argv[2]);
	size_t len = read_head(peer, request);
	if (asks_for(request, argv[3]))
		be_late(peer, argv[1], atoi(argv[4]));
	if (connect(engine, (struct sockaddr *)&at, sizeof at) == 0 &&
	    write(engine, request, len) == (ssize_t)len)
		relay(peer, engine);
}

int main(int argc, char **argv)
{
	struct sockaddr_un at;
	if (argc != 5)
		return 2;
	signal(SIGCHLD, SIG_IGN);
	int fd = socket_at(&at, argv[1]);
	if (bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 64))
		return 1;
	for (;;) {
		int peer = accept(fd, NULL, NULL);
		if (peer >= 0 && fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGTERM);
			close(fd);
			serve(peer, argv);
			_exit(0);
		}
		close(peer);
	}
}

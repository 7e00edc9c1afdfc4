/* A server that drains: on SIGTERM it goes on to answer for so long, then it ends.
 *
 *	drainnode PORT MS */
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static timer_t end;
static struct itimerspec patience;

static void drain(int signo)
{
	(void)signo;
	timer_settime(end, 0, &patience, NULL);
}

static void drained(int signo)
{
	(void)signo;
	_exit(0);
}

static void answer(int peer)
{
	static const char ok[] =
		"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
	char request[4096];
	struct pollfd p = {.fd = peer, .events = POLLIN};
	if (poll(&p, 1, 1000) == 1 && read(peer, request, sizeof request) > 0)
		send(peer, ok, strlen(ok), MSG_NOSIGNAL);
	close(peer);
}

int main(int argc, char **argv)
{
	struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
	int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
	if (argc != 3 || timer_create(CLOCK_MONOTONIC, &ev, &end))
		return 2;
	int ms = atoi(argv[2]);
	struct sockaddr_in at = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)atoi(argv[1])),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	patience.it_value = (struct timespec){ms / 1000, ms % 1000 * 1000000L};
	signal(SIGTERM, drain);
	signal(SIGALRM, drained);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 64))
		return 1;
	for (;;) {
		int peer = accept(fd, NULL, NULL);
		if (peer >= 0)
			answer(peer);
	}
}

#include "ask.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static const struct timeval patience = {.tv_sec = 1};

/* A wildcard address is reached over loopback. */
static const char *reachable(const char *address)
{
	if (strcmp(address, "0.0.0.0") == 0)
		return "127.0.0.1";
	return strcmp(address, "::") == 0 ? "::1" : address;
}

static int open_to(const char *address, int port, struct err *e)
{
	char service[16];
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST}, *at;
	snprintf(service, sizeof service, "%d", port);
	if (getaddrinfo(reachable(address), service, &hints, &at))
		return err_usage(e, "--bind: '%s' is no numeric address", address);
	int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	}
	if (fd < 0 || connect(fd, at->ai_addr, at->ai_addrlen)) {
		err_sys(e, errno, "port %d", port);
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	freeaddrinfo(at);
	return fd;
}

static int ask(int fd, int port, struct err *e)
{
	static const char request[] =
		"GET /health HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n";
	static const char well[] = "HTTP/1.1 200";
	char answer[64] = "";
	ssize_t got = send(fd, request, sizeof request - 1, MSG_NOSIGNAL);
	if (got > 0)
		got = recv(fd, answer, sizeof answer - 1, MSG_WAITALL);
	if (got < 0)
		return err_sys(e, errno == EAGAIN ? ETIMEDOUT : errno, "port %d", port);
	if (strncmp(answer, well, sizeof well - 1) != 0)
		return err_runtime(e, "port %d does not answer GET /health with 200", port);
	return 0;
}

int ask_health(const char *address, int port, struct err *e)
{
	int fd = open_to(address, port, e), rc = fd < 0 ? -1 : ask(fd, port, e);
	if (fd >= 0)
		close(fd);
	if (rc && e->code == EXIT_RUNTIME)
		e->code = EXIT_NO;
	return rc;
}

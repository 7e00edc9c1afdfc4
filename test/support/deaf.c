/* A port that answers no connect: prints it, having filled the queue of a listener that accepts
 * nothing, so that the kernel drops what comes behind. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FILLERS = 8, ANSWER_MS = 200 };

static int socket_or_die(int flags)
{
	int fd = socket(AF_INET, SOCK_STREAM | flags, 0);
	if (fd < 0) {
		perror("socket");
		exit(1);
	}
	return fd;
}

int main(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof a;
	int listener = socket_or_die(0);
	if (bind(listener, (struct sockaddr *)&a, sizeof a) || listen(listener, 0) ||
	    getsockname(listener, (struct sockaddr *)&a, &len)) {
		perror("listen");
		return 1;
	}
	/* Until one of them is not answered. */
	for (int i = 0; i < FILLERS; i++) {
		struct pollfd p = {.fd = socket_or_die(SOCK_NONBLOCK), .events = POLLOUT};
		connect(p.fd, (struct sockaddr *)&a, len);
		if (poll(&p, 1, ANSWER_MS) == 0)
			break;
	}
	printf("%d\n", ntohs(a.sin_port));
	fflush(stdout);
	pause();
	return 0;
}

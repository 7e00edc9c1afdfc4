/* freeports N: prints N TCP ports that nobody uses, one a line. They lie below
 * the range from which the kernel takes ports for outgoing connections, so that none
 * is taken between this program's end and the listener's start. */
#include "base/clock.h"
#include "base/num.h"
#include "base/rng.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PORT_FIRST = 15000, PORT_LAST = 31000, PORTS_MAX = 64 };

static int try_port(int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons((unsigned short)port),
				.sin_addr.s_addr = htonl(INADDR_ANY)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof a)) {
		close(fd);
		return -1;
	}
	return fd;
}

int main(int argc, char **argv)
{
	int64_t want;
	if (argc != 2 || num_i64(argv[1], 1, PORTS_MAX, &want)) {
		fprintf(stderr, "usage: freeports N\n");
		return 2;
	}
	struct rng r;
	rng_init(&r, (uint64_t)mono_ns() ^ (uint64_t)getpid() << 32);
	/* Each stays bound until the end, so that none is given twice. */
	for (int tries = 0; want > 0 && tries < 10000; tries++) {
		int port = PORT_FIRST + (int)rng_below(&r, PORT_LAST - PORT_FIRST);
		if (try_port(port) < 0)
			continue;
		printf("%d\n", port);
		want--;
	}
	return want > 0;
}

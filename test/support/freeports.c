/* freeports N: prints N TCP ports that nobody uses, one a line. They lie below
 * the range from which the kernel takes ports for outgoing connections, so that none
 * is taken between this program's end and the listener's start.
 *
 * CHAOS_PORTS=FIRST-LAST@FILE: the ports of that range in turn; FILE holds which is next. A
 * port whose server is down for the moment is thus not given to another before the whole range has
 * been. Without it they are drawn, from above the ranges that test/run-bats gives its lanes. */
#include "base/clock.h"
#include "base/num.h"
#include "base/rng.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DRAW_FIRST = 27000, DRAW_LAST = 31000, PORTS_MAX = 64, TRIES_MAX = 10000 };

struct range {
	int first, last, next;
	int file; /* locked until the program ends, or -1: draw */
	uint64_t seed, drawn;
};

/* -1 if the variable cannot be understood or its file not be locked. */
static int range_open(struct range *r)
{
	const char *words = getenv("CHAOS_PORTS");
	char text[16] = "";
	int at = 0;
	*r = (struct range){.first = DRAW_FIRST, .last = DRAW_LAST, .file = -1};
	r->seed = (uint64_t)mono_ns() ^ (uint64_t)getpid() << 32;
	if (!words)
		return 0;
	if (sscanf(words, "%d-%d@%n", &r->first, &r->last, &at) != 2 || !at || r->first < 1 ||
	    r->last < r->first || r->last > 65535)
		return -1;
	r->file = open(words + at, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (r->file < 0 || lockf(r->file, F_LOCK, 0) || pread(r->file, text, sizeof text - 1, 0) < 0)
		return -1;
	r->next = atoi(text);
	return 0;
}

static int range_take(struct range *r)
{
	if (r->file < 0)
		return r->first + (int)(rng_at(r->seed, r->drawn++) % (uint64_t)(r->last - r->first));
	if (r->next < r->first || r->next > r->last)
		r->next = r->first;
	return r->next++;
}

static int range_close(const struct range *r)
{
	char text[16];
	int len = snprintf(text, sizeof text, "%d\n", r->next);
	return r->file < 0 || pwrite(r->file, text, (size_t)len, 0) == len ? 0 : -1;
}

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
	struct range r;
	if (argc != 2 || num_i64(argv[1], 1, PORTS_MAX, &want)) {
		fprintf(stderr, "usage: freeports N\n");
		return 2;
	}
	if (range_open(&r)) {
		fprintf(stderr, "freeports: CHAOS_PORTS=FIRST-LAST@FILE: cannot use that range\n");
		return 2;
	}
	/* Each stays bound until the end, so that none is given twice. */
	for (int tries = 0; want > 0 && tries < TRIES_MAX; tries++) {
		int port = range_take(&r);
		if (try_port(port) < 0)
			continue;
		printf("%d\n", port);
		want--;
	}
	return range_close(&r) || want > 0;
}

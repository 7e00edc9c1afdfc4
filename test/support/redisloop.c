/* What a bare loop costs that keeps one command under way on each connection: every millisecond the due commands are sent
 * with a write each, and every answer is read by itself, with nothing parsed or told.
 *
 *	redisloop PORT RATE SECONDS CONNECTIONS
 * prints its user and system time for each answer in us. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 256 };

static int64_t now_ns(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static int connected(int port, int loop)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (connect(fd, (struct sockaddr *)&to, sizeof to) ||
	    epoll_ctl(loop, EPOLL_CTL_ADD, fd, &(struct epoll_event){.events = EPOLLIN, .data.fd = fd}))
		exit(6);
	return fd;
}

int main(int argc, char **argv)
{
	static const char *const commands[] = {"*2\r\n$4\r\nINCR\r\n$13\r\nchaos:counter\r\n",
					       "*2\r\n$3\r\nGET\r\n$13\r\nchaos:counter\r\n"};
	static const size_t lengths[] = {34, 33};
	if (argc != 5)
		return 2;
	double rate = atof(argv[2]);
	int64_t total = (int64_t)(rate * atof(argv[3])), sent = 0, answered = 0;
	int count = atoi(argv[4]), loop = epoll_create1(0), timer = timerfd_create(CLOCK_MONOTONIC, 0);
	int idle[CONNECTIONS_MAX], idle_count = 0;
	char answer[256];
	const struct itimerspec each_ms = {{0, 1000000}, {0, 1000000}};
	for (; idle_count < count && idle_count < CONNECTIONS_MAX; idle_count++)
		idle[idle_count] = connected(atoi(argv[1]), loop);
	epoll_ctl(loop, EPOLL_CTL_ADD, timer, &(struct epoll_event){.events = EPOLLIN, .data.fd = timer});
	timerfd_settime(timer, 0, &each_ms, NULL);
	for (int64_t start = now_ns(), due = 0; answered < total;) {
		struct epoll_event ready[CONNECTIONS_MAX];
		int n = epoll_wait(loop, ready, CONNECTIONS_MAX, -1);
		for (int i = 0; i < n; i++) {
			if (read(ready[i].data.fd, answer, sizeof answer) <= 0)
				return 6;
			if (ready[i].data.fd == timer) {
				due = (int64_t)((double)(now_ns() - start) / 1e9 * rate);
				due = due < total ? due : total;
			} else {
				idle[idle_count++] = ready[i].data.fd;
				answered++;
			}
		}
		for (; sent < due && idle_count; sent++)
			if (write(idle[--idle_count], commands[sent % 2], lengths[sent % 2]) < 0)
				return 6;
	}
	struct rusage used;
	getrusage(RUSAGE_SELF, &used);
	printf("%.3f\n", ((double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
			  (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec)) / (double)answered);
	return 0;
}

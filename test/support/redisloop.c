/* What a bare loop costs that does the least of what chaos-load does on Redis: in turns, the due commands are sent, those
 * for one connection with one write; what has come is read; and each answer is a row on standard output.
 *
 *	redisloop PORT RATE SECONDS CONNECTIONS DEPTH TURN_MS
 * prints its user and system time for each answer in us, on standard error. */
#include "base/clock.h"
#include "csv/csv_write.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 256, DEPTH_MAX = 64, PIECE = 4096, ROW_MAX = 512 };

static const char *const commands[] = {"*2\r\n$4\r\nINCR\r\n$13\r\nchaos:counter\r\n",
				       "*2\r\n$3\r\nGET\r\n$13\r\nchaos:counter\r\n"};
static const size_t lengths[] = {34, 33};
static const char *const ops[] = {"INCR", "GET"};

static struct connection {
	int fd;
	uint64_t head, tail; /* of the commands under way */
	uint64_t slots[DEPTH_MAX];
	int64_t due_ns[DEPTH_MAX], sent_ns[DEPTH_MAX];
} all[CONNECTIONS_MAX], *idle[CONNECTIONS_MAX]; /* idle: with room, as many as idle_count */
static int count, idle_count, depth, loop;
static int64_t start_ns, turn_ns;
static double rate;
static uint64_t sent, answered, total;
static struct anchor anchor;
static char rows[PIECE + ROW_MAX], *rows_end = rows;

static void connect_to(int port, struct connection *c)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int one = 1;
	c->fd = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (connect(c->fd, (struct sockaddr *)&to, sizeof to) ||
	    epoll_ctl(loop, EPOLL_CTL_ADD, c->fd, &(struct epoll_event){.events = EPOLLIN, .data.ptr = c}))
		exit(6);
	idle[idle_count++] = c;
}

static void put_row(struct connection *c, int64_t bytes, int64_t now)
{
	uint64_t i = c->head++ % DEPTH_MAX;
	struct sample s = {.due_wall_ns = anchor_wall_ns(&anchor, c->due_ns[i]), .latency_ns = now - c->due_ns[i],
			   .service_ns = now - c->sent_ns[i], .slot = c->slots[i], .bytes = bytes, .status_code = 200,
			   .node = csv_text_of("redis1"), .op = csv_text_of(ops[c->slots[i] % 2])};
	answered++;
	rows_end = sample_write(&s, rows_end);
	if (rows_end - rows < PIECE)
		return;
	if (write(1, rows, PIECE) != PIECE)
		exit(6);
	rows_end -= PIECE;
	memmove(rows, rows + PIECE, (size_t)(rows_end - rows));
}

/* Answers are a line, or a length and a line; none of these is ever torn. */
static void read_in(struct connection *c)
{
	char data[16384];
	ssize_t n = read(c->fd, data, sizeof data);
	int64_t now = mono_ns();
	if (n <= 0)
		exit(6);
	if (c->tail - c->head == (uint64_t)depth)
		idle[idle_count++] = c;
	for (const char *at = data, *end; at < data + n; at = end) {
		end = (const char *)memchr(at, '\n', (size_t)(data + n - at)) + 1;
		if (*at == '$' && at[1] != '-')
			end = (const char *)memchr(end, '\n', (size_t)(data + n - end)) + 1;
		put_row(c, end - at, now);
	}
}

/* What was due when this turn began, as far as connections have room. */
static void send_due(void)
{
	char out[DEPTH_MAX * 40];
	while (idle_count && sent < total) {
		struct connection *c = idle[idle_count - 1];
		size_t len = 0;
		int64_t now = mono_ns();
		for (; c->tail - c->head < (uint64_t)depth && sent < total; sent++) {
			int64_t due = start_ns + (int64_t)((double)sent / rate * 1e9);
			if (due > turn_ns)
				break;
			uint64_t i = c->tail++ % DEPTH_MAX;
			c->slots[i] = sent;
			c->due_ns[i] = due;
			c->sent_ns[i] = now;
			memcpy(out + len, commands[sent % 2], lengths[sent % 2]);
			len += lengths[sent % 2];
		}
		if (!len)
			return;
		idle_count -= c->tail - c->head == (uint64_t)depth;
		if (write(c->fd, out, len) < 0)
			exit(6);
	}
}

int main(int argc, char **argv)
{
	if (argc != 7)
		return 2;
	rate = atof(argv[2]);
	total = (uint64_t)(rate * atof(argv[3]));
	count = atoi(argv[4]);
	depth = atoi(argv[5]);
	if (count > CONNECTIONS_MAX || depth > DEPTH_MAX)
		return 2;
	loop = epoll_create1(0);
	for (int i = 0; i < count; i++)
		connect_to(atoi(argv[1]), &all[i]);
	long each_ns = atol(argv[6]) * 1000000;
	int timer = timerfd_create(CLOCK_MONOTONIC, 0);
	timerfd_settime(timer, 0, &(struct itimerspec){{0, each_ns}, {0, each_ns}}, NULL);
	epoll_ctl(loop, EPOLL_CTL_ADD, timer, &(struct epoll_event){.events = EPOLLIN});
	anchor = anchor_now();
	start_ns = mono_ns();
	while (answered < total) {
		struct epoll_event ready[CONNECTIONS_MAX];
		uint64_t times;
		int n = epoll_wait(loop, ready, CONNECTIONS_MAX, -1);
		for (int i = 0; i < n; i++) {
			if (ready[i].data.ptr)
				read_in(ready[i].data.ptr);
			else if (read(timer, &times, sizeof times) == sizeof times)
				turn_ns = mono_ns();
		}
		send_due();
	}
	if (write(1, rows, (size_t)(rows_end - rows)) < 0)
		return 6;
	struct rusage used;
	getrusage(RUSAGE_SELF, &used);
	fprintf(stderr, "%.3f\n", ((double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
				   (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec)) / (double)answered);
	return 0;
}

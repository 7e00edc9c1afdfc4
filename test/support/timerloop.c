/* How late a bare timerfd loop is, as the yardstick of pacing:
 *	timerloop RATE SECONDS [pause]
 * prints the 99th percentile of its wake-ups' lateness in ms; with the third word, of the confirmed stop of a child that it
 * has forked and sends SIGSTOP at each wake-up. */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ns(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static void pause_child(void)
{
	pid_t child = fork();
	if (!child)
		for (;;)
			pause();
	kill(child, SIGSTOP);
	waitpid(child, NULL, WUNTRACED);
	kill(child, SIGKILL);
}

static int by_size(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

int main(int argc, char **argv)
{
	if (argc != 3 && argc != 4)
		return 2;
	double rate = atof(argv[1]);
	long count = (long)(rate * atof(argv[2])), done = 0;
	int64_t *late = count > 0 ? malloc((size_t)count * sizeof *late) : NULL, start = now_ns();
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	if (!late)
		return 1;
	while (done < count) {
		int64_t due = start + (int64_t)((double)(done + 1) / rate * 1e9);
		uint64_t times;
		struct itimerspec t = {.it_value = {due / 1000000000, due % 1000000000}};
		timerfd_settime(fd, TFD_TIMER_ABSTIME, &t, NULL);
		if (read(fd, &times, sizeof times) != sizeof times) {
			free(late);
			return 1;
		}
		if (argc == 4)
			pause_child();
		late[done++] = now_ns() - due;
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
	qsort(late, (size_t)count, sizeof *late, by_size);
	long rank = count * 99 / 100;
	printf("%.6f\n", (double)late[rank] / 1e6);
	free(late);
}

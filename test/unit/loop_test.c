#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "sys/loop.h"

#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <stdlib.h>
#include <unistd.h>

/* What the callbacks of one test share. */
struct world {
	struct loop *loop;
	int order[64], calls;
	int events, fd;
	struct loop_fd *watch, *other;
	struct loop_timer *timer;
	int64_t due;
	bool early;
};

static int setup(void **state)
{
	struct world *w = mem_alloc(sizeof *w);
	struct err e;
	w->loop = loop_new(&e);
	*state = w;
	return w->loop ? 0 : -1;
}

static int teardown(void **state)
{
	struct world *w = *state;
	loop_free(w->loop);
	free(w);
	return 0;
}

/* --- timers --------------------------------------------------------------------- */

struct tick {
	struct world *w;
	struct loop_timer *timer;
	int number;
	int64_t due;
};

static void ticked(void *arg)
{
	struct tick *t = arg;
	t->w->order[t->w->calls++] = t->number;
	if (mono_ns() < t->due)
		t->w->early = true;
}

static void timers_fire_in_order_and_never_early(void **state)
{
	struct world *w = *state;
	struct err e;
	enum { TIMERS = 20 };
	struct tick ticks[TIMERS];
	int64_t now = mono_ns();
	for (int i = 0; i < TIMERS; i++) {
		int number = i * 7 % TIMERS; /* set in another order than due */
		ticks[i] = (struct tick){.w = w, .number = number,
					 .due = now + (5 + 2 * number) * NS_PER_MS};
		ticks[i].timer = loop_timer_new(w->loop, ticked, &ticks[i], &e);
		loop_timer_at(ticks[i].timer, ticks[i].due);
	}
	loop_run(w->loop); /* ends by itself: no timer is set any more */
	assert_int_equal(w->calls, TIMERS);
	for (int i = 0; i < TIMERS; i++)
		assert_int_equal(w->order[i], i);
	assert_false(w->early);
	for (int i = 0; i < TIMERS; i++)
		loop_timer_free(ticks[i].timer);
}

static void past_stopped_and_replaced(void **state)
{
	struct world *w = *state;
	struct err e;
	struct tick t[4];
	for (int i = 0; i < 4; i++) {
		t[i] = (struct tick){.w = w, .number = i};
		t[i].timer = loop_timer_new(w->loop, ticked, &t[i], &e);
	}
	int64_t now = mono_ns();
	loop_timer_at(t[0].timer, 0);			  /* long past: at once */
	loop_timer_at(t[1].timer, -5);			  /* likewise */
	loop_timer_at(t[2].timer, now + 5 * NS_PER_MS);	  /* stopped */
	loop_timer_stop(t[2].timer);
	loop_timer_at(t[3].timer, now + 3600 * NS_PER_S); /* set again: no hour passes */
	loop_timer_at(t[3].timer, now + 10 * NS_PER_MS);
	loop_run(w->loop);
	assert_int_equal(w->calls, 3);
	assert_int_equal(w->order[2], 3);
	loop_timer_stop(t[0].timer);
	loop_run(w->loop); /* nothing is set: returns */
	assert_int_equal(w->calls, 3);
	for (int i = 0; i < 4; i++)
		loop_timer_free(t[i].timer);
}

static void again(void *arg)
{
	struct world *w = arg;
	if (mono_ns() < w->due)
		w->early = true;
	if (++w->calls == 10) {
		loop_timer_free(w->timer); /* in its own callback */
		w->timer = NULL;
		return;
	}
	w->due += NS_PER_MS; /* absolute: a late call is not added to the next */
	loop_timer_at(w->timer, w->due);
}

static void a_timer_sets_and_frees_itself(void **state)
{
	struct world *w = *state;
	struct err e;
	w->timer = loop_timer_new(w->loop, again, w, &e);
	w->due = mono_ns() + NS_PER_MS;
	loop_timer_at(w->timer, w->due);
	loop_run(w->loop);
	assert_int_equal(w->calls, 10);
	assert_false(w->early);
	loop_timer_free(NULL);
}

/* --- descriptors ------------------------------------------------------------------- */

static void readable(void *arg, int events)
{
	struct world *w = arg;
	char text[16];
	w->events |= events;
	w->calls++;
	if (read(w->fd, text, sizeof text) <= 0)
		loop_fd_set(w->watch, 0);
}

static void reading_to_the_end(void **state)
{
	struct world *w = *state;
	struct err e;
	int fds[2];
	assert_int_equal(pipe(fds), 0);
	w->fd = fds[0];
	w->watch = loop_fd_new(w->loop, fds[0], readable, w, &e);
	assert_int_equal(fcntl(fds[0], F_GETFL) & O_NONBLOCK, 0); /* as it was */
	loop_run(w->loop); /* no events wanted yet: returns */
	loop_fd_set(w->watch, LOOP_READ);
	assert_int_equal(write(fds[1], "abc", 3), 3);
	close(fds[1]);
	loop_run(w->loop);
	assert_int_equal(w->calls, 2); /* the data, then the end */
	assert_int_equal(w->events, LOOP_READ);
	loop_fd_free(w->watch);
	loop_fd_free(NULL);
	close(fds[0]);
}

static void count_and_stop(void *arg, int events)
{
	struct world *w = arg;
	w->events |= events;
	w->calls++;
	loop_stop(w->loop);
}

static void writing(void **state)
{
	struct world *w = *state;
	struct err e;
	int fds[2];
	assert_int_equal(pipe(fds), 0);
	w->watch = loop_fd_new(w->loop, fds[1], count_and_stop, w, &e);
	loop_fd_set(w->watch, LOOP_WRITE);
	loop_run(w->loop);
	assert_int_equal(w->calls, 1);
	assert_int_equal(w->events, LOOP_WRITE);
	loop_fd_free(w->watch);
	close(fds[0]);
	close(fds[1]);
}

static void counted(void *arg, int events)
{
	struct world *w = arg;
	w->events |= events;
	w->calls++;
}

/* A refused connection is an error, said once: the watch is off until it is set again. */
static void an_error_is_reported_once(void **state)
{
	struct world *w = *state;
	struct err e;
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof a;
	int nobody = socket(AF_INET, SOCK_STREAM, 0); /* bound but not listening */
	assert_int_equal(bind(nobody, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(getsockname(nobody, (struct sockaddr *)&a, &len), 0);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), -1);
	w->watch = loop_fd_new(w->loop, fd, counted, w, &e);
	loop_fd_set(w->watch, LOOP_WRITE);
	loop_run(w->loop); /* returns: nothing is watched after the error */
	assert_int_equal(w->calls, 1);
	assert_int_equal(w->events & LOOP_ERROR, LOOP_ERROR);
	int why = 0;
	len = sizeof why;
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &len);
	assert_int_equal(why, ECONNREFUSED);
	loop_fd_free(w->watch);
	close(fd);
	close(nobody);
}

static void frees_both(void *arg, int events)
{
	struct world *w = arg;
	(void)events;
	w->calls++;
	loop_fd_free(w->watch);
	loop_fd_free(w->other);
	w->watch = w->other = NULL;
}

/* Both are ready in one turn; the first to be called frees both, and the other is not called. */
static void freeing_in_callbacks(void **state)
{
	struct world *w = *state;
	struct err e;
	int a[2], b[2];
	assert_int_equal(pipe(a), 0);
	assert_int_equal(pipe(b), 0);
	assert_int_equal(write(a[1], "x", 1), 1);
	assert_int_equal(write(b[1], "x", 1), 1);
	w->watch = loop_fd_new(w->loop, a[0], frees_both, w, &e);
	w->other = loop_fd_new(w->loop, b[0], frees_both, w, &e);
	loop_fd_set(w->watch, LOOP_READ);
	loop_fd_set(w->other, LOOP_READ);
	loop_run(w->loop);
	assert_int_equal(w->calls, 1);
	for (int i = 0; i < 2; i++) {
		close(a[i]);
		close(b[i]);
	}
}

/* The number of a freed descriptor may come back at once. */
static void a_descriptor_number_is_used_again(void **state)
{
	struct world *w = *state;
	struct err e;
	for (int i = 0; i < 50; i++) {
		int fds[2];
		assert_int_equal(pipe(fds), 0);
		w->fd = fds[0];
		w->watch = loop_fd_new(w->loop, fds[0], readable, w, &e);
		assert_non_null(w->watch);
		loop_fd_set(w->watch, LOOP_READ);
		close(fds[1]);
		loop_run(w->loop);
		loop_fd_free(w->watch);
		close(fds[0]);
	}
	assert_int_equal(w->calls, 50);
}

static void files_cannot_be_watched(void **state)
{
	struct world *w = *state;
	struct err e;
	int fd = open("/proc/self/exe", O_RDONLY);
	assert_null(loop_fd_new(w->loop, fd, counted, w, &e));
	assert_int_equal(e.sys_errno, EPERM);
	close(fd);
}

/* --- signals ---------------------------------------------------------------------------- */

static void signalled(void *arg, int signo)
{
	struct world *w = arg;
	w->order[w->calls++] = signo;
	if (w->calls == 2)
		loop_stop(w->loop);
}

static void raise_both(void *arg)
{
	(void)arg;
	raise(SIGUSR1);
	raise(SIGUSR2);
}

static void signals_are_called_in_the_loop(void **state)
{
	struct world *w = *state;
	struct err e;
	struct loop_signal *s1 = loop_signal_new(w->loop, SIGUSR1, signalled, w, &e);
	struct loop_signal *s2 = loop_signal_new(w->loop, SIGUSR2, signalled, w, &e);
	loop_run(w->loop); /* signals alone keep no loop running */
	struct loop_timer *t = loop_timer_new(w->loop, raise_both, w, &e);
	struct loop_timer *deadline = loop_timer_new(w->loop, raise_both, w, &e);
	loop_timer_at(deadline, mono_ns() + 10 * NS_PER_S);
	loop_timer_at(t, 1);
	loop_run(w->loop);
	assert_int_equal(w->calls, 2);
	assert_int_equal(w->order[0], SIGUSR1);
	assert_int_equal(w->order[1], SIGUSR2);
	loop_timer_free(t);
	loop_timer_free(deadline);
	loop_signal_free(s1);
	loop_signal_free(s2);
	loop_signal_free(NULL);
	assert_null(loop_signal_new(w->loop, SIGKILL, signalled, w, &e));
	assert_int_equal(e.sys_errno, EINVAL);
}

static void a_stop_beside_the_run(void **state)
{
	struct world *w = *state;
	struct err e;
	int fds[2];
	assert_int_equal(pipe(fds), 0);
	w->watch = loop_fd_new(w->loop, fds[0], counted, w, &e);
	loop_fd_set(w->watch, LOOP_READ);
	loop_stop(w->loop);
	loop_run(w->loop); /* the stop came first */
	loop_stop(w->loop);
	loop_fd_free(w->watch); /* and the loop can be freed all the same */
	close(fds[0]);
	close(fds[1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest loop[] = {
		TEST(timers_fire_in_order_and_never_early),
		TEST(past_stopped_and_replaced),
		TEST(a_timer_sets_and_frees_itself),
		TEST(reading_to_the_end),
		TEST(writing),
		TEST(an_error_is_reported_once),
		TEST(freeing_in_callbacks),
		TEST(a_descriptor_number_is_used_again),
		TEST(files_cannot_be_watched),
		TEST(signals_are_called_in_the_loop),
		TEST(a_stop_beside_the_run),
	};
	return RUN_GROUP(loop);
}

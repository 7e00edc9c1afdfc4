#include "front/input.h"

#include "base/clock.h"
#include "base/units.h"
#include "sys/file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { READ_BYTES = 4096, AHEAD_MAX_BYTES = 1 << 20 };

/* After this time with lines, whatever else is due has its turn. */
static const int64_t turn_ns = 10 * NS_PER_MS;

static void end(struct input *in)
{
	struct line line;
	if (in->suspended)
		return;
	while (!in->stopped && !in->started && lines_next(&in->lines, &line))
		in->line_came(in->arg, &line);
	if (!in->stopped && lines_last(&in->lines, in->is_file, &line))
		in->line_came(in->arg, &line);
	if (!in->stopped && !in->suspended)
		in->over(in->arg);
}

/* Calls line_came for each whole line read so far, and reads on. */
static void give_lines(void *arg)
{
	struct input *in = arg;
	struct line line;
	int64_t until = mono_ns() + turn_ns;
	while (!in->stopped && !in->suspended && lines_next(&in->lines, &line)) {
		in->line_came(in->arg, &line);
		if (mono_ns() < until)
			continue;
		if (in->watch)
			loop_fd_set(in->watch, 0);
		loop_timer_at(in->turn, 0);
		return;
	}
	if (in->ended)
		end(in);
	else if (!in->stopped && !in->suspended)
		loop_fd_set(in->watch, LOOP_READ);
}

static void readable(void *arg, int events)
{
	struct input *in = arg;
	(void)events;
	char data[READ_BYTES];
	ssize_t n = read(STDIN_FILENO, data, sizeof data);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0) {
		lines_add(&in->lines, data, (size_t)n);
		if (in->started)
			give_lines(in);
		else if (in->lines.text.len > AHEAD_MAX_BYTES)
			loop_fd_set(in->watch, 0);
		return;
	}
	in->ended = true;
	loop_fd_set(in->watch, 0);
	end(in);
}

int input_init(struct input *in, struct loop *loop,
	       void (*line_came)(void *arg, const struct line *line), void (*over)(void *arg),
	       void *arg, struct err *e)
{
	*in = (struct input){.line_came = line_came, .over = over, .arg = arg};
	lines_init(&in->lines);
	in->turn = loop_timer_new(loop, give_lines, in, e);
	if (!in->turn)
		return -1;
	in->watch = loop_fd_new(loop, STDIN_FILENO, readable, in, e);
	if (in->watch) {
		loop_fd_set(in->watch, LOOP_READ);
		return 0;
	}
	if (e->sys_errno != EPERM)
		return err_prefix(e, "standard input");
	in->is_file = true;
	in->ended = true;
	return fd_read_all(STDIN_FILENO, "standard input", &in->lines.text, e);
}

void input_start(struct input *in)
{
	in->started = true;
	give_lines(in);
}

void input_suspend(struct input *in)
{
	in->suspended = true;
	if (in->watch)
		loop_fd_set(in->watch, 0);
}

void input_go_on(struct input *in)
{
	in->suspended = false;
	input_start(in);
}

void input_stop(struct input *in)
{
	in->stopped = true;
	if (in->watch)
		loop_fd_set(in->watch, 0);
	if (in->turn)
		loop_timer_stop(in->turn);
}

void input_release(struct input *in)
{
	loop_fd_free(in->watch);
	loop_timer_free(in->turn);
	lines_release(&in->lines);
	in->watch = NULL;
	in->turn = NULL;
}

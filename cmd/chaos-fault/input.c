#include "input.h"

#include "control.h"
#include "sys/file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { READ_BYTES = 4096, AHEAD_MAX_BYTES = 1 << 20 };

static void give(struct input *in, char *text, size_t len)
{
	in->line++;
	text[len] = '\0';
	bool whole = len <= CONTROL_LINE_MAX && !memchr(text, '\0', len);
	in->line_came(in->arg, whole ? text : NULL, in->line);
}

/* Gives on the whole lines that are there. */
static void give_lines(struct input *in)
{
	char *end;
	while (!in->stopped && (end = memchr(in->text.data, '\n', in->text.len))) {
		size_t len = (size_t)(end - in->text.data);
		if (!in->skipping)
			give(in, in->text.data, len);
		in->skipping = false;
		buf_consume(&in->text, len + 1);
	}
	if (in->text.len > CONTROL_LINE_MAX && !in->stopped) {
		if (!in->skipping)
			give(in, in->text.data, in->text.len);
		in->skipping = true;
		buf_reset(&in->text);
	}
}

/* A last line without its newline may be half of one: a writer that died in the middle of a
 * name must not hit another node. In a file it is what the user wrote. */
static void end(struct input *in)
{
	if (in->is_file && in->text.len && !in->stopped && !in->skipping)
		give(in, in->text.data, in->text.len);
	buf_reset(&in->text);
	if (!in->stopped)
		in->over(in->arg);
}

static void readable(void *arg, int events)
{
	struct input *in = arg;
	(void)events;
	buf_grow(&in->text, READ_BYTES);
	ssize_t n = read(STDIN_FILENO, in->text.data + in->text.len, READ_BYTES);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0) {
		in->text.len += (size_t)n;
		in->text.data[in->text.len] = '\0';
		if (in->started)
			give_lines(in);
		else if (in->text.len > AHEAD_MAX_BYTES)
			loop_fd_set(in->watch, 0);
		return;
	}
	in->ended = true;
	loop_fd_set(in->watch, 0);
	end(in);
}

int input_init(struct input *in, struct loop *loop,
	       void (*line_came)(void *arg, char *text, size_t line), void (*over)(void *arg),
	       void *arg, struct err *e)
{
	*in = (struct input){.line_came = line_came, .over = over, .arg = arg};
	buf_init(&in->text);
	in->watch = loop_fd_new(loop, STDIN_FILENO, readable, in, e);
	if (in->watch) {
		loop_fd_set(in->watch, LOOP_READ);
		return 0;
	}
	if (e->sys_errno != EPERM)
		return err_prefix(e, "standard input");
	in->is_file = true;
	in->ended = true;
	return fd_read_all(STDIN_FILENO, "standard input", &in->text, e);
}

void input_start(struct input *in)
{
	in->started = true;
	give_lines(in);
	if (in->ended)
		end(in);
	else if (!in->stopped)
		loop_fd_set(in->watch, LOOP_READ);
}

void input_stop(struct input *in)
{
	in->stopped = true;
	if (in->watch)
		loop_fd_set(in->watch, 0);
}

void input_release(struct input *in)
{
	loop_fd_free(in->watch);
	buf_release(&in->text);
	in->watch = NULL;
}

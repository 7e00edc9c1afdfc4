/* Lines from stdin, which may be a pipe, a terminal or a file. */
#ifndef FAULT_FRONT_INPUT_H
#define FAULT_FRONT_INPUT_H

#include "stream/lines.h"
#include "sys/loop.h"

#include <stdbool.h>
#include <stddef.h>

struct input {
	struct loop_fd *watch; /* NULL for a file, which has been read whole */
	struct loop_timer *turn; /* lines are left for the next one */
	struct lines lines;
	bool started, stopped, suspended, ended, is_file;
	void (*line_came)(void *arg, const struct line *line);
	void (*over)(void *arg);
	void *arg;
};

/* Begins to read, ahead of input_start; at the end of a pipe calls line_came for what it had, then
 * over, at once. A file (also /dev/null) is read to its end here. */
int input_init(struct input *in, struct loop *loop,
	       void (*line_came)(void *arg, const struct line *line), void (*over)(void *arg),
	       void *arg, struct err *e);

/* Begins to call line_came. */
void input_start(struct input *in);

/* Between these no line is given on, and no end. */
void input_suspend(struct input *in);
void input_go_on(struct input *in);

/* No more calls. */
void input_stop(struct input *in);
void input_release(struct input *in);

#endif

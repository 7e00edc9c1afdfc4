/* The other programs of the toolkit as children: each in a process group of its own,
 * so that the terminal's Ctrl-C is the scenario's to handle. */
#ifndef SCENARIO_CHILDREN_CHILD_H
#define SCENARIO_CHILDREN_CHILD_H

#include "base/err.h"
#include "sys/args.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct child {
	const char *name; /* for messages, borrowed */
	pid_t pid;
	int control; /* write end of its stdin; -1 if closed or none */
	bool running;
	int status; /* as waitpid gives it, when no longer running */
};

struct child_how {
	int in;		/* descriptor for its stdin, 0: /dev/null */
	int out;	/* descriptor for its stdout, -1: /dev/null */
	int err;	/* descriptor for its stderr, 0: ours, -1: /dev/null */
	int keep_fd;	/* one more to inherit, or -1 */
	int keep_too;	/* and another, or 0 */
	int keep_at;	/* the number at which it has the first of them, and the next one; 0: ours */
	bool control;	/* its stdin is a pipe of ours */
	bool with_keys; /* it asks a model: it inherits the keys of providers */
	bool die_with_us; /* SIGKILL if we end; not for one that has things to put back */
};

int child_start(struct child *c, const char *name, const struct args *args,
		const struct child_how *how, struct err *e);
/* Writes text to its stdin, without waiting. EXIT_RUNTIME if the pipe is full or closed. */
int child_send(struct child *c, const char *text, size_t len, struct err *e);
void child_close_control(struct child *c);
void child_signal(const struct child *c, int signo); /* nothing if it is not running */
void child_kill_group(const struct child *c); /* with all that it has started there */
/* True once, when it has ended. */
bool child_reap(struct child *c);
/* Waits until it has ended. */
void child_wait(struct child *c);
/* Its exit code, or 128 + the signal that ended it. */
int child_code(const struct child *c);
/* "chaos-load ended with exit code 6", "… was ended by signal 9 (Killed)". */
void child_describe_end(const struct child *c, char *out, size_t size);

#endif

/* Lines of a session, each given on when what it begins with is known: a fault that is a program describes itself
 * before the first line of it is read, and those behind it wait. */
#ifndef FAULT_FRONT_DESCRIBING_H
#define FAULT_FRONT_DESCRIBING_H

#include "front/input.h"
#include "node/fleet.h"

struct exec_load;

struct describing {
	struct fleet *fleet; /* that is to know the faults */
	struct input *input; /* of the lines */
	void (*obey)(void *arg, const struct line *line);
	void (*failed)(void *arg, size_t line, const struct err *e);
	void *arg;
	struct exec_load *load; /* under way, or NULL; owned */
	struct line waiting;	/* for it; its text is owned */
};

/* Calls obey or failed, now or from the loop of the fleet. */
void describing_line(struct describing *d, const struct line *line);
void describing_release(struct describing *d);

#endif

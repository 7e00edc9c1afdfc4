/* The commands of a session that are not due yet, by their times. */
#ifndef FAULT_FRONT_AGENDA_H
#define FAULT_FRONT_AGENDA_H

#include "front/command.h"
#include "sys/loop.h"

struct agenda {
	struct loop_timer *timer;
	int64_t origin_ns;	   /* the session's start, from which times count; 0 before it */
	struct agenda_item *items; /* sorted by time, then by line; owned */
	size_t count, alloc;
	void (*due)(void *arg, const struct command *c, size_t line);
	void (*soon)(void *arg, const struct command *c); /* half a second before, or NULL */
	void *arg;
};

int agenda_init(struct agenda *a, struct loop *loop,
		void (*due)(void *arg, const struct command *c, size_t line), void *arg,
		struct err *e);
void agenda_release(struct agenda *a);

void agenda_add(struct agenda *a, const struct command *c, size_t line);
/* Calls due for every command in the order of their times, without waiting. */
void agenda_rehearse(struct agenda *a);
size_t agenda_drop(struct agenda *a); /* forgets all; returns how many */

#endif

/* The commands of a session that are for later. */
#ifndef FAULT_FRONT_AGENDA_H
#define FAULT_FRONT_AGENDA_H

#include "front/control.h"
#include "sys/loop.h"

struct schedule {
	struct loop_timer *timer;
	int64_t origin_ns;	     /* the session's start; 0 before it */
	struct schedule_item *items; /* sorted by time, then by line; owned */
	size_t count, alloc;
	void (*due)(void *arg, const struct control *c, size_t line);
	void *arg;
};

int schedule_init(struct schedule *s, struct loop *loop,
		  void (*due)(void *arg, const struct control *c, size_t line), void *arg,
		  struct err *e);
void schedule_release(struct schedule *s);

/* The session starts now: times count from here. */
void schedule_start(struct schedule *s);
void schedule_add(struct schedule *s, const struct control *c, size_t line);
bool schedule_empty(const struct schedule *s);
size_t schedule_drop(struct schedule *s); /* forgets all; returns how many */

#endif

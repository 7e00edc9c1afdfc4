#include "front/agenda.h"

#include "base/buf.h"
#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

struct schedule_item {
	struct control control;
	size_t line;
};

static void arm(struct schedule *s)
{
	if (s->count)
		loop_timer_at(s->timer, s->origin_ns + s->items[0].control.at_ns);
	else
		loop_timer_stop(s->timer);
}

static void timer_fired(void *arg)
{
	struct schedule *s = arg;
	while (s->count && s->origin_ns + s->items[0].control.at_ns <= mono_ns()) {
		struct schedule_item now = s->items[0];
		s->count--;
		memmove(s->items, s->items + 1, s->count * sizeof *s->items);
		s->due(s->arg, &now.control, now.line);
	}
	arm(s);
}

int schedule_init(struct schedule *s, struct loop *loop,
		  void (*due)(void *arg, const struct control *c, size_t line), void *arg,
		  struct err *e)
{
	*s = (struct schedule){.due = due, .arg = arg};
	s->timer = loop_timer_new(loop, timer_fired, s, e);
	return s->timer ? 0 : -1;
}

void schedule_release(struct schedule *s)
{
	loop_timer_free(s->timer);
	free(s->items);
	*s = (struct schedule){0};
}

void schedule_start(struct schedule *s)
{
	s->origin_ns = mono_ns();
}

void schedule_add(struct schedule *s, const struct control *c, size_t line)
{
	s->items = mem_grow(s->items, &s->alloc, s->count, sizeof *s->items);
	size_t at = s->count;
	while (at > 0 && s->items[at - 1].control.at_ns > c->at_ns)
		at--;
	memmove(s->items + at + 1, s->items + at, (s->count - at) * sizeof *s->items);
	s->items[at] = (struct schedule_item){.control = *c, .line = line};
	s->count++;
	arm(s);
}

bool schedule_empty(const struct schedule *s)
{
	return s->count == 0;
}

size_t schedule_drop(struct schedule *s)
{
	size_t dropped = s->count;
	s->count = 0;
	if (s->timer)
		arm(s);
	return dropped;
}

#include "front/agenda.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"

#include <stdlib.h>
#include <string.h>

static const int64_t soon_ns = NS_PER_S / 2;

struct agenda_item {
	int64_t at_ns; /* after the start */
	bool soon;     /* what comes before the command itself */
	struct command command;
	size_t line; /* of the input */
};

static void arm(struct agenda *a)
{
	if (a->count)
		loop_timer_at(a->timer, a->origin_ns + a->items[0].at_ns);
	else
		loop_timer_stop(a->timer);
}

/* Carries out what is due at that time after the start. */
static void carry_out(struct agenda *a, int64_t until_ns)
{
	while (a->count && a->items[0].at_ns <= until_ns) {
		struct agenda_item now = a->items[0];
		a->count--;
		memmove(a->items, a->items + 1, a->count * sizeof *a->items);
		if (now.soon)
			a->soon(a->arg, &now.command);
		else
			a->due(a->arg, &now.command, now.line);
	}
	arm(a);
}

static void timer_fired(void *arg)
{
	struct agenda *a = arg;
	carry_out(a, mono_ns() - a->origin_ns);
}

void agenda_rehearse(struct agenda *a)
{
	carry_out(a, INT64_MAX);
}

int agenda_init(struct agenda *a, struct loop *loop,
		void (*due)(void *arg, const struct command *c, size_t line), void *arg,
		struct err *e)
{
	*a = (struct agenda){.due = due, .arg = arg};
	a->timer = loop_timer_new(loop, timer_fired, a, e);
	return a->timer ? 0 : -1;
}

void agenda_release(struct agenda *a)
{
	loop_timer_free(a->timer);
	free(a->items);
	*a = (struct agenda){0};
}

static void add(struct agenda *a, struct agenda_item item)
{
	a->items = mem_grow(a->items, &a->alloc, a->count, sizeof *a->items);
	size_t at = a->count++;
	for (; at > 0 && a->items[at - 1].at_ns > item.at_ns; at--)
		a->items[at] = a->items[at - 1];
	a->items[at] = item;
}

void agenda_add(struct agenda *a, const struct command *c, size_t line)
{
	if (a->soon)
		add(a, (struct agenda_item){c->at_ns - soon_ns, true, *c, line});
	add(a, (struct agenda_item){c->at_ns, false, *c, line});
	arm(a);
}

size_t agenda_drop(struct agenda *a)
{
	size_t dropped = 0;
	for (size_t i = 0; i < a->count; i++)
		dropped += !a->items[i].soon;
	a->count = 0;
	if (a->timer)
		arm(a);
	return dropped;
}

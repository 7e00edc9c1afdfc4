#include "front/agenda.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"

#include <stdlib.h>
#include <string.h>

static const int64_t soon_ns = NS_PER_S / 2;

struct agenda_item {
	struct command command;
	size_t line; /* of the input */
	bool announced;
};

/* The first that has not been announced, or NULL. */
static struct agenda_item *unannounced(const struct agenda *a)
{
	for (size_t i = 0; a->soon && i < a->count; i++)
		if (!a->items[i].announced)
			return &a->items[i];
	return NULL;
}

static void arm(struct agenda *a)
{
	const struct agenda_item *next = unannounced(a);
	int64_t at_ns = a->count ? a->items[0].command.at_ns : 0;
	if (next && next->command.at_ns - soon_ns < at_ns)
		at_ns = next->command.at_ns - soon_ns;
	if (a->count)
		loop_timer_at(a->timer, a->origin_ns + at_ns);
	else
		loop_timer_stop(a->timer);
}

/* Carries out what is due at that time after the start. */
static void carry_out(struct agenda *a, int64_t until_ns)
{
	while (a->count && a->items[0].command.at_ns <= until_ns) {
		struct agenda_item now = a->items[0];
		a->count--;
		memmove(a->items, a->items + 1, a->count * sizeof *a->items);
		a->due(a->arg, &now.command, now.line);
	}
	arm(a);
}

static void timer_fired(void *arg)
{
	struct agenda *a = arg;
	int64_t now = mono_ns() - a->origin_ns;
	for (struct agenda_item *i; (i = unannounced(a)) && i->command.at_ns - soon_ns <= now;) {
		i->announced = true;
		a->soon(a->arg, &i->command);
	}
	carry_out(a, now);
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

void agenda_start(struct agenda *a)
{
	a->origin_ns = mono_ns();
}

void agenda_add(struct agenda *a, const struct command *c, size_t line)
{
	a->items = mem_grow(a->items, &a->alloc, a->count, sizeof *a->items);
	size_t at = a->count;
	while (at > 0 && a->items[at - 1].command.at_ns > c->at_ns)
		at--;
	memmove(a->items + at + 1, a->items + at, (a->count - at) * sizeof *a->items);
	a->items[at] = (struct agenda_item){.command = *c, .line = line};
	a->count++;
	arm(a);
}

bool agenda_empty(const struct agenda *a)
{
	return a->count == 0;
}

size_t agenda_drop(struct agenda *a)
{
	size_t dropped = a->count;
	a->count = 0;
	if (a->timer)
		arm(a);
	return dropped;
}

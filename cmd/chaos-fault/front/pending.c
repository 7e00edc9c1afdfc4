#include "front/pending.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"

#include <stdlib.h>
#include <string.h>

static const int64_t look_every_ns = NS_PER_MS;

struct pending_command {
	struct choice choice;
	bool begun;
	struct pending_command *next;
	size_t count;
	struct node *nodes[]; /* that are named */
};

static bool is_behind(const struct pending *p, const struct pending_command *c)
{
	for (const struct pending_command *before = p->first; before != c; before = before->next)
		for (size_t i = 0; i < c->count; i++)
			for (size_t k = 0; k < before->count; k++)
				if (before->nodes[k] == c->nodes[i])
					return true;
	return false;
}

static bool step(struct pending *p, struct pending_command *c)
{
	if (!c->begun && is_behind(p, c))
		return false;
	if (!c->begun)
		choice_begin(&c->choice, p->fleet, c->nodes, c->count);
	c->begun = true;
	return choice_step(&c->choice);
}

/* chosen may drop commands of the list, and the next command may have waited for this one: so the
 * list is read from its start again. */
static void look(void *arg)
{
	struct pending *p = arg;
	for (struct pending_command **at = &p->first, *c; (c = *at);) {
		if (!step(p, c)) {
			at = &c->next;
			continue;
		}
		*at = c->next;
		p->chosen(p->arg, &c->choice);
		choice_release(&c->choice);
		free(c);
		at = &p->first;
	}
	if (p->first)
		loop_timer_at(p->timer, mono_ns() + look_every_ns);
}

int pending_init(struct pending *p, struct fleet *f,
		 void (*chosen)(void *arg, const struct choice *c), void *arg, struct err *e)
{
	*p = (struct pending){.fleet = f, .chosen = chosen, .arg = arg};
	p->timer = loop_timer_new(f->loop, look, p, e);
	return p->timer ? 0 : -1;
}

void pending_add(struct pending *p, const struct command *c, const struct work *w)
{
	struct pending_command **last = &p->first;
	size_t bytes = c->node_count * sizeof(c->nodes[0]);
	struct pending_command *new = mem_alloc(sizeof *new + bytes);
	new->choice = (struct choice){.work = *w, .pick = c->pick};
	new->count = c->node_count;
	memcpy(new->nodes, c->nodes, bytes);
	while (*last)
		last = &(*last)->next;
	*last = new;
	look(p);
}

size_t pending_drop(struct pending *p, const struct err *why)
{
	size_t dropped = 0;
	for (struct pending_command *c; (c = p->first); dropped++) {
		p->first = c->next;
		if (why) {
			c->choice.why = *why;
			p->chosen(p->arg, &c->choice);
		}
		choice_release(&c->choice);
		free(c);
	}
	return dropped;
}

void pending_release(struct pending *p)
{
	pending_drop(p, NULL);
	loop_timer_free(p->timer);
	p->timer = NULL;
}

#include "faults/choice.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "faults/action.h"
#include "faults/select.h"
#include "faults/verb.h"
#include "node/kind.h"
#include "node/needs.h"

#include <stdlib.h>
#include <string.h>

static const int64_t settle_within_ns = 200 * NS_PER_MS;

/* Picks are numbered in the order of commands, so that a seed gives the same picks whichever
 * command is chosen first. */
void choice_begin(struct choice *c, struct fleet *f, struct node *const *nodes, size_t count)
{
	c->fleet = f;
	c->nodes = mem_alloc((f->count + count + 1) * sizeof(*nodes));
	memcpy(c->nodes, nodes, count * sizeof(*nodes));
	c->count = c->work.verb->starts == STARTS_IF_DOWN ? needs_add(c->nodes, count) : count;
	c->number = f->picks;
	f->picks += c->pick.kind != PICK_NONE;
	if (c->pick.kind || c->beforehand)
		survey_begin(&c->survey, c->nodes, c->count);
}

static enum verdict see(struct choice *c)
{
	return survey_step(&c->survey) ? VERDICT_YES : VERDICT_WAIT;
}

static const char *role_of(const struct pick *p)
{
	return p->kind == PICK_PRIMARY ? "master" : p->kind == PICK_REPLICA ? "slave" : NULL;
}

static enum verdict ask_roles(struct choice *c)
{
	size_t wanted;
	if (c->pick.kind &&
	    select_able(&c->pick, c->work.verb, c->nodes, &c->count, &wanted, &c->why))
		return VERDICT_NO;
	for (size_t i = 0; role_of(&c->pick) && i < c->count; i++) {
		struct node *n = c->nodes[i];
		inquiry_add(&c->roles, n,
			    probe_new(n->fleet->loop, PROBE_REDIS_REPLICA, &n->conf->at, NULL));
	}
	return VERDICT_YES;
}

static enum verdict take_roles(struct choice *c)
{
	if (!role_of(&c->pick))
		return VERDICT_YES;
	if (!inquiry_step(&c->roles))
		return VERDICT_WAIT;
	c->count = 0;
	for (size_t i = 0; i < c->roles.count; i++) {
		const struct question *q = &c->roles.items[i];
		if (strcmp(probe_role(q->probe), role_of(&c->pick)) == 0)
			c->nodes[c->count++] = q->node;
	}
	return VERDICT_YES;
}

static enum verdict draw(struct choice *c)
{
	c->drawn = c->pick.kind && select_drawn(c, &c->why) == 0;
	return c->drawn || !c->pick.kind ? VERDICT_YES : VERDICT_NO;
}

/* A port without a visible owner may belong to a dying process: check again for a moment. */
static enum verdict check(struct choice *c)
{
	const struct verb *v = c->work.verb;
	int64_t now = mono_ns();
	if (!c->settled_ns)
		c->settled_ns = now + settle_within_ns;
	for (size_t i = 0; c->beforehand && i < c->count; i++) {
		struct node *n = c->nodes[i];
		if (v->check(v, n, &c->why))
			return now < c->settled_ns && n->kind->settling && n->kind->settling(n)
				       ? VERDICT_WAIT
				       : VERDICT_NO;
	}
	for (size_t i = 0; c->beforehand && !c->dry_run && i < c->count; i++)
		if (verb_check_work(&c->work, c->nodes[i], &c->why))
			return VERDICT_NO;
	if (v->action && v->action->effect == EFFECT_SILENT && !c->work.all_down &&
	    !c->fleet->all_down &&
	    (c->beforehand || c->count > 1)) /* else checked when its work begins */
		survivors_begin(&c->survivors, v->name, c->nodes, c->count, false);
	return VERDICT_YES;
}

static enum verdict leave_some(struct choice *c)
{
	return survivors_step(&c->survivors, &c->why);
}

bool choice_step(void *choice)
{
	static enum verdict (*const stages[])(struct choice * c) = {see,  ask_roles, take_roles,
								    draw, check,     leave_some};
	struct choice *c = choice;
	enum verdict v = VERDICT_YES;
	while (c->stage < ARRAY_LEN(stages) && (v = stages[c->stage](c)) == VERDICT_YES)
		c->stage++;
	if (v != VERDICT_NO)
		c->why = (struct err){0};
	return v != VERDICT_WAIT;
}

/* A pick that failed gives its number back, unless a later pick has been numbered. */
void choice_release(struct choice *c)
{
	if (c->fleet && c->pick.kind && !c->drawn && c->fleet->picks == c->number + 1)
		c->fleet->picks--;
	survey_release(&c->survey);
	inquiry_release(&c->roles);
	survivors_release(&c->survivors);
	free(c->nodes);
	*c = (struct choice){0};
}

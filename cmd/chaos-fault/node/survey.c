#include "node/survey.h"

#include "base/buf.h"
#include "base/clock.h"
#include "node/await.h"
#include "node/fleet.h"
#include "node/kind.h"

#include <stdlib.h>

/* A survey that finds another one under way on a node shares its result. */
void survey_begin(struct survey *s, struct node *const *nodes, size_t count)
{
	struct err ignored;
	*s = (struct survey){.nodes = mem_alloc((count + 1) * sizeof(*nodes))};
	for (size_t i = 0; i < count; i++) {
		struct node *n = nodes[i];
		if (!n->kind->survey.look || n->current)
			continue;
		if (n->surveys++ == 0)
			n->kind->survey.begin(&n->task, &ignored);
		s->nodes[s->count++] = n;
	}
}

static bool is_over(struct node *n)
{
	struct err ignored;
	if (!n->current && n->kind->survey.look(&n->task, &ignored) == VERDICT_WAIT)
		return false;
	if (!n->current)
		n->surveyed_ns = mono_ns();
	n->surveys--;
	return true;
}

bool survey_step(void *survey)
{
	struct survey *s = survey;
	size_t left = 0;
	for (size_t i = 0; i < s->count; i++)
		if (!is_over(s->nodes[i]))
			s->nodes[left++] = s->nodes[i];
	s->count = left;
	return !left;
}

void survey_release(struct survey *s)
{
	for (size_t i = 0; i < s->count; i++)
		s->nodes[i]->surveys--;
	free(s->nodes);
	*s = (struct survey){0};
}

int survey_await(struct node *const *nodes, size_t count, struct err *e)
{
	struct survey s;
	survey_begin(&s, nodes, count);
	int rc = survey_step(&s) ? 0 : await(nodes[0]->fleet->loop, survey_step, &s, e);
	survey_release(&s);
	return rc;
}

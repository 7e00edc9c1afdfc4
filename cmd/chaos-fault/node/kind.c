#include "node/kind.h"

#include "events/emit.h"

#include <string.h>

static enum node_state look_remote(struct node *n)
{
	(void)n;
	return NODE_UP;
}

static void show_nobody(const struct identity *id, struct shown *out)
{
	(void)id;
	*out = (struct shown){.words = "remote", .brief = "-"};
}

/* A URL alone takes load, and no faults but those of programs that say so. */
static const struct kind kind_remote = {
	.name = "remote", .look = look_remote, .show = show_nobody};

static const struct kind *const kinds[] = {
	[NODE_REMOTE] = &kind_remote,
	[NODE_PROCESS] = &kind_process,
	[NODE_CONTAINER] = &kind_container,
	[NODE_PROGRAM] = &kind_program,
};

const struct kind *kind_of(enum node_kind k)
{
	return kinds[k];
}

const struct kind *kind_at(size_t i)
{
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
		if (kinds[k]->ours && i-- == 0)
			return kinds[k];
	return NULL;
}

const struct kind *kind_named(const char *name)
{
	if (!*name)
		return &kind_process;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	return NULL;
}

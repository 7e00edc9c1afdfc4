#include "faults/in_use.h"

#include <string.h>

struct use {
	const struct node *proxy;
	struct journal_entry *out;
};

static bool goes_through(void *arg, const struct journal_entry *j)
{
	const struct use *u = arg;
	const struct fleet *f = u->proxy->fleet;
	const char *config = f->config->path ? f->config->path : "";
	if (!j->program.through || strcmp(j->config, config) != 0 || journal_left_over(j, f->world))
		return false;
	*u->out = *j;
	return true;
}

int in_use_check(const struct node *n, struct err *e)
{
	struct journal_entry j;
	if (n->conf->mode != MODE_PROXY ||
	    !journal_each(n->fleet->state, goes_through, &(struct use){.proxy = n, .out = &j}))
		return 0;
	return err_usage(e, ENTRY_NAME " goes through '%s'; 'chaos-fault undo %s' ends it", ENTRY_NAMED(&j),
			 n->conf->name, j.uid);
}

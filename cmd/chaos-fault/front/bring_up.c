#include "front/bring_up.h"

#include "base/buf.h"
#include "base/clock.h"
#include "faults/present.h"
#include "faults/verb.h"
#include "node/needs.h"
#include "node/node.h"
#include "node/survey.h"

#include <stdlib.h>
#include <string.h>

int bring_up_mark(struct fleet *f, const char *which, struct err *e)
{
	struct err no_mode;
	enum conf_mode mode;
	if (!which)
		return 0;
	bool all = conf_mode_parse(which, &mode, &no_mode) == 0;
	for (size_t i = 0; all && i < f->count; i++)
		f->nodes[i].bring_up = (f->nodes[i].kind->ours || f->nodes[i].conf->needs) && f->nodes[i].conf->mode == mode;
	char *names = mem_strdup(which), *save = NULL;
	int rc = 0;
	for (char *name = strtok_r(names, ",", &save); name && !all && !rc; name = strtok_r(NULL, ",", &save)) {
		struct node *n = fleet_node(f, name, e);
		if (n)
			n->bring_up = n->kind->ours || n->conf->needs;
		rc = n ? 0 : err_prefix(e, "--bring-up");
	}
	free(names);
	return rc;
}

size_t bring_up_nodes(struct fleet *f, struct node **nodes)
{
	size_t count = 0, ours = 0;
	for (size_t i = 0; i < f->count; i++)
		if (f->nodes[i].bring_up)
			nodes[count++] = &f->nodes[i];
	for (size_t i = 0, all = needs_add(nodes, count); i < all; i++)
		if ((nodes[i]->bring_up = nodes[i]->kind->ours))
			nodes[ours++] = nodes[i];
	return ours;
}

int bring_up_check(struct node *const *nodes, size_t count, struct err *e)
{
	int rc = survey_await(nodes, count, e);
	for (size_t i = 0; i < count && !rc; i++) {
		if (nodes[i]->fleet->rehearsal && fault_left_over(nodes[i]))
			continue;
		rc = verb_bring_up.check(&verb_bring_up, nodes[i], e) ||
				     verb_check_work(&(struct work){.verb = &verb_bring_up, .for_ns = -1},
						     nodes[i], e)
			     ? -1
			     : 0;
	}
	return rc;
}

void bring_up_begin(struct fleet *f, struct node *const *nodes, size_t count)
{
	f->busy++; /* the stage ends when all have been submitted, not before */
	for (size_t i = 0; i < count; i++)
		queue_submit(nodes[i], &(struct work){.verb = &verb_bring_up,
						      .for_ns = -1,
						      .requested_ns = mono_ns()});
	f->busy--;
}

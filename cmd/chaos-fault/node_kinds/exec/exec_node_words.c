/* Nodes of a kind that is a program, in words. */
#include "base/buf.h"
#include "base/text.h"
#include "events/emit.h"
#include "node_kinds/exec/exec_node.h"

#include <stdio.h>

void exec_node_show(const struct identity *id, struct shown *out)
{
	*out = (struct shown){.key = "identity"};
	snprintf(out->text, sizeof out->text, "%.*s", SHOWN_TEXT_MAX - 1, id->opaque);
	plain_line(out->text);
	snprintf(out->words, sizeof out->words, "identity %.30s", out->text[0] ? out->text : "-");
	snprintf(out->brief, sizeof out->brief, "%.19s", out->text[0] ? out->text : "-");
}

void exec_node_tell(const struct node *n, enum act act, struct buf *does, struct buf *seen)
{
	buf_addf(does, "run '%s %s'", n->conf->program, exec_node_verb(act));
	if (act == ACT_KILL || act == ACT_TERM || act == ACT_PAUSE)
		buf_addf(seen, "'%s look' says that it is %s", n->conf->program,
			 act == ACT_PAUSE ? "paused" : "down");
	else if (n->conf->ready_given)
		node_tell_ready(seen, n);
	else
		buf_addf(seen, "'%s ready' says so", n->conf->program);
}

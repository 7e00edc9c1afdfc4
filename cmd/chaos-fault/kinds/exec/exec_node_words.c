/* Nodes of a kind that is a program, in words. */
#include "base/buf.h"
#include "base/plain.h"
#include "events/report.h"
#include "kinds/exec/exec_node.h"

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
	static const struct {
		const char *state;
		enum exec_verb verb;
	} acts[] = {[ACT_KILL] = {"down", EXEC_KILL},
		    [ACT_TERM] = {"down", EXEC_TERM},
		    [ACT_PAUSE] = {"paused", EXEC_PAUSE},
		    [ACT_RESUME] = {NULL, EXEC_RESUME},
		    [ACT_START] = {NULL, EXEC_START}};
	buf_addf(does, "run '%s %s'", n->conf->program, exec_verb_name(acts[act].verb));
	if (acts[act].state)
		buf_addf(seen, "'%s look' says that it is %s", n->conf->program, acts[act].state);
	else if (n->conf->ready_given)
		node_tell_ready(seen, n);
	else
		buf_addf(seen, "'%s ready' says so", n->conf->program);
}

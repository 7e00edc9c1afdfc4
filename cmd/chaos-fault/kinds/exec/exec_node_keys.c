/* Nodes of a kind that is a program: as keys of the journal, and in words. */
#include "base/buf.h"
#include "base/plain.h"
#include "events/report.h"
#include "kinds/exec/exec_node.h"

#include <stdio.h>
#include <string.h>

void exec_node_identity_json(const struct identity *id, struct json *out)
{
	json_set_str(out, "identity", id->opaque);
	json_set_str(out, "sum", id->sum);
}

void exec_node_identity_read(struct identity *id, const struct json *j)
{
	json_str_copy(id->opaque, sizeof id->opaque, j, "identity");
	json_str_copy(id->sum, sizeof id->sum, j, "sum");
}

void exec_node_how_json(const struct node_conf *c, struct json *out)
{
	struct json *with = json_object_new();
	for (char **w = c->with; *w; w += 2)
		json_set_str(with, w[0], w[1]);
	json_set_str(out, "program", c->program);
	json_set(out, "with", with);
}

/* Its program is the copy that acted. */
int exec_node_how_read(struct node_conf *c, const struct json *how, const struct json *identity)
{
	const struct json *with = json_get(how, "with"), *value;
	const char *key, *sum = json_str(json_get(identity, "sum"), "");
	size_t count = 0;
	void *iter = NULL;
	c->kind = NODE_PROGRAM;
	c->program = mem_strdup(json_str(json_get(how, "program"), ""));
	c->program_sum = mem_strdup(sum);
	c->with = mem_alloc(sizeof *c->with);
	while (json_next(with, &iter, &key, &value)) {
		c->with = mem_realloc(c->with, count + 3, sizeof *c->with);
		c->with[count++] = mem_strdup(key);
		c->with[count++] = mem_strdup(json_str(value, ""));
		c->with[count] = NULL;
	}
	return *c->program && *sum ? 0 : -1;
}

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

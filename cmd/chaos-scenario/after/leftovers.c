#include "after/leftovers.h"

#include "stream/json.h"
#include "sys/file.h"
#include "sys/proc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int leftovers_ask(struct run *r, struct err *e)
{
	struct args a = {0};
	char *program = proc_sibling("chaos-fault");
	r->look_out = tmpfile();
	if (!r->look_out) {
		free(program);
		return err_sys(e, errno, "cannot make a temporary file");
	}
	args_add(&a, "%s", program);
	if (r->config->path) {
		args_add(&a, "--config");
		args_add(&a, "%s", r->config->path);
	}
	args_add(&a, "ls");
	args_add(&a, "--json");
	struct child_how how = {.out = fileno(r->look_out), .keep_fd = -1};
	int rc = child_start(&r->look, "chaos-fault ls", &a, &how, e);
	args_release(&a);
	free(program);
	return rc;
}

static bool owned_by(const struct json *node, const char *key, pid_t owner)
{
	const struct json *entry = json_get(node, key);
	return entry && (pid_t)json_num(json_get(entry, "owner_pid"), 0) == owner;
}

/* True if every node could be read and none still has something of the session's. */
static bool all_clear(const struct run *r)
{
	struct buf line = BUF_INIT;
	struct err e;
	bool clear = true;
	size_t nodes = 0;
	int c;
	rewind(r->look_out);
	while (clear && (c = getc(r->look_out)) != EOF) {
		if (c != '\n') {
			buf_addch(&line, (char)c);
			continue;
		}
		struct json *node = json_parse(line.data, line.len, "chaos-fault ls", &e);
		clear = node && !owned_by(node, "fault", r->fault.pid) &&
			!owned_by(node, "brought_up", r->fault.pid);
		json_free(node);
		line.len = 0;
		nodes++;
	}
	buf_release(&line);
	return clear && nodes;
}

/* For the pictures: the guard tells nobody. */
static void say_reverted(struct run *r)
{
	struct err e;
	for (size_t i = 0; i < r->reported.held_count; i++) {
		const struct held_fault *f = &r->reported.held[i];
		const struct node_conf *n = config_node(r->config, f->node);
		struct json *j = event_new(&r->events, EVENT_REVERTED);
		json_set_str(j, "fault", f->uid);
		json_set_str(j, "action", f->action);
		json_set_str(j, "node", f->node);
		json_set_str(j, "url", n ? n->url : NULL);
		json_set_bool(j, "by_other", true);
		if (event_send(&r->events, j, &e))
			r->code = exit_worse(r->code, e.code);
	}
}

void leftovers_take(struct run *r)
{
	if (child_code(&r->look) == EXIT_OK && all_clear(r)) {
		progress_say(&r->progress, "what it held has been put back by its guard");
		say_reverted(r);
	} else {
		progress_say(&r->progress,
			     "a fault may still be active; 'chaos-fault doctor' looks");
		r->code = exit_worse(r->code, EXIT_RESIDUE);
	}
	fclose(r->look_out);
	r->look_out = NULL;
}

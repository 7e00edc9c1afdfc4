#include "after/leftovers.h"

#include "stream/json.h"

#include <errno.h>

int leftovers_ask(struct leftovers *l, const char *config_path, struct err *e)
{
	struct args a = {0};
	l->out = tmpfile();
	if (!l->out)
		return err_sys(e, errno, "cannot make a temporary file");
	args_program(&a, "chaos-fault");
	args_option(&a, "--config", config_path);
	args_add(&a, "ls");
	args_add(&a, "--json");
	struct child_how how = {.out = fileno(l->out), .keep_fd = -1};
	int rc = child_start(&l->ls, "chaos-fault ls", &a, &how, e);
	args_release(&a);
	return rc;
}

static bool owned_by(const struct json *node, const char *key, pid_t owner)
{
	const struct json *entry = json_get(node, key);
	return entry && (pid_t)json_num(json_get(entry, "owner_pid"), 0) == owner;
}

/* True if ls listed every node and none has a fault or a hold of the session. */
static bool all_clear(const struct leftovers *l, pid_t session)
{
	struct buf line = BUF_INIT;
	struct err e;
	bool clear = true;
	size_t nodes = 0;
	int c;
	rewind(l->out);
	while (clear && (c = getc(l->out)) != EOF) {
		if (c != '\n') {
			buf_addch(&line, (char)c);
			continue;
		}
		struct json *node = json_parse(line.data, line.len, "chaos-fault ls", &e);
		clear = node && !owned_by(node, "fault", session) &&
			!owned_by(node, "brought_up", session);
		json_free(node);
		line.len = 0;
		nodes++;
	}
	buf_release(&line);
	return clear && nodes;
}

/* The guard writes no events, and the pictures need the end of each fault. */
static int emit_reverted(const struct heard *told, const struct config *c,
			 const struct event_sink *events)
{
	int code = EXIT_OK;
	struct err e;
	for (size_t i = 0; i < told->held_count; i++) {
		const struct held_fault *f = &told->held[i];
		const struct node_conf *n = config_node(c, f->node);
		struct json *j = event_new(events, EVENT_REVERTED);
		json_set_str(j, "fault", f->uid);
		json_set_str(j, "action", f->action);
		json_set_str(j, "node", f->node);
		json_set_str(j, "url", n ? n->url : NULL);
		json_set_bool(j, "by_other", true);
		if (event_send(events, j, &e))
			code = exit_worse(code, e.code);
	}
	return code;
}

int leftovers_take(struct leftovers *l, pid_t session, const struct heard *told,
		   const struct config *c, const struct event_sink *events, struct progress *p)
{
	bool clear = child_code(&l->ls) == EXIT_OK && all_clear(l, session);
	progress_say(p, clear ? "what it held has been put back by its guard"
			      : "a fault may still be active; 'chaos-fault doctor' looks");
	leftovers_release(l);
	return clear ? emit_reverted(told, c, events) : EXIT_RESIDUE;
}

void leftovers_release(struct leftovers *l)
{
	if (l->out)
		fclose(l->out);
	l->out = NULL;
}

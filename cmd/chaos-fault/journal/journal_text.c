#include "journal/journal_text.h"

#include "base/units.h"
#include "stream/json.h"
#include "sys/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JOURNAL_FORMAT "chaos-fault-journal/1"

static const char *const ready_names[] = {
	[READY_HTTP_GET] = "get",
	[READY_REDIS_PING] = "ping",
	[READY_REDIS_REPLICA] = "replica",
	[READY_TCP] = "tcp",
};

/* --- writing ------------------------------------------------------------------- */

static struct json *id_json(const struct proc_id *id)
{
	struct json *j = json_object_new();
	json_set_int(j, "pid", id->pid);
	json_set_int(j, "start_ticks", (int64_t)id->start_ticks);
	return j;
}

static struct json *target_json(const struct identity *id)
{
	struct json *j = id_json(&id->proc);
	if (id->container[0]) {
		json_set_str(j, "container", id->container);
		json_set_str(j, "engine", id->engine);
		json_set_str(j, "started", id->started);
	}
	return j;
}

static struct json *how_json(const struct config *c, const struct node_conf *n)
{
	struct json *j = json_object_new(), *argv = json_array_new();
	for (size_t i = 0; n->argv && n->argv[i]; i++)
		json_push_str(argv, n->argv[i]);
	json_set_str(j, "config", c->path);
	json_set_str(j, "dir", c->dir);
	json_set_str(j, "url", n->full_url); /* the file is its owner's alone */
	json_set_str(j, "mode", conf_mode_name(n->mode));
	json_set(j, "argv", argv);
	if (n->kind == NODE_CONTAINER) {
		json_set_str(j, "container", n->container);
		json_set_str(j, "compose", n->compose);
		json_set_str(j, "project", n->project);
	}
	json_set_str(j, "ready", ready_names[n->ready]);
	json_set_str(j, "ready_path", n->ready_path);
	if (n->ready_given)
		json_set_bool(j, "ready_given", true);
	json_set_num(j, "ready_within_s", ns_to_s(n->ready_within_ns));
	return j;
}

void journal_write(struct buf *out, const struct journal_entry *entry, const struct config *c,
		   const struct node_conf *n)
{
	struct json *j = json_object_new();
	json_set_str(j, "format", JOURNAL_FORMAT);
	json_set_str(j, "fault", entry->uid);
	json_set_str(j, "action", entry->action);
	json_set_str(j, "node", entry->node);
	json_set_str(j, "kind", entry->kind);
	json_set_str(j, "key", entry->key);
	json_set(j, "target", target_json(&entry->target));
	json_set(j, "owner", id_json(&entry->owner));
	if (entry->guard.pid)
		json_set(j, "guard", id_json(&entry->guard));
	json_set_str(j, "world", entry->world);
	json_set_num(j, "since", entry->since_s);
	if (entry->deadline_ns) {
		json_set_num(j, "deadline", entry->deadline_s);
		json_set_int(j, "deadline_mono_ns", entry->deadline_ns);
	}
	if (entry->stays)
		json_set_bool(j, "stays", true);
	if (entry->detached)
		json_set_bool(j, "detached", true);
	json_set(j, "how", how_json(c, n));
	json_write(j, false, out);
	buf_addch(out, '\n');
	json_free(j);
}

void journal_write_due(struct buf *out, const struct journal_entry *entry)
{
	struct json *j = json_object_new();
	json_set_num(j, "deadline", entry->deadline_s);
	json_set_int(j, "deadline_mono_ns", entry->deadline_ns);
	json_write(j, false, out);
	buf_addch(out, '\n');
	json_free(j);
}

/* --- reading ------------------------------------------------------------------- */

static void read_id(struct proc_id *id, const struct json *j, const char *key)
{
	const struct json *at = json_get(j, key);
	id->pid = (pid_t)json_num(json_get(at, "pid"), 0);
	id->start_ticks = (uint64_t)json_num(json_get(at, "start_ticks"), 0);
}

static void read_target(struct identity *id, const struct json *j)
{
	read_id(&id->proc, j, "target");
	json_str_copy(id->container, sizeof id->container, j, "target.container");
	json_str_copy(id->engine, sizeof id->engine, j, "target.engine");
	json_str_copy(id->started, sizeof id->started, j, "target.started");
}

/* The first line; what was noted behind it goes to *notes, which may be NULL. */
static struct json *read_first(const char *path, struct buf *text, const char **notes)
{
	struct err e;
	if (file_read(path, text, &e))
		return NULL;
	size_t len = strcspn(text->data, "\n");
	if (notes)
		*notes = text->data + len;
	return len ? json_parse(text->data, len, path, &e) : NULL;
}

/* A deadline that was noted later; a torn line is none. */
static void read_due(struct journal_entry *out, const char *notes)
{
	struct err ignored;
	const char *at = strstr(notes, "{\"deadline\"");
	size_t len = at ? strcspn(at, "\n") : 0;
	struct json *j = len && at[len] ? json_parse(at, len, "note", &ignored) : NULL;
	out->deadline_s = json_num(json_get(j, "deadline"), out->deadline_s);
	out->deadline_ns =
		(int64_t)json_num(json_get(j, "deadline_mono_ns"), (double)out->deadline_ns);
	out->handed_over = out->detached && j;
	json_free(j);
}

int journal_read(const char *path, struct journal_entry *out)
{
	struct buf text = BUF_INIT;
	const char *notes = "";
	struct json *j = read_first(path, &text, &notes);
	*out = (struct journal_entry){0};
	json_str_copy(out->uid, sizeof out->uid, j, "fault");
	json_str_copy(out->action, sizeof out->action, j, "action");
	json_str_copy(out->node, sizeof out->node, j, "node");
	json_str_copy(out->kind, sizeof out->kind, j, "kind");
	json_str_copy(out->key, sizeof out->key, j, "key");
	json_str_copy(out->world, sizeof out->world, j, "world");
	read_target(&out->target, j);
	read_id(&out->owner, j, "owner");
	read_id(&out->guard, j, "guard");
	out->since_s = json_num(json_get(j, "since"), 0);
	out->deadline_s = json_num(json_get(j, "deadline"), 0);
	out->deadline_ns = (int64_t)json_num(json_get(j, "deadline_mono_ns"), 0);
	out->stays = json_bool(json_get(j, "stays"), false);
	out->detached = json_bool(json_get(j, "detached"), false);
	json_str_copy(out->config, sizeof out->config, j, "how.config");
	out->begun = strstr(notes, "\"begun\"") != NULL;
	out->failed = strstr(notes, "\"failed\"") != NULL;
	read_due(out, notes);
	json_free(j);
	buf_release(&text);
	return out->uid[0] && out->key[0] ? 0 : -1;
}

/* --- how the node is run ----------------------------------------------------------- */

static char **words(const struct json *list)
{
	size_t count = json_count(list);
	char **argv = mem_alloc((count + 1) * sizeof *argv);
	for (size_t i = 0; i < count; i++)
		argv[i] = mem_strdup(json_str(json_at(list, i), ""));
	return argv;
}

static char *text_of(const struct json *j, const char *key)
{
	const char *text = json_str(json_get(j, key), NULL);
	return text ? mem_strdup(text) : NULL;
}

static int read_node(const struct json *how, const char *name, struct node_conf *n, struct err *e)
{
	const char *ready = json_str(json_get(how, "ready"), "");
	const char *path = json_str(json_get(how, "ready_path"), NULL);
	size_t kind = 0;
	while (kind < ARRAY_LEN(ready_names) && strcmp(ready, ready_names[kind]) != 0)
		kind++;
	bool box = json_is_string(json_get(how, "container")) ||
		   json_is_string(json_get(how, "compose"));
	if (kind == ARRAY_LEN(ready_names) || (!box && !json_count(json_get(how, "argv"))))
		return err_runtime(e, "its entry does not say how '%s' is run", name);
	if (url_parse(json_str(json_get(how, "url"), ""), &n->at, e) ||
	    conf_mode_parse(json_str(json_get(how, "mode"), ""), &n->mode, e))
		return -1;
	n->name = mem_strdup(name);
	n->full_url = mem_strdup(json_str(json_get(how, "url"), ""));
	n->url = url_public(n->full_url);
	n->kind = box ? NODE_CONTAINER : NODE_PROCESS;
	n->container = text_of(how, "container");
	n->compose = text_of(how, "compose");
	n->project = text_of(how, "project");
	n->argv = words(json_get(how, "argv"));
	n->ready = (enum ready_kind)kind;
	n->ready_given = json_bool(json_get(how, "ready_given"), false);
	n->ready_path = path ? mem_strdup(path) : NULL;
	n->ready_within_ns = s_to_ns(json_num(json_get(how, "ready_within_s"), 20));
	return 0;
}

static int add_node(const struct json *entry, const char *name, struct config *c, struct err *e)
{
	const struct json *how = json_get(entry, "how");
	struct node_conf n = {0};
	const char *path = json_str(json_get(how, "config"), NULL);
	if (read_node(how, name, &n, e))
		return -1;
	n.engine = text_of(entry, "target.engine");
	if (!c->dir) {
		c->path = path ? mem_strdup(path) : NULL;
		c->dir = mem_strdup(json_str(json_get(how, "dir"), "/"));
	}
	c->nodes = mem_realloc(c->nodes, c->node_count + 1, sizeof *c->nodes);
	c->nodes[c->node_count++] = n;
	return 0;
}

int journal_read_config(const char *path, const struct journal_entry *j, struct config *c,
			struct err *e)
{
	struct buf text = BUF_INIT;
	struct json *entry = read_first(path, &text, NULL);
	int rc = 0;
	if (!entry)
		rc = err_runtime(e, "'%s' cannot be read", path);
	else if (!config_node(c, j->node))
		rc = add_node(entry, j->node, c, e);
	json_free(entry);
	buf_release(&text);
	return rc;
}

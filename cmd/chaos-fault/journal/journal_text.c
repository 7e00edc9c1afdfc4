#include "journal/journal_text.h"

#include "base/field.h"
#include "base/units.h"
#include "node/keys.h"
#include "node/kind.h"
#include "sys/own_file.h"

#include <stdlib.h>
#include <string.h>

#define JOURNAL_FORMAT "chaos-fault-journal/1"
enum { ENTRY_MAX_BYTES = 1 << 20 }; /* with a command line and all that was noted */

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

struct json *journal_how(const struct config *c, const struct node_conf *n)
{
	struct json *j = json_object_new();
	json_set_str(j, "config", c->path);
	json_set_str(j, "dir", c->dir);
	json_set_str(j, "url", n->full_url); /* the file is its owner's alone */
	if (n->via)
		json_set_str(j, "via", n->via);
	json_set_str(j, "mode", conf_mode_name(n->mode));
	how_json(n, j);
	json_set_str(j, "ready", ready_names[n->ready]);
	json_set_str(j, "ready_path", n->ready_path);
	if (n->ready_given)
		json_set_bool(j, "ready_given", true);
	json_set_num(j, "ready_within_s", ns_to_s(n->ready_within_ns));
	const struct node_conf *proxy = n->via ? config_node(c, VIA_PROXY) : NULL;
	if (proxy)
		json_set(j, "proxy", journal_how(c, proxy));
	return j;
}

static struct json *program_json(const struct journal_program *p)
{
	struct err ignored;
	struct json *j = json_object_new();
	json_set_str(j, "path", p->path);
	json_set_str(j, "sum", p->sum);
	json_set(j, "params", json_parse(p->params, strlen(p->params), "params", &ignored));
	json_set(j, "state", json_parse(p->state, strlen(p->state), "state", &ignored));
	json_set_num(j, "revert_within_s", ns_to_s(p->revert_within_ns));
	if (p->node_down)
		json_set_bool(j, "node_down", true);
	if (p->through)
		json_set_bool(j, "through", true);
	return j;
}

void journal_write(struct buf *out, const struct journal_entry *entry, const struct config *c,
		   const struct node_conf *n)
{
	struct json *j = json_object_new(), *target = json_object_new();
	identity_json(&entry->target, target);
	json_set_str(j, "format", JOURNAL_FORMAT);
	json_set_str(j, "fault", entry->uid);
	json_set_str(j, "action", entry->action);
	json_set_str(j, "node", entry->node);
	json_set_str(j, "kind", entry->kind);
	json_set_str(j, "key", entry->key);
	json_set(j, "target", target);
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
	if (entry->degraded)
		json_set_bool(j, "degraded", true);
	if (entry->ends_target)
		json_set_str(j, "ends", "target");
	if (entry->program.path[0])
		json_set(j, "program", program_json(&entry->program));
	json_set(j, "how", journal_how(c, n));
	json_line(j, out);
}

/* --- reading ------------------------------------------------------------------- */

/* -1 if one does not fit. */
static int read_fields(struct journal_entry *out, const struct json *j)
{
	const struct json_field fields[] = {
		{"fault", out->uid, sizeof out->uid},
		{"action", out->action, sizeof out->action},
		{"node", out->node, sizeof out->node},
		{"kind", out->kind, sizeof out->kind},
		{"key", out->key, sizeof out->key},
		{"world", out->world, sizeof out->world},
		{"how.config", out->config, sizeof out->config},
		{"program.path", out->program.path, sizeof out->program.path},
		{"program.sum", out->program.sum, sizeof out->program.sum},
	};
	struct err ignored;
	return json_fields(j, fields, ARRAY_LEN(fields), &ignored);
}

static void read_id(struct proc_id *id, const struct json *j, const char *key)
{
	const struct json *at = json_get(j, key);
	id->pid = json_pid(json_get(at, "pid"));
	id->start_ticks = (uint64_t)json_int(json_get(at, "start_ticks"), 0);
}

/* A torn line is none. */
struct json *journal_json(const char *text)
{
	struct err ignored;
	struct json *entry = NULL;
	for (size_t len; *text; text += len + 1) {
		len = strcspn(text, "\n");
		struct json *line = json_parse(text, len, "journal", &ignored);
		bool torn = !text[len];
		if (!entry && !line)
			return NULL;
		if (json_get(line, "deadline")) /* noted: in place of the bound in the intent */
			json_set_bool(line, "confirmed", entry);
		if (!entry)
			entry = line;
		else if (torn)
			json_free(line);
		else
			json_update(entry, line);
		if (torn)
			break;
	}
	return entry;
}

static int read_text(char *out, size_t size, const struct json *j)
{
	struct err ignored;
	struct buf text = BUF_INIT;
	if (j)
		json_write(j, false, &text);
	int rc = field_put(out, size, text.data, "", &ignored);
	buf_release(&text);
	return rc;
}

static int read_program(struct journal_program *p, const struct json *j)
{
	p->revert_within_ns = s_to_ns(json_num(json_get(j, "revert_within_s"), 0));
	p->node_down = json_bool(json_get(j, "node_down"), false);
	p->through = json_bool(json_get(j, "through"), false);
	return read_text(p->params, sizeof p->params, json_get(j, "params")) ||
			       read_text(p->state, sizeof p->state, json_get(j, "state"))
		       ? -1
		       : 0;
}

/* Files are named after it. */
static bool is_name(const char *text)
{
	return *text && *text != '.' && !strchr(text, '/');
}

int journal_parse(const char *text, struct journal_entry *out)
{
	struct json *j = journal_json(text);
	*out = (struct journal_entry){0};
	int rc = read_fields(out, j) || read_program(&out->program, json_get(j, "program")) ||
		 identity_read(&out->target, json_get(j, "target"));
	read_id(&out->owner, j, "owner");
	read_id(&out->guard, j, "guard");
	out->since_s = json_num(json_get(j, "since"), 0);
	out->deadline_s = json_num(json_get(j, "deadline"), 0);
	out->deadline_ns = json_int(json_get(j, "deadline_mono_ns"), 0);
	out->stays = json_bool(json_get(j, "stays"), false);
	out->detached = json_bool(json_get(j, "detached"), false);
	out->degraded = json_bool(json_get(j, "degraded"), false);
	out->ends_target = strcmp(json_text(j, "ends"), "target") == 0;
	out->through = out->program.through || strcmp(out->node, VIA_PROXY) == 0;
	out->begun = json_bool(json_get(j, "begun"), false);
	out->handed_over = out->detached && json_bool(json_get(j, "confirmed"), false);
	out->failed = json_bool(json_get(j, "failed"), false);
	out->done = json_bool(json_get(j, "done"), false);
	read_id(&out->call, j, "call");
	read_id(&out->holder, j, "holder");
	json_free(j);
	return !rc && is_name(out->uid) && is_name(out->key) ? 0 : -1;
}

int journal_read(const char *path, struct journal_entry *out)
{
	struct buf text = BUF_INIT;
	struct err ignored;
	*out = (struct journal_entry){0};
	int rc = own_read(path, ENTRY_MAX_BYTES, &text, &ignored) ? -1
								  : journal_parse(text.data, out);
	buf_release(&text);
	return rc;
}

/* --- how the node is run ----------------------------------------------------------- */

static int read_mode(const char *word, enum conf_mode *m, struct err *e)
{
	*m = MODE_PROXY;
	return strcmp(word, conf_mode_name(MODE_PROXY)) == 0 ? 0 : conf_mode_parse(word, m, e);
}

static int read_node(const struct json *how, const struct json *target, const char *name, const char *kind_name,
		     struct node_conf *n, struct err *e)
{
	const char *ready = json_text(how, "ready");
	size_t kind = 0;
	while (kind < ARRAY_LEN(ready_names) && strcmp(ready, ready_names[kind]) != 0)
		kind++;
	const struct kind *k = kind_named(kind_name);
	if (!k)
		return err_runtime(e, "this version knows no '%s'", kind_name);
	if (kind == ARRAY_LEN(ready_names) || how_read(n, how, target) || kind_of(n->kind) != k)
		return err_runtime(e, "its entry does not say how '%s' is run", name);
	if (url_parse(json_text(how, "url"), &n->at, e) ||
	    read_mode(json_text(how, "mode"), &n->mode, e))
		return -1;
	n->name = mem_strdup(name);
	n->full_url = mem_strdup(json_text(how, "url"));
	n->url = url_public(n->full_url);
	n->ready = (enum ready_kind)kind;
	n->ready_given = json_bool(json_get(how, "ready_given"), false);
	n->ready_path = json_text_dup(how, "ready_path");
	n->via = json_text_dup(how, "via");
	n->ready_within_ns = s_to_ns(json_num(json_get(how, "ready_within_s"), 20));
	return 0;
}

/* What was read of one that is wrong is freed. */
static void add_node(struct config *c, const struct node_conf *n, bool good)
{
	struct config wrong = {0};
	c = good ? c : &wrong;
	c->nodes = mem_realloc(c->nodes, c->node_count + 1, sizeof *c->nodes);
	c->nodes[c->node_count++] = *n;
	config_release(&wrong);
}

int journal_parse_config(const char *text, const struct journal_entry *j, struct config *c,
			 struct err *e)
{
	struct json *entry = journal_json(text);
	const struct json *how = json_get(entry, "how");
	const struct json *proxy = json_get(how, "proxy");
	struct node_conf n = {0}, p = {0};
	bool known = entry && config_node(c, j->node);
	int rc = !entry  ? err_runtime(e, "its entry in the journal cannot be read")
		 : known ? 0
			 : read_node(how, json_get(entry, "target"), j->node, j->kind, &n, e);
	if (!rc && !known) {
		if (!c->dir) {
			c->path = json_text_dup(how, "config");
			c->dir = mem_strdup(json_str(json_get(how, "dir"), "/"));
		}
	}
	if (!known)
		add_node(c, &n, !rc);
	if (!rc && proxy && !config_node(c, VIA_PROXY)) {
		rc = read_node(proxy, NULL, VIA_PROXY, kind_of(NODE_PROCESS)->name, &p, e);
		add_node(c, &p, !rc);
	}
	json_free(entry);
	return rc;
}

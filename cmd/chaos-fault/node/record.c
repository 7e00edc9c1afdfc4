#include "node/record.h"

#include "base/buf.h"
#include "base/hash.h"
#include "node/keys.h"
#include "stream/json.h"
#include "sys/file.h"
#include "sys/own_file.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RECORD_FORMAT "chaos-node-state/1"
enum { RECORD_MAX_BYTES = 1 << 20 };

char *record_dir(const char *state, const struct config *c, const struct node_conf *n)
{
	const char *config = c->path ? c->path : c->dir;
	/* With the NUL of each, so that "a" "bc" differs from "ab" "c". */
	uint64_t h = hash_fnv1a(HASH_FNV1A_START, config, strlen(config) + 1);
	h = hash_fnv1a(h, n->name, strlen(n->name) + 1);
	return mem_printf("%s/nodes/%s-%016" PRIx64, state, n->name, h);
}

static char *record_path(const char *dir)
{
	return mem_printf("%s/process.json", dir);
}

static struct json *read_record(const char *dir)
{
	struct buf text = BUF_INIT;
	struct err e;
	char *path = record_path(dir);
	struct json *j = NULL;
	if (own_read(path, RECORD_MAX_BYTES, &text, &e) == 0)
		j = json_parse(text.data, text.len, path, &e);
	buf_release(&text);
	free(path);
	return j;
}

struct proc_id record_load(const char *dir, const char *world)
{
	struct proc_id id = {0};
	struct json *j = read_record(dir);
	if (strcmp(json_text(j, "world"), world) == 0) {
		id.pid = json_pid(json_get(j, "pid"));
		id.start_ticks = (uint64_t)json_int(json_get(j, "start_ticks"), 0);
	}
	json_free(j);
	return id;
}

/* What record_save would have written: a pid and its world. */
static bool is_record(const struct json *j)
{
	return strcmp(json_text(j, "format"), RECORD_FORMAT) == 0 &&
	       json_pid(json_get(j, "pid")) > 0 && json_int(json_get(j, "start_ticks"), -1) >= 0 &&
	       *json_text(j, "world");
}

bool record_elsewhere(const char *dir, const char *world)
{
	struct json *j = read_record(dir);
	const char *its = json_text(j, "world");
	size_t boot = strcspn(world, " ");
	bool elsewhere = is_record(j) && strncmp(its, world, boot) == 0 && strcmp(its, world) != 0;
	json_free(j);
	return elsewhere;
}

int record_readable(const char *dir, struct err *e)
{
	struct buf text = BUF_INIT;
	struct err why = {0};
	char *path = record_path(dir);
	struct json *j = NULL;
	int rc = own_read(path, RECORD_MAX_BYTES, &text, &why);
	if (rc)
		rc = why.sys_errno == ENOENT || why.sys_errno == ENOTDIR ? 0 : -1;
	else if (!is_record(j = json_parse(text.data, text.len, path, &why)))
		rc = err_runtime(&why, "'%s' is damaged: remove it; 'chaos-fault down' then ends what still runs", path);
	if (rc)
		*e = why;
	json_free(j);
	buf_release(&text);
	free(path);
	return rc;
}

char *record_config_of(const char *dir, const char *world, const struct proc_id *id)
{
	char *all = mem_printf("%.*s", (int)(strrchr(dir, '/') - dir), dir), *config = NULL;
	DIR *d = opendir(all);
	for (const struct dirent *one; d && !config && (one = readdir(d));) {
		char *beside = mem_printf("%s/%s", all, one->d_name);
		struct proc_id its = record_load(beside, world);
		struct json *j = proc_same(&its, id) ? read_record(beside) : NULL;
		if (j)
			config = mem_strdup(json_text(j, "config"));
		json_free(j);
		free(beside);
	}
	if (d)
		closedir(d);
	free(all);
	return config;
}

bool record_node(const char *dir, struct node_conf *out)
{
	struct err ignored;
	struct json *j = read_record(dir);
	*out = (struct node_conf){.in_table = true};
	bool good = is_record(j) && how_read(out, json_get(j, "how"), NULL) == 0 &&
		    url_parse(json_text(j, "url"), &out->at, &ignored) == 0;
	out->name = mem_strdup(json_text(j, "node"));
	out->url = mem_strdup(json_text(j, "url"));
	out->full_url = mem_strdup(out->url);
	json_free(j);
	return good;
}

int record_limits(const char *dir, struct limits *out)
{
	struct json *j = read_record(dir);
	const struct json *all = json_get(j, "limits");
	int rc = json_count(all) == 2 * (size_t)RLIM_NLIMITS ? 0 : -1;
	for (size_t i = 0; !rc && i < RLIM_NLIMITS; i++) {
		out->of[i].rlim_cur = (rlim_t)json_int(json_at(all, 2 * i), -1);
		out->of[i].rlim_max = (rlim_t)json_int(json_at(all, 2 * i + 1), -1);
	}
	out->nice = (int)json_int(json_get(j, "nice"), 0);
	json_free(j);
	return rc;
}

/* Those of its first start: pid may have less, as what started it may have just now. Without a limit
 * is -1. */
static void add_limits(struct json *j, const char *dir, pid_t pid)
{
	struct limits l;
	struct json *all = json_array_new();
	if (record_limits(dir, &l) == 0 || limits_read(&l, pid) == 0) {
		for (size_t i = 0; i < RLIM_NLIMITS; i++) {
			json_push_int(all, (int64_t)l.of[i].rlim_cur);
			json_push_int(all, (int64_t)l.of[i].rlim_max);
		}
		json_set_int(j, "nice", l.nice);
	}
	json_set(j, "limits", all);
}

/* What a version wrote that had the command line alone, in a folder of the state. */
static bool ran_before(const struct json *record, const struct node_conf *n)
{
	const struct json *ran = json_get(record, "argv");
	size_t i = 0;
	while (n->argv[i] && strcmp(json_str(json_at(ran, i), ""), n->argv[i]) == 0)
		i++;
	return !n->cwd && !n->env && !n->env_file && i && !n->argv[i] && json_count(ran) == i;
}

bool record_ran(const char *dir, const struct node_conf *n)
{
	struct json *j = read_record(dir);
	bool same = how_is(json_get(j, "how"), n) || ran_before(j, n);
	json_free(j);
	return same;
}

int record_save(const char *dir, const char *world, const struct config *c,
		const struct node_conf *n, const struct proc_id *id, struct err *e)
{
	struct buf text = BUF_INIT;
	struct json *j = json_object_new(), *how = json_object_new();
	char *path = record_path(dir);
	how_json(n, how);
	json_set_str(j, "format", RECORD_FORMAT);
	json_set_str(j, "config", c->path);
	json_set_str(j, "node", n->name);
	json_set_str(j, "url", n->url);
	json_set(j, "how", how);
	json_set_int(j, "pid", id->pid);
	json_set_int(j, "start_ticks", (int64_t)id->start_ticks);
	json_set_str(j, "world", world);
	add_limits(j, dir, id->pid);
	json_line(j, &text);
	int rc = file_replace(path, text.data, text.len, 0600, e);
	buf_release(&text);
	free(path);
	return rc;
}

void record_remove(const char *dir)
{
	char *path = record_path(dir);
	unlink(path);
	free(path);
}

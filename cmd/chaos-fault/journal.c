#include "journal.h"

#include "base/buf.h"
#include "stream/json.h"
#include "sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define JOURNAL_FORMAT "chaos-fault-journal/1"

static char *faults_dir(const char *state)
{
	return mem_printf("%s/faults", state);
}

static char *entry_path(const char *state, const char *uid)
{
	return mem_printf("%s/faults/%s.json", state, uid);
}

int journal_take_uid(const char *state, char prefix, uint64_t *last, char uid[static UID_MAX],
		     struct err *e)
{
	char *dir = faults_dir(state);
	int rc = make_dirs(dir, 0700, e);
	while (!rc) {
		snprintf(uid, UID_MAX, "%c%" PRIu64, prefix, ++*last);
		char *path = entry_path(state, uid);
		int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0 && errno != EEXIST)
			rc = err_sys(e, errno, "cannot write '%s'", path);
		free(path);
		if (fd < 0)
			continue;
		close(fd);
		break;
	}
	free(dir);
	return rc;
}

static struct json *id_json(const struct proc_id *id)
{
	struct json *j = json_object_new();
	json_set_int(j, "pid", id->pid);
	json_set_int(j, "start_ticks", (int64_t)id->start_ticks);
	return j;
}

int journal_intend(const char *state, const struct journal_entry *entry, struct err *e)
{
	struct buf text = BUF_INIT;
	struct json *j = json_object_new();
	char *path = entry_path(state, entry->uid);
	json_set_str(j, "format", JOURNAL_FORMAT);
	json_set_str(j, "fault", entry->uid);
	json_set_str(j, "action", entry->action);
	json_set_str(j, "node", entry->node);
	json_set_str(j, "key", entry->key);
	json_set(j, "target", id_json(&entry->target));
	json_set(j, "owner", id_json(&entry->owner));
	json_set_str(j, "world", entry->world);
	if (entry->deadline_s > 0)
		json_set_num(j, "deadline", entry->deadline_s);
	if (entry->stays)
		json_set_bool(j, "stays", true);
	json_write(j, false, &text);
	buf_addch(&text, '\n');
	int rc = file_replace(path, text.data, text.len, 0600, e);
	json_free(j);
	buf_release(&text);
	free(path);
	return rc;
}

void journal_done(const char *state, const char *uid)
{
	char *path = entry_path(state, uid);
	unlink(path);
	free(path);
}

static void copy(char *out, size_t size, const struct json *j, const char *key)
{
	snprintf(out, size, "%s", json_str(json_get(j, key), ""));
}

static void read_id(struct proc_id *id, const struct json *j, const char *key)
{
	const struct json *at = json_get(j, key);
	id->pid = (pid_t)json_num(json_get(at, "pid"), 0);
	id->start_ticks = (uint64_t)json_num(json_get(at, "start_ticks"), 0);
}

/* An empty file is a UID that has been taken while the intent is not written yet. */
static int read_entry(const char *path, struct journal_entry *out)
{
	struct buf text = BUF_INIT;
	struct err e;
	struct json *j = NULL;
	*out = (struct journal_entry){0};
	if (file_read(path, &text, &e) == 0 && text.len)
		j = json_parse(text.data, text.len, path, &e);
	copy(out->uid, sizeof out->uid, j, "fault");
	copy(out->action, sizeof out->action, j, "action");
	copy(out->node, sizeof out->node, j, "node");
	copy(out->key, sizeof out->key, j, "key");
	copy(out->world, sizeof out->world, j, "world");
	read_id(&out->target, j, "target");
	read_id(&out->owner, j, "owner");
	out->deadline_s = json_num(json_get(j, "deadline"), 0);
	out->stays = json_bool(json_get(j, "stays"), false);
	json_free(j);
	buf_release(&text);
	return out->uid[0] && out->key[0] ? 0 : -1;
}

bool journal_each(const char *state, bool (*each)(void *arg, const struct journal_entry *j),
		  void *arg)
{
	char *dir = faults_dir(state);
	DIR *d = opendir(dir);
	bool found = false;
	for (struct dirent *de; d && !found && (de = readdir(d));) {
		size_t len = strlen(de->d_name);
		if (len < 6 || strcmp(de->d_name + len - 5, ".json") != 0)
			continue;
		struct journal_entry j;
		char *path = mem_printf("%s/%s", dir, de->d_name);
		if (read_entry(path, &j) == 0)
			found = each(arg, &j);
		free(path);
	}
	if (d)
		closedir(d);
	free(dir);
	return found;
}

bool journal_owned(const struct journal_entry *j, const char *world)
{
	return strcmp(j->world, world) == 0 && proc_alive(&j->owner);
}

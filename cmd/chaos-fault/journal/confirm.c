#include "journal/confirm.h"

#include "base/buf.h"
#include "journal/journal_text.h"
#include "node/kind.h"
#include "node/record.h"
#include "stream/json.h"
#include "sys/file.h"
#include "sys/own_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOTES_MAX_BYTES = 1 << 18 };

/* The part of an entry that must be confirmed. The caller frees. */
static struct json *claim_of(const char *text)
{
	struct json *entry = journal_json(text), *claim = json_object_new();
	json_set(claim, "how", json_clone(json_get(entry, "how")));
	json_set_str(claim, "engine", json_text(entry, "target.engine"));
	json_set_str(claim, "sum", json_text(entry, "target.sum"));
	json_free(entry);
	return claim;
}

/* How long it takes to get ready decides nothing; what an older version did not write is as the config has it. */
static bool is_said(const struct json *how, const struct json *by)
{
	const struct json *value;
	const char *key;
	for (void *iter = NULL; json_next(how, &iter, &key, &value);)
		if (strcmp(key, "ready_within_s") != 0 && !json_same(value, json_get(by, key)))
			return false;
	return true;
}

static bool is_same(const struct json *claim, const struct json *noted, const char *key)
{
	return strcmp(json_text(claim, key), json_text(noted, key)) == 0;
}

/* --- the notes: one line for each claim, so that faults of a config and of its next version may be undone ------------ */

static char *notes_path(const char *dir)
{
	return mem_printf("%s/confirmed", dir);
}

static bool in_notes(const struct json *claim, const char *path)
{
	struct buf text = BUF_INIT;
	struct err ignored;
	bool found = false;
	size_t len = 0;
	own_read(path, NOTES_MAX_BYTES, &text, &ignored);
	for (const char *line = text.data; line && *line && !found; line += len + (line[len] == '\n')) {
		len = strcspn(line, "\n");
		struct json *noted = json_parse(line, len, path, &ignored);
		found = noted && is_said(json_get(claim, "how"), json_get(noted, "how")) && is_same(claim, noted, "engine") &&
			is_same(claim, noted, "sum");
		json_free(noted);
	}
	buf_release(&text);
	return found;
}

/* Each begins a line of its own, whatever a crash has left of the last one. */
static int add_note(const struct json *claim, const char *dir, const char *path, struct err *e)
{
	struct buf line = BUF_INIT;
	struct stat st;
	int fd = own_open(path, O_WRONLY | O_CREAT | O_APPEND, e);
	buf_addstr(&line, "\n");
	json_write(claim, false, &line);
	int rc = fd < 0 ? -1 : fstat(fd, &st) ? err_sys(e, errno, "cannot look at '%s'", path) : 0;
	bool full = !rc && st.st_size + (off_t)line.len > NOTES_MAX_BYTES;
	if (full && ftruncate(fd, 0))
		rc = err_sys(e, errno, "cannot empty '%s'", path);
	if (!rc && write_all(fd, line.data, line.len, e))
		rc = err_prefix(e, "'%s'", path);
	if (!rc && fsync(fd))
		rc = err_sys(e, errno, "cannot write '%s'", path);
	if (fd >= 0)
		close(fd);
	buf_release(&line);
	return rc ? -1 : sync_dir(dir, e);
}

int confirm_note(const char *state, const char *key, const char *text, struct err *e)
{
	struct json *claim = claim_of(text);
	char *dir = mem_printf("%s/nodes/%s", state, key), *path = notes_path(dir);
	int rc = in_notes(claim, path) ? 0 : add_note(claim, dir, path, e);
	free(path);
	free(dir);
	json_free(claim);
	return rc;
}

/* --- the config -------------------------------------------------------------------------------------------------- */

static bool is_engine_of(const struct node_conf *n, const char *engine)
{
	char at[ENGINE_MAX];
	struct err ignored;
	const struct kind *k = kind_of(n->kind);
	return !*engine || (k->engine_of && k->engine_of(n, at, sizeof at, &ignored) == 0 && strcmp(at, engine) == 0);
}

/* A config that is this user's or root's; a FIFO would wait for a writer. */
static bool in_config(const struct json *claim, const struct journal_entry *j)
{
	struct config c;
	struct err ignored;
	struct stat st;
	bool own = j->config[0] && stat(j->config, &st) == 0 && S_ISREG(st.st_mode) &&
		   (!st.st_uid || st.st_uid == geteuid());
	config_init(&c);
	const struct node_conf *now =
		own && config_open(&c, j->config, &ignored) == 0 ? config_node(&c, j->node) : NULL;
	struct json *how = now ? journal_how(&c, now) : NULL;
	bool same = how && is_said(json_get(claim, "how"), how) &&
		    is_engine_of(now, json_text(claim, "engine"));
	json_free(how);
	config_release(&c);
	return same;
}

static char *dir_of(const char *state, const struct json *how, const struct journal_entry *j)
{
	char *path = mem_strdup(json_text(how, "config")), *at = mem_strdup(json_str(json_get(how, "dir"), "/"));
	char *name = mem_strdup(j->node);
	const struct config c = {.path = *path ? path : NULL, .dir = at};
	const struct node_conf n = {.name = name};
	char *dir = record_dir(state, &c, &n);
	free(path);
	free(at);
	free(name);
	return dir;
}

static int refused(const struct json *how, const struct journal_entry *j, struct err *e)
{
	const char *run = json_str(json_at(json_get(how, "argv"), 0), json_str(json_get(how, "program"), NULL));
	char *at = url_public(*j->target.engine ? j->target.engine : json_text(how, "url"));
	err_runtime(e,
		    "its entry in the journal wants to %s '%.200s', which neither its config, '%s', nor an earlier "
		    "fault on the node did; put the config back as it was, or look at the node and give the fault "
		    "up with 'chaos-fault undo --forget %s'",
		    run ? "run" : "connect to", run ? run : at, j->config, j->uid);
	free(at);
	return -1;
}

int confirm_entry(const char *state, const char *text, const struct journal_entry *j, struct err *e)
{
	struct json *claim = claim_of(text);
	const struct json *how = json_get(claim, "how");
	char *dir = dir_of(state, how, j), *path = notes_path(dir);
	int rc = in_notes(claim, path) || in_config(claim, j) ? 0 : refused(how, j, e);
	free(path);
	free(dir);
	json_free(claim);
	return rc;
}

#include "programs/program.h"

#include "base/hash.h"
#include "base/suggest.h"
#include "base/units.h"
#include "sys/file.h"
#include "sys/own_file.h"
#include "sys/proc.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const int64_t describe_within_ns = 2 * NS_PER_S;

/* --- where they are ----------------------------------------------------------------- */

/* The end of the tree's path if own is build/bin or build/VARIANT/bin in it; else NULL. */
static const char *build_tree(const char *own)
{
	const char *build = NULL;
	for (const char *at = own; (at = strstr(at, "/build/")); at++)
		build = at;
	if (!build)
		return NULL;
	const char *in = build + strlen("/build/"), *slash = strchr(in, '/');
	return strcmp(slash ? slash + 1 : in, "bin") == 0 ? build : NULL;
}

static char *installed_folder(const char *what)
{
	char *own = proc_own_dir(), *dir = NULL;
	const char *build = own ? build_tree(own) : NULL;
	if (build)
		dir = mem_printf("%.*s/libexec/%s", (int)(build - own), own, what);
	else if (own)
		dir = mem_printf("%s/../libexec/chaos/%s", own, what);
	free(own);
	return dir;
}

/* The i-th folder; NULL behind the last. */
static char *folder_at(const char *what, size_t i)
{
	const char *rest = getenv("CHAOS_PATH");
	if (i == 0)
		return installed_folder(what);
	while (rest && *rest) {
		size_t len = strcspn(rest, ":");
		if (*rest == '/' && --i == 0)
			return mem_printf("%.*s/%s", (int)len, rest, what);
		rest += len + (rest[len] == ':');
	}
	return NULL;
}

static bool is_program(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* Of what could be run. */
static void suggest_from(const char *dir, const char *name, char **near)
{
	DIR *d = opendir(dir);
	for (struct dirent *de; d && (de = readdir(d));) {
		const char *best = *near;
		suggest(name, de->d_name, &best);
		char *path = best == *near ? NULL : mem_printf("%s/%s", dir, best);
		bool nearer = path && best[0] != '.' && is_program(path);
		free(path);
		if (!nearer)
			continue;
		free(*near);
		*near = mem_strdup(de->d_name);
	}
	if (d)
		closedir(d);
}

char *program_find(const char *what, const char *name, char **near)
{
	char *found = NULL, *dir;
	if (name[0] == '.' || strchr(name, '/'))
		return NULL;
	for (size_t i = 0; !found && (dir = folder_at(what, i)); i++) {
		char *path = mem_printf("%s/%s", dir, name);
		if (is_program(path))
			found = path;
		else
			free(path);
		if (!found && near)
			suggest_from(dir, name, near);
		free(dir);
	}
	return found;
}

/* --- what it is --------------------------------------------------------------------- */

static void sum_of(const struct buf *text, char sum[static PROGRAM_SUM_MAX])
{
	snprintf(sum, PROGRAM_SUM_MAX, "%016" PRIx64,
		 hash_fnv1a(HASH_FNV1A_START, text->data, text->len));
}

int program_sum(const char *path, char sum[static PROGRAM_SUM_MAX], struct buf *text, struct err *e)
{
	struct buf own = BUF_INIT, *to = text ? text : &own;
	int rc = file_read(path, to, e);
	sum_of(to, sum);
	buf_release(&own);
	return rc;
}

static char *copy_path(const char *state, const char *sum)
{
	return mem_printf("%s/programs/%s", state, sum);
}

char *program_copied(const char *state, const char *sum, struct err *e)
{
	char *path = copy_path(state, sum), now[PROGRAM_SUM_MAX];
	struct buf text = BUF_INIT;
	int rc = strchr(sum, '/') ? -1 : own_read(path, SIZE_MAX, &text, e);
	sum_of(&text, now);
	buf_release(&text);
	if (!rc && strcmp(now, sum) == 0)
		return path;
	err_runtime(e, "'%s', the copy of its program, is gone or not as it was", path);
	free(path);
	return NULL;
}

char *program_copy(const char *state, const char *path, const char *sum, struct err *e)
{
	struct buf text = BUF_INIT;
	char now[PROGRAM_SUM_MAX], *dir = mem_printf("%s/programs", state);
	struct err ignored;
	int rc = program_sum(path, now, &text, e);
	if (!rc && strcmp(now, sum) != 0)
		rc = err_usage(e, "'%s' has changed since it described itself", path);
	char *copy = rc ? NULL : program_copied(state, sum, &ignored);
	if (!rc && !copy) {
		copy = copy_path(state, sum);
		rc = make_dirs(dir, 0700, e) || file_replace(copy, text.data, text.len, 0700, e) ||
		     sync_dir(dir, e) || sync_dir(state, e);
	}
	free(dir);
	buf_release(&text);
	if (!rc)
		return copy;
	free(copy);
	return NULL;
}

/* --- what it says ------------------------------------------------------------------- */

struct call *program_describe(struct program *p, const char *path, struct err *e)
{
	const char *base = strrchr(path, '/') + 1;
	struct json *nothing = json_object_new();
	struct call *c = NULL;
	*p = (struct program){.name = mem_strdup(base), .path = mem_strdup(path)};
	if (program_sum(path, p->sum, NULL, e) == 0)
		c = call_new(path, "describe", nothing, describe_within_ns, -1, e);
	json_free(nothing);
	return c;
}

int program_described(struct program *p, struct call *c, struct err *e)
{
	struct err why = {0};
	int code = call_code(c, &why);
	p->described = code == 0 ? call_take_answer(c) : NULL;
	if (p->described)
		return 0;
	if (code == 0)
		err_runtime(&why, "it has written nothing");
	else
		call_err(c, &why);
	return err_usage(e, "'%s' does not describe itself: %.300s", p->path, why.msg);
}

void program_release(struct program *p)
{
	json_free(p->described);
	free(p->name);
	free(p->path);
	*p = (struct program){0};
}

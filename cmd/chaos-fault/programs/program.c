#include "programs/program.h"

#include "base/hash.h"
#include "base/suggest.h"
#include "base/units.h"
#include "sys/file.h"
#include "sys/own_file.h"
#include "sys/proc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const int64_t describe_within_ns = 2 * NS_PER_S;

/* --- where they are ----------------------------------------------------------------- */

/* The i-th folder; NULL behind the last. */
static char *folder_at(const char *what, size_t i)
{
	const char *rest = getenv("CHAOS_PATH");
	if (i == 0)
		return proc_libexec(what);
	while (rest && *rest) {
		size_t len = strcspn(rest, ":");
		if (*rest == '/' && --i == 0)
			return mem_printf("%.*s/%s", (int)len, rest, what);
		rest += len + (rest[len] == ':');
	}
	return NULL;
}

static const char *base_of(const char *path)
{
	return strrchr(path, '/') + 1;
}

char **program_list(const char *what, size_t *count)
{
	char **all = NULL, *dir;
	size_t alloc = 0;
	*count = 0;
	for (size_t i = 0; (dir = folder_at(what, i)); i++) {
		struct dirent **found;
		int n = scandir(dir, &found, NULL, alphasort);
		for (int k = 0; k < n; k++) {
			const char *name = found[k]->d_name;
			size_t at = 0;
			all = mem_grow(all, &alloc, *count, sizeof *all);
			all[*count] = mem_printf("%s/%s", dir, name);
			while (strcmp(base_of(all[at]), name) != 0)
				at++;
			if (at == *count && name[0] != '.' && proc_is_program(all[at]))
				++*count;
			else
				free(all[*count]);
			free(found[k]);
		}
		if (n >= 0)
			free(found);
		free(dir);
	}
	return all;
}

char *program_find(const char *what, const char *name, char **near)
{
	size_t count;
	char *found = NULL, **all = program_list(what, &count);
	const char *before = near ? *near : NULL, *best = before;
	for (size_t i = 0; i < count; i++) {
		suggest(name, base_of(all[i]), &best);
		if (strcmp(base_of(all[i]), name) == 0)
			found = mem_strdup(all[i]);
	}
	if (near && !found && best != before) {
		char *nearest = mem_strdup(best);
		free(*near);
		*near = nearest;
	}
	mem_free_texts(all, count);
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
	int rc = file_read(path, text, e);
	sum_of(text, sum);
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
	struct err why = {.sys_errno = ENOENT};
	int rc = strchr(sum, '/') ? -1 : own_read(path, SIZE_MAX, &text, &why);
	sum_of(&text, now);
	buf_release(&text);
	if (!rc && strcmp(now, sum) == 0)
		return path;
	if (rc && why.sys_errno != ENOENT)
		*e = why;
	else
		err_runtime(e, "'%s', the copy of its program, is gone or not as it was", path);
	free(path);
	return NULL;
}

int program_lock(const char *state, bool alone, struct err *e)
{
	struct flock all = {.l_type = alone ? F_WRLCK : F_RDLCK, .l_whence = SEEK_SET};
	char *path = mem_printf("%s/programs/.lock", state);
	int fd = own_open(path, O_RDWR | O_CREAT, e);
	if (fd >= 0 && fcntl(fd, F_OFD_SETLK, &all)) {
		int why = errno == EACCES ? EAGAIN : errno;
		err_sys(e, why, "cannot lock '%s'%s", path, why == EAGAIN ? ": another chaos-fault has it" : "");
		close(fd);
		fd = -1;
	}
	free(path);
	return fd;
}

int program_keep(const char *state, int *lock, struct err *e)
{
	char *dir = mem_printf("%s/programs", state);
	int rc = make_dirs(dir, 0700, e);
	if (!rc && *lock <= 0)
		*lock = program_lock(state, false, e);
	free(dir);
	return rc || *lock <= 0 ? -1 : 0;
}

void program_sweep(const char *state, bool (*needed)(const char *state, const char *sum))
{
	struct err ignored;
	char *dir = mem_printf("%s/programs", state);
	DIR *d = opendir(dir);
	int fd = d ? program_lock(state, true, &ignored) : -1;
	for (struct dirent *de; fd >= 0 && (de = readdir(d));)
		if (de->d_name[0] != '.' && !needed(state, de->d_name))
			unlinkat(dirfd(d), de->d_name, 0);
	if (fd >= 0)
		close(fd);
	if (d)
		closedir(d);
	free(dir);
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
		rc = file_replace(copy, text.data, text.len, 0700, e) || sync_dir(dir, e) ||
		     sync_dir(state, e);
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
	struct buf text = BUF_INIT;
	*p = (struct program){.name = mem_strdup(base), .path = mem_strdup(path)};
	if (program_sum(path, p->sum, &text, e) == 0)
		c = call_new(path, "describe", nothing, describe_within_ns, -1, e);
	json_free(nothing);
	buf_release(&text);
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

const char *program_lacks(const struct program *p, size_t *at)
{
	const struct json *needs = json_get(p->described, "needs");
	while (*at < json_count(needs)) {
		const char *need = json_str(json_at(needs, (*at)++), "");
		if (!proc_can_run(need, getenv("PATH")))
			return need;
	}
	return NULL;
}

int program_needs(const struct program *p, struct err *e)
{
	const char *need = program_lacks(p, &(size_t){0});
	return need ? err_usage(e, "needs '%.80s', which cannot run", need) : 0;
}

void program_release(struct program *p)
{
	json_free(p->described);
	free(p->name);
	free(p->path);
	*p = (struct program){0};
}

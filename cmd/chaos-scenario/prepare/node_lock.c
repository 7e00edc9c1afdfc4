#include "prepare/node_lock.h"

#include "base/buf.h"
#include "base/hash.h"
#include "sys/file.h"
#include "sys/lock.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_SIZE = 80 }; /* a run id has 64 at most */

/* Of where the config is. */
static uint64_t hash_of(const struct config *c)
{
	const char *where = c->path ? c->path : c->dir;
	return hash_fnv1a(HASH_FNV1A_START, where, strlen(where));
}

static char *folder(struct err *e)
{
	char *state = state_dir(getenv("XDG_STATE_HOME"), getenv("HOME"), e);
	char *dir = state ? mem_printf("%s/runs", state) : NULL;
	free(state);
	return dir;
}

static char *lock_path(const char *dir, const struct options *o, const struct config *c)
{
	return mem_printf("%s/%016" PRIx64 "-%s.lock", dir, hash_of(c), conf_mode_name(o->mode));
}

static int err_taken(struct err *e, const char *run, pid_t holder)
{
	return holder > 0
		       ? err_usage(e, "another run, '%s', is using these nodes (pid %d)", run,
				   (int)holder)
		       : err_usage(e,
				   "another run, '%s', in another pid namespace, is using these "
				   "nodes",
				   run);
}

int node_lock_check(const struct options *o, const struct config *c, struct err *e)
{
	char run[WORDS_SIZE], *dir = folder(e);
	if (!dir)
		return -1;
	char *path = lock_path(dir, o, c);
	pid_t holder = lock_holder(path, run, sizeof run);
	free(path);
	free(dir);
	return holder ? err_taken(e, run, holder) : 0;
}

int node_lock_take(const struct options *o, const struct config *c, struct err *e)
{
	char run[WORDS_SIZE], *dir = folder(e);
	pid_t holder = 0;
	if (!dir)
		return -1;
	char *path = lock_path(dir, o, c);
	int fd = make_dirs(dir, 0700, e) ? -1 : lock_take(path, o->run_id, &holder, e);
	if (holder) {
		lock_holder(path, run, sizeof run);
		err_taken(e, run, holder);
	}
	free(path);
	free(dir);
	return fd;
}

#include "prepare/node_lock.h"

#include "base/buf.h"
#include "base/hash.h"
#include "sys/file.h"
#include "sys/lock.h"

#include <inttypes.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>

static const struct lock_said taken = {"another run, '", "', is using these nodes"};

/* Of where the config is. */
static uint64_t hash_of(const struct config *c)
{
	const char *where = c->path ? c->path : c->dir;
	return hash_fnv1a(HASH_FNV1A_START, where, strlen(where));
}

static char *lock_path(const struct options *o, const struct config *c, struct err *e)
{
	char *state = state_dir(getenv("XDG_STATE_HOME"), getenv("HOME"), e);
	char *path = !state ? NULL
			    : mem_printf("%s/runs/%016" PRIx64 "-%s.lock", state, hash_of(c),
					 conf_mode_name(o->mode));
	free(state);
	return path;
}

int node_lock_check(const struct options *o, const struct config *c, struct err *e)
{
	char *path = lock_path(o, c, e);
	int rc = path ? lock_check(path, &taken, e) : -1;
	free(path);
	return rc;
}

int node_lock_take(const struct options *o, const struct config *c, struct err *e)
{
	char *path = lock_path(o, c, e), *dir = path ? mem_strdup(path) : NULL;
	int fd = -1;
	if (path && make_dirs(dirname(dir), 0700, e) == 0)
		fd = lock_take(path, o->run_id, &taken, e);
	free(path);
	free(dir);
	return fd;
}

#include "prepare/node_lock.h"

#include "base/buf.h"
#include "base/hash.h"
#include "sys/file.h"
#include "sys/lock.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct lock_said taken = {"another run, '", "', is using these nodes"};

/* Of where the config is. */
static uint64_t hash_of(const struct config *c)
{
	const char *where = c->path ? c->path : c->dir;
	return hash_fnv1a(HASH_FNV1A_START, where, strlen(where));
}

static int lock_mode(const struct config *c, const char *mode, const char *run_id, int *fd, struct err *e)
{
	char *state = state_dir(getenv("XDG_STATE_HOME"), getenv("HOME"), e);
	if (!state)
		return -1;
	char *dir = mem_printf("%s/runs", state);
	char *path = mem_printf("%s/%016" PRIx64 "-%s.lock", dir, hash_of(c), mode);
	int rc = run_id ? make_dirs(dir, 0700, e) : lock_check(path, &taken, e);
	if (!rc && run_id)
		rc = (*fd = lock_take(path, run_id, &taken, e)) < 0 ? -1 : 0;
	free(path);
	free(dir);
	free(state);
	return rc;
}

int node_lock(const struct plan *p, const char *run_id, int *fds, struct err *e)
{
	bool used[NODE_LOCKS] = {false};
	int rc = 0;
	for (size_t i = 0; i < p->nodes.count; i++)
		used[p->nodes.nodes[i]->via ? MODE_PROXY : p->nodes.nodes[i]->mode] = used[p->nodes.nodes[i]->mode] = true;
	for (size_t m = 0; m < NODE_LOCKS && !rc; m++)
		if (used[m])
			rc = lock_mode(p->config, conf_mode_name((enum conf_mode)m), run_id, &fds[m], e);
	return rc;
}

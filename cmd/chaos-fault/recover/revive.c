#include "recover/revive.h"

#include "node/record.h"

#include <stdlib.h>

bool revive_due(const char *state, const struct kept *kept, struct kept_entry *mine,
		const struct journal_entry *j)
{
	struct config c;
	struct err ignored;
	struct proc_id now = {0};
	config_init(&c);
	const struct node_conf *proxy =
		journal_config(state, kept, j, &c, &ignored) ? NULL : config_node(&c, VIA_PROXY);
	char *dir = proxy ? record_dir(state, &c, proxy) : NULL;
	if (dir)
		now = record_load(dir, j->world);
	/* By whom it is run cannot be read: it is known still from the last look. */
	bool damaged = dir && !now.pid && record_readable(dir, &ignored);
	free(dir);
	config_release(&c);
	if (!now.pid) /* else taken down */
		return damaged && mine->proxy.pid && !proc_alive(&mine->proxy);
	bool other = mine->proxy.pid &&
		     (mine->proxy.pid != now.pid || mine->proxy.start_ticks != now.start_ticks);
	mine->proxy = now;
	return other || !proc_alive(&now);
}

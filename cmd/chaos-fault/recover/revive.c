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
	free(dir);
	config_release(&c);
	if (!now.pid) /* taken down */
		return false;
	bool other = mine->proxy.pid &&
		     (mine->proxy.pid != now.pid || mine->proxy.start_ticks != now.start_ticks);
	mine->proxy = now;
	return other || !proc_alive(&now);
}

/* The first process of a container, as this machine sees it. */
#include "base/buf.h"
#include "node_kinds/container/container.h"
#include "sys/file.h"

#include <stdio.h>
#include <string.h>

/* The engine may live in another pid namespace, or on another machine: the container's id stands in
 * the cgroup of its process, or in the sources of its mounts. */
void container_process(const char *id, pid_t pid, struct proc_id *out)
{
	static const char *const files[] = {"cgroup", "mountinfo"};
	struct proc_id found = {0};
	struct err ignored;
	bool its_own = false;
	if (proc_identify(pid, &found, &ignored))
		return;
	for (size_t i = 0; i < ARRAY_LEN(files) && !its_own; i++) {
		struct buf text = BUF_INIT;
		char path[48];
		snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, files[i]);
		its_own = file_read(path, &text, &ignored) == 0 && strstr(text.data, id);
		buf_release(&text);
	}
	if (its_own && proc_alive(&found))
		*out = found;
}

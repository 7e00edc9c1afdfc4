/* config.yaml and scenarios: what is wrong is told with its place. The first byte says which of them. */
#include "base/buf.h"
#include "conf/config.h"
#include "conf/scenario.h"
#include "fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int as_config(const char *text, size_t len, struct err *e)
{
	struct config c;
	int fd = memfd_create("config.yaml", MFD_CLOEXEC);
	char *path = mem_printf("/proc/self/fd/%d", fd);
	MUST(fd >= 0 && write(fd, text, len) == (ssize_t)len);
	config_init(&c);
	int rc = config_load(&c, path, e);
	for (size_t i = 0; !rc && i < c.node_count; i++)
		MUST(config_node(&c, c.nodes[i].name));
	config_release(&c);
	free(path);
	close(fd);
	return rc;
}

static int as_scenario(const char *text, size_t len, struct err *e)
{
	struct scenario s = {0};
	int rc = scenario_parse(&s, text, len, "x.yaml", e);
	MUST(rc || (s.name && s.phase_count > 0 && s.duration_ns > 0));
	scenario_release(&s);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = {0};
	const char *text = (const char *)data + 1;
	if (size && (data[0] & 1 ? as_scenario : as_config)(text, size - 1, &e))
		MUST(e.code == EXIT_USAGE && *e.msg);
	return 0;
}

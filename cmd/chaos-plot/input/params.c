#include "input/params.h"

#include "conf/config.h"
#include "run/run.h"
#include "sys/file.h"

#include <stdlib.h>

int params_read(const struct options *o, struct detect_params *p, struct err *e)
{
	struct config c;
	*p = (struct detect_params)DETECT_DEFAULTS;
	char *copy = o->run_id ? run_path(o->runs_dir, o->run_id, "config.yaml") : NULL;
	const char *path = o->config ? o->config : copy && file_exists(copy) ? copy : NULL;
	config_init(&c);
	int rc = config_open(&c, path, e);
	if (!rc) {
		p->throughput_drop = c.throughput_drop_threshold;
		p->error_rate = c.error_rate_threshold;
		p->warmup_s = o->warmup_ignore_s >= 0 ? o->warmup_ignore_s : c.warmup_ignore_s;
	}
	config_release(&c);
	free(copy);
	return rc;
}

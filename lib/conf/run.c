#include "conf/run.h"

#include "base/buf.h"
#include "base/name.h"

#include <string.h>

int run_id_check_read(const char *id, struct err *e)
{
	if (!name_is_plain(id) || strcmp(id, ".") == 0 || strcmp(id, "..") == 0)
		return err_usage(e, "'%s' is no run id: 1 to 64 of A-Z a-z 0-9 . _ -", id);
	return 0;
}

int run_id_check(const char *id, struct err *e)
{
	if (run_id_check_read(id, e))
		return -1;
	if (strcmp(id, "latest") == 0)
		return err_usage(e, "'latest' is no run id: it names the last run");
	return 0;
}

char *run_path(const char *runs_dir, const char *id, const char *file)
{
	return file ? mem_printf("%s/%s/%s", runs_dir, id, file)
		    : mem_printf("%s/%s", runs_dir, id);
}

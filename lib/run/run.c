#include "run/run.h"

#include "base/buf.h"
#include "base/text.h"
#include "base/suggest.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

int run_id_check_read(const char *id, struct err *e)
{
	if (strlen(id) > NAME_LETTERS_MAX)
		return err_usage(e, "'%.80s' is not a run id: it has %zu characters, at most %d are allowed", id,
				 strlen(id), NAME_LETTERS_MAX);
	if (!name_is_plain(id) || strcmp(id, ".") == 0 || strcmp(id, "..") == 0)
		return err_usage(e, "'%s' is not a run id: 1 to 64 of A-Z a-z 0-9 . _ -", id);
	return 0;
}

int run_id_check(const char *id, struct err *e)
{
	if (run_id_check_read(id, e))
		return -1;
	if (strcmp(id, "latest") == 0)
		return err_usage(e, "'latest' is not a run id: it names the last run");
	return 0;
}

char *run_path(const char *runs_dir, const char *id, const char *file)
{
	return file ? mem_printf("%s/%s/%s", runs_dir, id, file)
		    : mem_printf("%s/%s", runs_dir, id);
}

int run_err_none(const char *runs_dir, const char *id, struct err *e)
{
	const char *near = NULL;
	char *kept = NULL; /* readdir reuses the memory of the entry */
	DIR *d = opendir(runs_dir);
	if (!d)
		return err_usage(e, "no run '%s': there is no folder '%s'", id, runs_dir);
	for (struct dirent *entry; (entry = readdir(d));) {
		if (entry->d_name[0] == '.')
			continue;
		suggest(id, entry->d_name, &near);
		if (near == entry->d_name) {
			free(kept);
			near = kept = mem_strdup(near);
		}
	}
	closedir(d);
	err_usage(e, "no run '%s' in '%s'%s%s%s", id, runs_dir, SUGGESTED(near, ""));
	free(kept);
	return -1;
}

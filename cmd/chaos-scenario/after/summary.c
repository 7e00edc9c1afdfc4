#include "after/summary.h"

#include "report/report.h"
#include "stream/json.h"
#include "sys/file.h"

#include <stdlib.h>

static void say_files(const struct rundir *d, struct progress *p)
{
	static const char *const names[] = {"report.md", "throughput.png", "compare.png",
					    "analysis.json"};
	struct buf text = BUF_INIT;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char *path = rundir_file(d, names[i]);
		if (file_exists(path))
			buf_addf(&text, " %s", names[i]);
		free(path);
	}
	if (text.len)
		progress_say(p, "look at '%s':%s", d->path, text.data);
	buf_release(&text);
}

void findings_print(const struct rundir *d, struct progress *p)
{
	struct err e;
	struct buf text = BUF_INIT;
	char *path = rundir_file(d, "analysis.json");
	if (file_exists(path) && file_read(path, &text, &e) == 0) {
		struct json *a = json_parse(text.data, text.len, path, &e);
		char *line = a ? report_line(a) : NULL;
		if (line)
			progress_say(p, "%s", line);
		free(line);
		json_free(a);
	}
	free(path);
	buf_release(&text);
	say_files(d, p);
}

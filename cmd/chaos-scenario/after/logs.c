#include "after/logs.h"

#include "base/buf.h"
#include "base/text.h"
#include "base/units.h"
#include "net/curl/engine_logs.h"
#include "stream/event.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { LOG_BYTES_MAX = 1 << 20 };

/* A log that has grown large starts anew: then its beginning is gone. */
static int copy(const char *log, off_t from, const char *to, struct err *e)
{
	struct buf text = BUF_INIT;
	int fd = open(log, O_RDONLY | O_CLOEXEC);
	off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
	if (size < from)
		from = 0;
	if (size - from > LOG_BYTES_MAX)
		from = size - LOG_BYTES_MAX;
	int rc = size < 0 || lseek(fd, from, SEEK_SET) < 0 ? err_sys(e, errno, "cannot read '%s'", log)
							   : fd_read_all(fd, log, &text, e);
	rc = rc ? rc : file_replace(to, text.data, text.len, 0600, e);
	if (fd >= 0)
		close(fd);
	buf_release(&text);
	return rc;
}

/* Of a container, its engine has kept it. */
static int fetch(const struct event *ev, double since_s, const char *to, struct err *e)
{
	struct buf text = BUF_INIT;
	const char *at = json_str(json_get(ev->json, "engine"), NULL), *id = json_text(ev->json, "container");
	int rc = engine_logs(at, id, since_s, LOG_BYTES_MAX, 5 * NS_PER_S, &text, e);
	if (!rc)
		rc = file_replace(to, text.len ? text.data : "", text.len, 0600, e);
	buf_release(&text);
	return rc;
}

int logs_keep(const struct rundir *d, struct err *e)
{
	struct buf text = BUF_INIT;
	struct event_log events = {0};
	char *path = rundir_file(d, "events.jsonl"), *folder = rundir_file(d, "logs");
	int rc = file_read(path, &text, e);
	if (!rc)
		event_log_parse(&events, text.data, text.len);
	for (size_t i = 0; i < events.count; i++) {
		const struct event *ev = &events.events[i];
		const char *log = json_str(json_get(ev->json, "log"), NULL), *engine = json_str(json_get(ev->json, "engine"), NULL);
		if (ev->kind != EVENT_NODE_READY || (!log && !engine) || !ev->node || !name_is_plain(ev->node))
			continue;
		char *to = mem_printf("%s/%s.log", folder, ev->node);
		if (!file_exists(to) && /* from its first start on */
		    (make_dirs(folder, 0755, e) ||
		     (log ? copy(log, (off_t)json_num(json_get(ev->json, "log_from"), 0), to, e)
			  : fetch(ev, events.events[0].t, to, e))))
			rc = -1;
		free(to);
	}
	event_log_release(&events);
	buf_release(&text);
	free(folder);
	free(path);
	return rc;
}

#include "requests/replay.h"

#include "base/buf.h"
#include "base/units.h"
#include "cli/diag.h"
#include "csv/csv.h"
#include "plan/schedule.h"
#include "sys/file.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static int by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

/* Sorts the times, makes the first one 0 and divides them by speed. */
static int finish(struct times *t, double speed, struct err *e)
{
	qsort(t->at_ns, t->count, sizeof *t->at_ns, by_time);
	int64_t first = t->at_ns[0], last_ns = t->at_ns[t->count - 1] - first;
	if ((double)last_ns / speed > (double)SCHEDULE_LENGTH_MAX_NS)
		return err_usage(e,
				 "its last row would be due %.0f s after the first, and a schedule "
				 "has %.0f s at most",
				 ns_to_s(last_ns) / speed, ns_to_s(SCHEDULE_LENGTH_MAX_NS));
	for (size_t i = 0; i < t->count; i++) {
		int64_t since = t->at_ns[i] - first;
		t->at_ns[i] = speed > 1 || speed < 1 ? (int64_t)((double)since / speed) : since;
	}
	return 0;
}

static int take_rows(struct csv *c, struct times *t, struct err *e)
{
	struct csv_row row;
	enum csv_result got;
	unsigned long long lost = 0, unread;
	while ((got = csv_next(c, &row, e)) == CSV_ROW) {
		lost += row.kind == CSV_LOST;
		if (row.kind == CSV_LOST)
			continue;
		t->at_ns = mem_grow(t->at_ns, &t->alloc, t->count, sizeof *t->at_ns);
		t->at_ns[t->count++] = row.due_ns;
	}
	if (got == CSV_AGAIN)
		return err_sys(e, EAGAIN, "cannot read '%s'", c->name);
	if (got == CSV_ERROR)
		return file_err_named(e);
	unread = c->bad + c->torn;
	if (c->bad * 100 > c->rows + c->bad)
		return err_usage(e, "%s: line %llu: %s", c->name, (unsigned long long)c->first_bad,
				 c->bad_reason);
	if (!t->count)
		return err_usage(e, "%s: it has no rows to replay", c->name);
	if (lost)
		diag("%s lost rows in %llu places, which are not replayed", c->name, lost);
	if (unread)
		diag("%s: %llu rows could not be read and are not replayed: line %llu: %s", c->name,
		     unread, (unsigned long long)(c->bad ? c->first_bad : c->line + 1),
		     c->bad ? c->bad_reason : "it has no end");
	return 0;
}

int replay_read(struct times *t, const char *path, double speed, struct err *e)
{
	struct csv c;
	*t = (struct times){0};
	int fd = file_open(path, e);
	if (fd < 0)
		return -1;
	csv_init(&c, fd, path);
	c.times_only = true;
	int rc = take_rows(&c, t, e);
	csv_release(&c);
	close(fd);
	if (!rc && finish(t, speed, e))
		rc = err_prefix(e, "%s", path);
	return rc;
}

void times_release(struct times *t)
{
	free(t->at_ns);
	*t = (struct times){0};
}

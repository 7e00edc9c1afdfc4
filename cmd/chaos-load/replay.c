#include "replay.h"

#include "base/buf.h"
#include "cli/diag.h"
#include "sys/file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROW_MAX = 1 << 16 };

static bool quotes_are_even(const char *s, size_t len)
{
	bool even = true;
	for (const char *at = s; (at = memchr(at, '"', len - (size_t)(at - s))); at++)
		even = !even;
	return even;
}

/* Adds lines to row until what is quoted in it is whole. Returns false at the end of the file. */
static bool next_row(FILE *f, char **line, size_t *alloc, struct buf *row)
{
	ssize_t len;
	buf_reset(row);
	while (row->len < ROW_MAX && (len = getline(line, alloc, f)) >= 0) {
		buf_add(row, *line, (size_t)len);
		if (row->data[row->len - 1] != '\n')
			buf_addch(row, '\n');
		if (quotes_are_even(row->data, row->len))
			return true;
	}
	return row->len > 0;
}

static int read_rows(FILE *f, struct times *t, struct err *e)
{
	struct buf row = BUF_INIT;
	char *line = NULL;
	size_t alloc = 0;
	int rc = 0;
	while (!rc && next_row(f, &line, &alloc, &row))
		rc = times_line(t, row.data, row.len, e);
	if (!rc && ferror(f)) {
		err_sys(e, errno, "cannot read it");
		rc = file_err_named(e);
	}
	if (!rc && !t->count)
		rc = err_usage(e, "there is no row in it");
	free(line);
	buf_release(&row);
	return rc;
}

int replay_read(struct times *t, const char *path, double speed, struct err *e)
{
	*t = (struct times){0};
	int fd = file_open(path, e);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	if (!f)
		return fd < 0 ? -1 : err_sys(e, errno, "cannot read '%s'", path);
	int rc = read_rows(f, t, e);
	fclose(f);
	if (rc)
		return err_prefix(e, "%s", path);
	if (t->lost)
		diag("%s lost rows in %llu places, which are not replayed", path,
		     (unsigned long long)t->lost);
	times_finish(t, speed);
	return 0;
}

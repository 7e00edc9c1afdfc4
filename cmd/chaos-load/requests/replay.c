#include "requests/replay.h"

#include "base/buf.h"
#include "cli/diag.h"
#include "plan/schedule.h"
#include "sys/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROW_MAX = 1 << 16 };

/* Adds lines to text until it begins with a whole row: its length. 0 where there is none, since a
 * quoted field in the first line has no end, or at the end of the file, where text is empty. */
static size_t next_row(FILE *f, char **line, size_t *alloc, struct buf *text)
{
	for (;;) {
		size_t row = text->len ? times_row(text->data, text->len) : 0;
		if (row || text->len >= ROW_MAX)
			return row;
		ssize_t len = getline(line, alloc, f);
		if (len < 0)
			return 0;
		buf_add(text, *line, (size_t)len);
		if (text->data[text->len - 1] != '\n')
			buf_addch(text, '\n');
	}
}

/* Where a row is not whole, its first line is passed over, and no more. */
static int take_rows(FILE *f, struct times *t, struct buf *text, struct err *e)
{
	char *line = NULL;
	size_t alloc = 0, len;
	int rc = 0;
	while (!rc && ((len = next_row(f, &line, &alloc, text)) || text->len)) {
		rc = len ? times_line(t, text->data, len, e) : times_torn(t, e);
		if (!len)
			len = (size_t)((char *)memchr(text->data, '\n', text->len) - text->data) + 1;
		buf_consume(text, len);
	}
	free(line);
	return rc;
}

static int read_rows(FILE *f, struct times *t, struct err *e)
{
	struct buf text = BUF_INIT;
	int rc = take_rows(f, t, &text, e);
	if (!rc && ferror(f)) {
		err_sys(e, errno, "cannot read it");
		rc = file_err_named(e);
	}
	if (!rc && !t->count)
		rc = err_usage(e, "there is no row in it");
	buf_release(&text);
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
	if (!rc)
		rc = times_finish(t, speed, SCHEDULE_LENGTH_MAX_NS, e);
	if (rc)
		return err_prefix(e, "%s", path);
	if (t->lost)
		diag("%s lost rows in %llu places, which are not replayed", path,
		     (unsigned long long)t->lost);
	if (t->torn)
		diag("%s has %llu line%s with a quote that is not closed, which %s not replayed", path,
		     (unsigned long long)t->torn, t->torn == 1 ? "" : "s",
		     t->torn == 1 ? "is" : "are");
	return 0;
}

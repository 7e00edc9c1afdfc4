#include "net/urls.h"

#include "base/buf.h"
#include "base/num.h"
#include "base/text.h"
#include "sys/file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int read_text(const char *where, struct buf *text, struct err *e)
{
	int64_t fd;
	if (strncmp(where, "fd:", 3) != 0)
		return file_read(where, text, e);
	if (num_i64(where + 3, 0, INT32_MAX, &fd))
		return err_usage(e, "'%s' names no descriptor", where);
	if (fcntl((int)fd, F_GETFD) < 0)
		return err_usage(e, "descriptor %d is not open", (int)fd);
	int rc = fd_read_all((int)fd, where, text, e);
	if (fd > 2)
		close((int)fd);
	return rc;
}

static char *trimmed(char *line)
{
	static const char blanks[] = " \t\r";
	line += strspn(line, blanks);
	size_t len = strlen(line);
	while (len && strchr(blanks, line[len - 1]))
		line[--len] = '\0';
	return line;
}

static int split(struct urls *u, size_t alloc, struct err *e)
{
	size_t before = u->count;
	for (char *next = u->text, *line; (line = strsep(&next, "\n"));) {
		line = trimmed(line);
		if (!*line || *line == '#')
			continue;
		u->items = mem_grow(u->items, &alloc, u->count, sizeof *u->items);
		u->items[u->count++] = line;
	}
	return u->count > before ? 0 : err_usage(e, "there is no URL in it");
}

int urls_read(struct urls *u, const char *const *given, size_t count, const char *where, struct err *e)
{
	struct buf text = BUF_INIT;
	size_t alloc = count + 1;
	*u = (struct urls){.items = mem_alloc(alloc * sizeof *u->items)};
	for (; u->count < count; u->count++)
		u->items[u->count] = given[u->count];
	if (!where)
		return 0;
	int rc = read_text(where, &text, e);
	buf_consume(&text, utf8_mark_length(text.data, text.len));
	if (!rc && strlen(text.data) != text.len)
		rc = err_usage(e, "it holds a NUL byte; it is no text");
	u->text = buf_detach(&text);
	if (!rc)
		rc = split(u, alloc, e);
	return rc ? err_prefix(e, "--urls '%s'", where) : 0;
}

void urls_release(struct urls *u)
{
	if (u->text)
		explicit_bzero(u->text, strlen(u->text));
	free(u->text);
	free(u->items);
	*u = (struct urls){0};
}

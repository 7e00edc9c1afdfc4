#include "cli/diag.h"

#include "base/plain.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *program = "chaos";

void diag_program(const char *name)
{
	program = name;
}

/* What clears a terminal from the cursor on: the rest of a line of progress, whose writer leaves the
 * cursor in the first column. */
#define clear_line "\x1b[K"

/* One write per line, so that lines of several processes do not mix. */
void diag(const char *fmt, ...)
{
	char line[1024];
	const char *end = isatty(STDERR_FILENO) ? clear_line "\n" : "\n";
	size_t size = sizeof line - strlen(end);
	int n = snprintf(line, size, "%s: ", program);
	va_list ap;
	va_start(ap, fmt);
	int m = vsnprintf(line + n, size - (size_t)n, fmt, ap);
	va_end(ap);
	if (m < 0)
		return;
	plain_line(line); /* whatever the user's text in it holds */
	strcat(line, end);
	ssize_t written = write(STDERR_FILENO, line, strlen(line));
	(void)written; /* stderr is gone */
}

void diag_clear_line(void)
{
	ssize_t written = 0;
	if (isatty(STDERR_FILENO))
		written = write(STDERR_FILENO, clear_line, strlen(clear_line));
	(void)written;
}

int diag_err(const struct err *e)
{
	diag("%s", e->msg);
	return e->code;
}

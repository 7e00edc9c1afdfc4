#include "cli/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static const char *program = "chaos";

void diag_program(const char *name)
{
	program = name;
}

/* One write per line, so that lines of several processes do not mix. */
void diag(const char *fmt, ...)
{
	char line[1024];
	int n = snprintf(line, sizeof line, "%s: ", program);
	va_list ap;
	va_start(ap, fmt);
	int m = vsnprintf(line + n, sizeof line - (size_t)n - 1, fmt, ap);
	va_end(ap);
	if (m < 0)
		return;
	size_t len = (size_t)n + (size_t)m;
	if (len > sizeof line - 2)
		len = sizeof line - 2;
	for (size_t i = 0; i < len; i++) /* one line, whatever a user's text in it holds */
		if ((unsigned char)line[i] < ' ' || line[i] == 127)
			line[i] = ' ';
	line[len++] = '\n';
	ssize_t written = write(STDERR_FILENO, line, len);
	(void)written; /* stderr is gone */
}

int diag_err(const struct err *e)
{
	diag("%s", e->msg);
	return e->code;
}

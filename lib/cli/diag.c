#include "cli/diag.h"

#include "base/text.h"
#include "sys/nonblock.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* How long is waited for a reader that is only slow, once. */
enum { SLOW_READER_MS = 100 };

static struct {
	const char *name, *about;
	bool never_wait;
	int lost; /* lines since the last that was written */
} program = {.name = "chaos"};

void diag_program(const char *name)
{
	program.name = name;
}

void diag_about(const char *what)
{
	program.about = what;
}

/* Between a look for room and the write another process may fill the pipe, and children wait as well: all have a
 * descriptor that never does, in place of the one that was given. A socket cannot be opened anew. */
void diag_never_wait(void)
{
	struct nonblock n;
	nonblock_init(&n, STDERR_FILENO);
	if (n.own_fd)
		dup2(n.fd, STDERR_FILENO);
	nonblock_release(&n);
	program.never_wait = true;
}

bool diag_writable(void)
{
	struct pollfd p = {.fd = STDERR_FILENO, .events = POLLOUT};
	return !program.never_wait || poll(&p, 1, program.lost ? 0 : SLOW_READER_MS) > 0;
}

/* What clears a terminal from the cursor on: the rest of a line or block of progress, whose writer leaves the
 * cursor in the first column. */
#define clear_line "\x1b[J"

/* False if there was no room: stderr may be one that never waits, given to this program or made so. */
static bool write_now(const char *text, size_t len)
{
	struct pollfd p = {.fd = STDERR_FILENO, .events = POLLOUT};
	bool full = write(STDERR_FILENO, text, len) < 0 && errno == EAGAIN; /* else it went, or stderr is gone */
	if (full && !program.never_wait && poll(&p, 1, program.lost ? 0 : SLOW_READER_MS) > 0)
		full = write(STDERR_FILENO, text, len) < 0 && errno == EAGAIN;
	return !full;
}

__attribute__((format(printf, 1, 0))) static bool write_line(const char *fmt, va_list ap)
{
	char line[1024];
	const char *end = isatty(STDERR_FILENO) ? clear_line "\n" : "\n";
	size_t size = sizeof line - strlen(end);
	int n = snprintf(line, size, "%s: %s%s", program.name, program.about ? program.about : "",
			 program.about ? ": " : "");
	int m = vsnprintf(line + n, size - (size_t)n, fmt, ap);
	if (m < 0)
		return true;
	plain_line(line); /* whatever the user's text in it holds */
	memcpy(line + strlen(line), end, strlen(end) + 1);
	return write_now(line, strlen(line));
}

void diag_clear_line(void)
{
	if (isatty(STDERR_FILENO) && diag_writable())
		write_now(clear_line, strlen(clear_line));
}

/* One write per line, so that lines of several processes do not mix. */
void diag(const char *fmt, ...)
{
	va_list ap;
	if (!diag_writable()) {
		program.lost++;
		return;
	}
	int lost = program.lost;
	program.lost = 0;
	if (lost)
		diag("%d messages were not read in time and are lost", lost);
	if (program.lost) {
		program.lost = lost + 1;
		return;
	}
	va_start(ap, fmt);
	if (!write_line(fmt, ap))
		program.lost++;
	va_end(ap);
}

size_t diag_columns(size_t otherwise)
{
	struct winsize size;
	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : otherwise;
}

size_t diag_rows(size_t otherwise)
{
	struct winsize size;
	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row ? size.ws_row : otherwise;
}

int diag_err(const struct err *e)
{
	diag("%s", e->msg);
	return e->code;
}

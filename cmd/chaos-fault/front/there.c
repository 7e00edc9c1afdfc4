#include "front/there.h"

#include "base/buf.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONFIG_MAX_BYTES = 16 << 20 };

/* Reads exactly len bytes: what follows is for others to read. */
static int read_exactly(char *to, size_t len, struct err *e)
{
	while (len) {
		ssize_t n = read(STDIN_FILENO, to, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? err_sys(e, errno, "standard input")
				 : err_runtime(e, "the link ended before the config had come");
		to += n;
		len -= (size_t)n;
	}
	return 0;
}

static int read_line(char *line, size_t size, struct err *e)
{
	for (size_t i = 0; i < size; i++) {
		if (read_exactly(line + i, 1, e))
			return -1;
		if (line[i] == '\n') {
			line[i] = '\0';
			return 0;
		}
	}
	return err_usage(e, "--there: a line before the commands is too long");
}

static int take_config(struct config *c, const char *line, struct err *e)
{
	char here[PATH_MAX], *end;
	const char *size = line + strlen("config ");
	unsigned long len = strncmp(line, "config ", 7) == 0 ? strtoul(size, &end, 10) : 0;
	if (!len || len > CONFIG_MAX_BYTES || *end != ' ')
		return err_usage(e, "--there: standard input has no config");
	if (!getcwd(here, sizeof here))
		return err_sys(e, errno, "cannot find the working directory");
	char *text = mem_alloc(len);
	int rc = read_exactly(text, len, e) || config_take(c, text, len, end + 1, here, e) ? -1 : 0;
	free(text);
	return rc;
}

int there_open(struct config *c, struct emitter *r, struct err *e)
{
	char line[PATH_MAX + 64];
	if (read_line(line, sizeof line, e) || take_config(c, line, e))
		return -1;
	for (;;) {
		if (read_line(line, sizeof line, e))
			return -1;
		if (strcmp(line, "go") == 0)
			return 0;
		if (strcmp(line, "clock") == 0)
			emit_clock(r, false);
	}
}

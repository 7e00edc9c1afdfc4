/* Runs the chaos-analyze beside this program, so that every program says of a run what the
 * analysis says. */
#ifndef RUN_ASK_H
#define RUN_ASK_H

#include "base/buf.h"
#include "base/err.h"
#include "stream/json.h"

enum { ASK_ARGS_MAX = 32 };

struct ask {
	int in_fd;  /* the stdin of chaos-analyze; -1: none */
	int err_fd; /* its stderr; -1: the last line of it becomes the message of an error */
	const char *args[ASK_ARGS_MAX]; /* filled by ask_option and ask_analyze */
	size_t count;
};

/* Adds an option and its value, which must outlive a; nothing if the value is NULL. Last, "--"
 * and an operand. */
void ask_option(struct ask *a, const char *name, const char *value);

void ask_flag(struct ask *a, const char *name); /* an option without a value */

/* Appends the analysis, as JSON text, and the lines of --windows-to unless windows is NULL. -1
 * with the exit code of chaos-analyze in e; e->msg is empty if chaos-analyze has told the reason
 * on err_fd. Exit codes 1 and 3 with an analysis are no errors. */
int ask_analyze(struct ask *a, struct buf *analysis, struct buf *windows, struct err *e);

/* Parses an analysis; name is for messages. NULL with EXIT_USAGE for any other text. */
struct json *analysis_parse(const struct buf *text, const char *name, struct err *e);

#endif

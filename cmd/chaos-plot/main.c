#include "base/buf.h"
#include "cli/diag.h"
#include "options.h"
#include "plot.h"
#include "sys/file.h"
#include "sys/sig.h"

#include <errno.h>
#include <unistd.h>

/* The script in one go: a reader that has gone (EPIPE) is no failure. */
static int print(const struct buf *script, struct err *e)
{
	if (write_all(STDOUT_FILENO, script->data, script->len, e))
		return e->sys_errno == EPIPE ? 0 : -1;
	return close_checked(STDOUT_FILENO, "stdout", e);
}

int main(int argc, char **argv)
{
	struct options o;
	struct err e;
	struct buf script = BUF_INIT;
	fd_guard_standard();
	sig_no_pipe_death();
	diag_program("chaos-plot");
	int rc = options_parse(&o, argc, argv);
	if (rc != CLI_RUN)
		return rc;
	rc = plot_make(&o, &script, &e);
	if (!rc)
		rc = print(&script, &e);
	buf_release(&script);
	return rc ? diag_err(&e) : EXIT_OK;
}

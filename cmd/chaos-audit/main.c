#include "base/buf.h"
#include "cli/diag.h"
#include "options.h"
#include "run.h"
#include "sys/file.h"
#include "sys/sig.h"

#include <errno.h>
#include <unistd.h>

/* A reader that has gone (EPIPE) is no failure. */
static int print(const struct buf *text, struct err *e)
{
	if (write_all(STDOUT_FILENO, text->data, text->len, e))
		return e->sys_errno == EPIPE ? 0 : -1;
	return close_checked(STDOUT_FILENO, "stdout", e);
}

int main(int argc, char **argv)
{
	struct options o;
	struct err e;
	struct buf text = BUF_INIT;
	fd_guard_standard();
	sig_no_pipe_death();
	diag_program("chaos-audit");
	int rc = options_parse(&o, argc, argv);
	if (rc != CLI_RUN)
		return rc;
	rc = run(&o, &text, &e);
	options_release(&o);
	if (rc < 0 || print(&text, &e))
		rc = diag_err(&e);
	buf_release(&text);
	return rc;
}

#include "base/buf.h"
#include "cli/diag.h"
#include "options.h"
#include "run.h"
#include "sys/file.h"

#include <unistd.h>

int main(int argc, char **argv)
{
	struct options o;
	struct err e;
	struct buf text = BUF_INIT;
	cli_start("chaos-audit");
	int rc = options_parse(&o, argc, argv);
	if (rc != CLI_RUN)
		return rc;
	rc = run(&o, &text, &e);
	options_release(&o);
	if (rc < 0 || out_finish(STDOUT_FILENO, &text, &e))
		rc = diag_err(&e);
	buf_release(&text);
	return rc;
}

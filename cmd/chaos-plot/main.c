#include "base/buf.h"
#include "cli/diag.h"
#include "options.h"
#include "plot.h"
#include "sys/file.h"

#include <unistd.h>

int main(int argc, char **argv)
{
	struct options o;
	struct err e;
	struct buf script = BUF_INIT;
	cli_start("chaos-plot");
	int rc = options_parse(&o, argc, argv);
	if (rc != CLI_RUN)
		return rc;
	rc = plot_make(&o, &script, &e);
	if (!rc)
		rc = out_finish(STDOUT_FILENO, &script, &e);
	buf_release(&script);
	return rc ? diag_err(&e) : EXIT_OK;
}

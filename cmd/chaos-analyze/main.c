#include "cli/diag.h"
#include "options.h"
#include "program.h"
#include "sys/file.h"
#include "sys/sig.h"

int main(int argc, char **argv)
{
	struct options o;
	fd_guard_standard();
	diag_program("chaos-analyze");
	sig_no_pipe_death();
	int rc = options_parse(&o, argc, argv);
	if (rc != CLI_RUN)
		return rc;
	rc = program_run(&o);
	options_release(&o);
	return rc;
}

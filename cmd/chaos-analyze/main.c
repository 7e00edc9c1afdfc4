#include "options.h"
#include "program.h"

int main(int argc, char **argv)
{
	struct options o;
	cli_start("chaos-analyze");
	int rc = options_parse(&o, argc, argv);
	if (rc != CLI_RUN)
		return rc;
	rc = program_run(&o);
	options_release(&o);
	return rc;
}

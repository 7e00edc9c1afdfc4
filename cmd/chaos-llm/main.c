#include "cli/diag.h"
#include "options.h"
#include "run.h"

int main(int argc, char **argv)
{
	struct options o;
	struct err e = {0};
	cli_start("chaos-llm");
	int rc = options_parse(&o, argc, argv);
	if (rc != CLI_RUN)
		return rc;
	rc = run(&o, &e);
	options_release(&o);
	if (!rc)
		return EXIT_OK;
	return e.msg[0] ? diag_err(&e) : (int)e.code; /* else it was printed already */
}

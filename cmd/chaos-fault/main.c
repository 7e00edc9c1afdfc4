/* chaos-fault: starts, stops and breaks nodes, and always puts them back. */
#include "cli/diag.h"
#include "run.h"
#include "sys/file.h"
#include "sys/sig.h"
#include "recover/guard.h"

#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct options o;
	struct cli_rest rest;
	struct err e = {0};
	cli_start("chaos-fault");
	diag_never_wait();
	sig_no_size_death();
	if (guard_requested(argc, argv))
		return guard_main(argv);
	int rc = options_parse(&o, argc, argv, &rest);
	if (rc == CLI_RUN) {
		char *state = state_dir(getenv("XDG_STATE_HOME"), getenv("HOME"), &e);
		rc = state ? run(&o, &rest, state) : diag_err(&e);
		free(state);
	}
	cli_rest_release(&rest);
	if (close_checked(STDOUT_FILENO, "standard output", &e))
		rc = exit_worse(rc, diag_err(&e));
	if (rc >= 128)
		sig_die(rc - 128);
	return rc;
}

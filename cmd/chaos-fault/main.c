/* chaos-fault: starts, stops and breaks nodes, and always puts them back. */
#include "base/buf.h"
#include "cli/diag.h"
#include "run.h"
#include "sys/file.h"
#include "sys/sig.h"
#include "watch.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* Started with a standard stream closed, the next file opened would take its place, and what is
 * meant for the stream would be written into it. */
static void fill_standard_streams(void)
{
	int fd;
	do
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	struct options o;
	struct cli_rest rest;
	struct err e = {0};
	fill_standard_streams();
	diag_program("chaos-fault");
	sig_no_pipe_death();
	sig_no_size_death();
	if (watch_asked(argc, argv))
		return watch_run(argv);
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

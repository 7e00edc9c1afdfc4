#include "cli/diag.h"
#include "options.h"
#include "program.h"
#include "sys/file.h"
#include "sys/sig.h"

int main(int argc, char **argv)
{
	struct proxy_opts o;
	int signo = 0;
	fd_guard_standard();
	diag_program("chaos-proxy");
	sig_no_pipe_death();
	int rc = options_parse(&o, argc, argv);
	if (rc == CLI_RUN)
		rc = run_proxy(&o, &signo);
	options_release(&o);
	if (signo && rc == EXIT_OK)
		sig_die(signo);
	return rc;
}

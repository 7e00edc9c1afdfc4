#include "options.h"
#include "program.h"
#include "sys/sig.h"

int main(int argc, char **argv)
{
	struct proxy_opts o;
	int signo = 0;
	cli_start("chaos-proxy");
	int rc = options_parse(&o, argc, argv);
	if (rc == CLI_RUN)
		rc = run_proxy(&o, &signo);
	options_release(&o);
	if (signo && rc == EXIT_OK)
		sig_die(signo);
	return rc;
}

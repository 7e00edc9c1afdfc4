/* chaos-node: a small HTTP service to break. */
#include "ask.h"
#include "cli/cli.h"
#include "cli/diag.h"
#include "listen.h"
#include "options.h"
#include "server.h"
#include "sys/file.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Prints the real port for --port 0, and logs the address. */
static int announce(const struct options *o, int port, struct err *e)
{
	char text[16];
	int len = snprintf(text, sizeof text, "%d\n", port);
	diag("%s listens on http://%s%s%s:%d (seed %lld)", o->name, strchr(o->bind, ':') ? "[" : "",
	     o->bind, strchr(o->bind, ':') ? "]" : "", port, (long long)o->seed);
	if (o->port == 0 && write_all(STDOUT_FILENO, text, (size_t)len, e))
		return err_prefix(e, "standard output");
	return o->port_file ? file_replace(o->port_file, text, (size_t)len, 0644, e) : 0;
}

/* Process 1 of a container gets no default signal actions. */
static void end(int signo)
{
	_exit(128 + signo);
}

int main(int argc, char **argv)
{
	struct options o;
	struct err e = {0};
	cli_start("chaos-node");
	/* Their default action ends the node at once, also where a shell's '&' made us ignore one.
	 */
	signal(SIGINT, getpid() == 1 ? end : SIG_DFL);
	signal(SIGTERM, getpid() == 1 ? end : SIG_DFL);
	int rc = options_parse(&o, argc, argv);
	if (rc != CLI_RUN)
		return rc;
	if (o.check)
		return ask_health(o.bind, (int)o.port, &e) ? diag_err(&e) : EXIT_OK;
	int port = (int)o.port, fd = listen_on(o.bind, &port, &e);
	if (fd < 0 || !server_start(&o, fd, &e) || announce(&o, port, &e))
		return diag_err(&e);
	for (;;)
		pause();
}

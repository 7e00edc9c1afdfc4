#include "cli/diag.h"
#include "sending/events_fd.h"
#include "sending/load_plan.h"
#include "options.h"
#include "refusal.h"
#include "run.h"
#include "sys/file.h"
#include "sys/secret.h"
#include "sys/sig.h"
#include "requests/target.h"
#include "net/urls.h"

#include <unistd.h>

static int run(struct load_opts *o, const struct cli_rest *given)
{
	struct target target = {0};
	struct urls urls;
	struct err e;
	int events_fd;
	struct run_result result = {0};
	if (o->user_file || o->bearer_file)
		secret_guard();
	if (urls_read(&urls, given->items, (size_t)given->count, o->urls, &e) ||
	    target_init(&target, o, urls.items, urls.count, &e) ||
	    events_open(o->events, &events_fd, &e)) {
		result.code = refuse(o, target.lines.wrong, &e);
	} else if (!o->check) {
		load_plan_bounds(o, target.count, target.seed_count);
		result = run_load(o, &target, STDOUT_FILENO, events_fd);
		if (close_checked(STDOUT_FILENO, "standard output", &e))
			result.code = exit_worse(result.code, diag_err(&e));
	}
	target_release(&target);
	urls_release(&urls);
	if (result.signo)
		sig_die(result.signo);
	return result.code;
}

int main(int argc, char **argv)
{
	struct load_opts opts;
	struct cli_rest urls;
	cli_start("chaos-load");
	diag_never_wait(); /* else a reader that has stalled would hold up requests, and Ctrl-C */
	struct err e = {0};
	int rc = options_parse(&opts, &urls, argc, argv, &e);
	if (rc == CLI_RUN)
		rc = run(&opts, &urls);
	else if (*e.msg)
		rc = refuse(&opts, 0, &e);
	options_release(&opts);
	cli_rest_release(&urls);
	return rc;
}

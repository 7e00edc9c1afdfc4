/* chaos-scenario: runs the other programs of the toolkit on the schedule of a scenario. */
#include "options.h"
#include "prepare/instead/places.h"
#include "prepare/prepare.h"
#include "prepare/instead/rootless.h"
#include "prepare/instead/trials.h"
#include "conduct/run.h"

#include "cli/diag.h"
#include "sys/sig.h"

static int run(const struct options *o, struct prepared *p, int argc, char **argv,
	       int *signo)
{
	struct err e;
	struct run r = {.opts = o, .config = &p->config, .plan = &p->plan};
	if (run_open(&r, argc, argv, &e) == 0)
		run_go(&r);
	else
		r.code = diag_err(&e);
	*signo = r.signo;
	run_close(&r);
	return r.code;
}

int main(int argc, char **argv)
{
	struct options o;
	struct prepared p;
	int rc, signo = 0;
	cli_start("chaos-scenario");
	diag_never_wait();
	if ((rc = options_parse(&o, argc, argv)) != CLI_RUN)
		return rc;
	if (o.rootless)
		return rootless_exec(argc, argv);
	if (o.places)
		return places_print(o.scenario);
	if (o.lint)
		return lint_exec(&o);
	if (o.repeat || o.search)
		return trials_exec(&o);
	rc = prepare(&p, &o);
	for (size_t i = 0; rc == CLI_RUN && i < p.plan.warning_count; i++)
		diag("%s", p.plan.warnings[i]);
	if (rc == CLI_RUN)
		rc = o.check ? prepared_print(&p, *o.check == 'j') : run(&o, &p, argc, argv, &signo);
	prepared_release(&p);
	if (signo && rc != EXIT_RESIDUE)
		sig_die(signo);
	return rc;
}

#include "prepare/instead/trials.h"

#include "cli/diag.h"
#include "sys/args.h"
#include "sys/proc.h"

#include <stdlib.h>

int trials_exec(const struct options *o)
{
	struct args a = {0};
	struct err e;
	char *program = proc_libexec("trials");
	args_add(&a, "%s", program);
	free(program);
	args_add(&a, "%s", o->search ? "search" : "repeat");
	if (o->search)
		args_add(&a, "%s", o->search);
	else
		args_add(&a, "%lld", (long long)o->repeat);
	args_add(&a, "%s", o->run_id ? o->run_id : "check");
	args_add(&a, "%s", o->runs_dir);
	args_add(&a, "%s", o->check ? *o->check == 'j' ? "check=json" : "check" : o->force ? "force" : "");
	args_program(&a, "chaos-scenario");
	args_option(&a, "--scenario", o->scenario);
	args_option(&a, "--again", o->again);
	args_option(&a, "--mode", o->mode_name);
	args_option(&a, "--config", o->config);
	args_option(&a, "--runs-dir", o->runs_dir);
	args_option(&a, "--baseline-id", o->baseline_id);
	args_option(&a, "--progress", o->progress);
	for (size_t i = 0; i < o->set.count; i++)
		args_option(&a, "--set", o->set.items[i]);
	if (o->seed >= 0)
		args_number(&a, "--seed", o->seed);
	if (o->unsteady)
		args_add(&a, "--unsteady");
	if (o->without_faults)
		args_add(&a, "--without-faults");
	args_exec(&a, &e);
	return diag_err(&e);
}

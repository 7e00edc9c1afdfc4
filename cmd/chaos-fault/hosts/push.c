#include "hosts/push.h"

#include "cli/diag.h"
#include "sys/args.h"
#include "sys/proc.h"

#include <stdlib.h>

int push_exec(const struct cli_rest *rest)
{
	struct args a = {0};
	struct err e;
	char *program = proc_libexec("push"), *programs = proc_own_dir();
	args_add(&a, "%s", program);
	args_add(&a, "%s", programs ? programs : "");
	for (int i = 1; i < rest->count; i++)
		args_add(&a, "%s", rest->items[i]);
	free(program);
	free(programs);
	args_exec(&a, &e);
	return diag_err(&e);
}

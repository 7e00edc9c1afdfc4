#include "hosts/push.h"

#include "cli/diag.h"
#include "hosts/far.h"
#include "sys/proc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int push_exec(const struct cli_rest *rest)
{
	struct words w = {0};
	struct err e;
	char *program = proc_libexec("push"), *programs = proc_own_dir();
	words_add(&w, "%s", program ? program : "");
	words_add(&w, "%s", programs ? programs : "");
	words_add(&w, "%.*s", program ? (int)(strrchr(program, '/') - program) : 0, program ? program : "");
	for (int i = 1; i < rest->count; i++)
		words_add(&w, "%s", rest->items[i]);
	execv(w.items[0], w.items);
	err_sys(&e, errno, "cannot run '%s'", w.items[0]);
	e.code = EXIT_RUNTIME;
	words_release(&w);
	free(program);
	free(programs);
	return diag_err(&e);
}

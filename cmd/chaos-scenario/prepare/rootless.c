#include "prepare/rootless.h"

#include "children/child.h"

#include "cli/diag.h"
#include "sys/proc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The one device that is there. That it is up is all that has to be done. */
static const char inside[] = "ip link set lo up || exit 6; exec \"$@\"";
static const char refused[] =
	"chaos-scenario: --rootless needs a user namespace, which this user may not make here (unshare -Urn)";

int rootless_exec(int argc, char **argv)
{
	struct args a = {0};
	struct err e;
	char *program = proc_sibling("chaos-scenario");
	/* unshare says no more than that it failed. */
	args_add(&a, "sh");
	args_add(&a, "-c");
	args_add(&a, "unshare -Urn true 2>&- || { echo \"$0\" >&2; exit %d; }; exec unshare -Urn sh -c '%s' sh \"$@\"",
		 EXIT_RUNTIME, inside);
	args_add(&a, "%s", refused);
	args_add(&a, "%s", program);
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--rootless") != 0)
			args_add(&a, "%s", argv[i]);
	execvp(a.words[0], a.words);
	err_sys(&e, errno, "cannot run '%s'", a.words[0]);
	e.code = EXIT_RUNTIME;
	args_release(&a);
	free(program);
	return diag_err(&e);
}

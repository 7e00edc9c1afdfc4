#include "prepare/instead/rootless.h"

#include "cli/diag.h"
#include "sys/args.h"

#include <string.h>

/* The one device that is there. That it is up is all that has to be done. */
static const char inside[] = "ip link set lo up || exit 6; exec \"$@\"";
static const char refused[] =
	"chaos-scenario: --rootless needs a user namespace, which this user may not make here (unshare -Urn)";

int rootless_exec(int argc, char **argv)
{
	struct args a = {0};
	struct err e;
	/* unshare says no more than that it failed. */
	args_add(&a, "sh");
	args_add(&a, "-c");
	args_add(&a, "unshare -Urn true 2>&- || { echo \"$0\" >&2; exit %d; }; exec unshare -Urn sh -c '%s' sh \"$@\"",
		 EXIT_RUNTIME, inside);
	args_add(&a, "%s", refused);
	args_program(&a, "chaos-scenario");
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--rootless") != 0)
			args_add(&a, "%s", argv[i]);
	args_exec(&a, &e);
	return diag_err(&e);
}

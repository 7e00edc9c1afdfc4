#include "sys/secret.h"

#include <sys/prctl.h>
#include <sys/resource.h>

void secret_guard(void)
{
	struct rlimit none = {0};
	/* Both: a core can also go to a pipe, which the limit does not hold back. */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	(void)setrlimit(RLIMIT_CORE, &none);
}

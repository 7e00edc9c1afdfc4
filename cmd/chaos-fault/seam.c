#include "seam.h"

#ifdef CHAOS_CRASH_SEAM
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* The one place with mutable statics: this build is for the test alone. */
static const char *name = "CHAOS_CRASH_AT";
static long passed;

void crash_in_guard(void)
{
	name = "CHAOS_CRASH_GUARD_AT";
}

void crash_point(void)
{
	const char *at = getenv(name);
	passed++;
	const char *hook = getenv("CHAOS_HOOK");
	if (!at || atol(at) != passed)
		return;
	if (!hook || system(hook) == -1)
		kill(getpid(), SIGKILL);
}
#else
typedef int seam_is_empty; /* ISO C forbids an empty file */
#endif

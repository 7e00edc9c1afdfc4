/* Where a test build dies: `make V=torture` makes the n-th crash_point a SIGKILL of the program by
 * itself, n from the environment (CHAOS_CRASH_AT; in a guard, CHAOS_CRASH_GUARD_AT); or what the shell
 * does with CHAOS_HOOK, if that is set. In other builds nothing is left of it. */
#ifndef FAULT_SEAM_H
#define FAULT_SEAM_H

#include "base/units.h"

#ifdef CHAOS_CRASH_SEAM
void crash_point(void);
void crash_in_guard(void); /* from here on, this process is a guard */
#else
static inline void crash_point(void)
{
}
static inline void crash_in_guard(void)
{
}
#endif

/* The second of a bound that tests wait for. `make V=brief` divides it, for those tests alone. */
#ifndef CHAOS_BOUND_DIVISOR
#define CHAOS_BOUND_DIVISOR 1
#endif
#define BOUND_S (NS_PER_S / CHAOS_BOUND_DIVISOR)

#endif

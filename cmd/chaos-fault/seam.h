/* Where a test build dies: `make V=torture` makes the n-th crash_point a SIGKILL of the program by
 * itself, n from the environment (CHAOS_CRASH_AT; in a guard, CHAOS_CRASH_GUARD_AT). In other
 * builds nothing is left of it. */
#ifndef FAULT_SEAM_H
#define FAULT_SEAM_H

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

#endif

/* A rule of the steady state, by the requests that have ended before the first fault. */
#ifndef SCENARIO_CONDUCT_NORMAL_H
#define SCENARIO_CONDUCT_NORMAL_H

#include "conduct/run.h"

/* Why it does not hold of a load; "" if it does. */
void normal_judge(const struct run *r, const char *rule, size_t load, char *why, size_t size);

#endif

/* The program: the relay, its API, and the end of both. */
#ifndef PROXY_PROGRAM_H
#define PROXY_PROGRAM_H

#include "options.h"

/* Runs until --for is over or a signal comes, whose number *signo becomes. Returns the exit code. */
int run_proxy(const struct proxy_opts *o, int *signo);

#endif

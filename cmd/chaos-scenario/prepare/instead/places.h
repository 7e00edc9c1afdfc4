/* A YAML or JSON file for programs that read JSON alone, and what they say of it. */
#ifndef SCENARIO_PLACES_H
#define SCENARIO_PLACES_H

#include "options.h"

/* Prints a line for each value, outer ones first: [path, line, column, value], where a list is [] and a table {}. Returns an
 * exit code, and has said why. */
int places_print(const char *path);

/* Runs libexec/lint in place of this program. Returns an exit code if it cannot. */
int lint_exec(const struct options *o);

#endif

/* What can be broken here: the built-in faults, and programs as they describe themselves. */
#ifndef FAULT_SHOW_CATALOG_H
#define FAULT_SHOW_CATALOG_H

#include "stream/json.h"

#include <stdbool.h>

/* Asks each program of "faults" or "kinds" that would be found to describe itself. A list of objects,
 * which the caller frees: program, is (fault or kind), effect, ends, kinds, params, lacks (what it needs
 * and is not here), instead (the nearest of those that lack nothing, if it lacks anything), path,
 * problem. Built-in faults have no path. */
struct json *catalog_new(const char *folder);

/* "lacks tc; pause works here", of one of them; NULL: it lacks nothing. The caller frees. */
char *catalog_lacks(const struct json *j);

/* The columns that the longest name of program of such a list needs. */
int catalog_columns(const struct json *list);

/* chaos-fault faults: prints to stdout; an object a line if json. Returns the exit code. */
int catalog_run(bool json);

#endif

/* The command line of a program that is to be run. */
#ifndef SYS_ARGS_H
#define SYS_ARGS_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* Zeroed it is empty. */
struct args {
	char **words; /* NULL-terminated; owned, as each of them */
	size_t count;
};

void args_add(struct args *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The first word: a program of the toolkit (proc_sibling) or of PATH. */
void args_program(struct args *a, const char *name);
/* An option and its value; nothing if that is NULL. */
void args_option(struct args *a, const char *option, const char *value);
void args_number(struct args *a, const char *option, int64_t value);
void args_release(struct args *a); /* accepts a zeroed one */

/* Becomes that program. Returns only if that cannot be: -1, and the words are released. */
int args_exec(struct args *a, struct err *e);

#endif

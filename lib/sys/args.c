#include "sys/args.h"

#include "base/buf.h"
#include "sys/proc.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

void args_add(struct args *a, const char *fmt, ...)
{
	struct buf word = BUF_INIT;
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&word, fmt, ap);
	va_end(ap);
	a->words = mem_realloc(a->words, a->count + 2, sizeof *a->words);
	a->words[a->count++] = buf_detach(&word);
	a->words[a->count] = NULL;
}

void args_program(struct args *a, const char *name)
{
	char *path = proc_sibling(name);
	args_add(a, "%s", path);
	free(path);
}

void args_option(struct args *a, const char *option, const char *value)
{
	if (!value)
		return;
	args_add(a, "%s", option);
	args_add(a, "%s", value);
}

void args_number(struct args *a, const char *option, int64_t value)
{
	args_add(a, "%s", option);
	args_add(a, "%" PRId64, value);
}

void args_release(struct args *a)
{
	mem_free_texts(a->words, a->count);
	*a = (struct args){0};
}

int args_exec(struct args *a, struct err *e)
{
	execvp(a->words[0], a->words);
	err_sys(e, errno, "cannot run '%s'", a->words[0]);
	args_release(a);
	return -1;
}

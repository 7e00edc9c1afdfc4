#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void set(struct err *e, enum exit_code code, int sys_errno, const char *fmt, va_list ap)
{
	e->code = code;
	e->sys_errno = sys_errno;
	vsnprintf(e->msg, sizeof e->msg, fmt, ap);
	for (char *c = e->msg; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 127)
			*c = ' ';
}

int err_usage(struct err *e, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	set(e, EXIT_USAGE, 0, fmt, ap);
	va_end(ap);
	return -1;
}

int err_runtime(struct err *e, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	set(e, EXIT_RUNTIME, 0, fmt, ap);
	va_end(ap);
	return -1;
}

int err_sys(struct err *e, int sys_errno, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	set(e, EXIT_RUNTIME, sys_errno, fmt, ap);
	va_end(ap);
	size_t len = strlen(e->msg);
	snprintf(e->msg + len, sizeof e->msg - len, ": %s", strerror(sys_errno));
	return -1;
}

int err_prefix(struct err *e, const char *fmt, ...)
{
	char prefix[256], old[sizeof e->msg];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(prefix, sizeof prefix, fmt, ap);
	va_end(ap);
	memcpy(old, e->msg, sizeof old);
	int n = snprintf(e->msg, sizeof e->msg, "%s: %s", prefix, old);
	if (n >= (int)sizeof e->msg)
		memcpy(e->msg + sizeof e->msg - 4, "...", 4);
	return -1;
}

#include "base/err.h"

#include "base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char cut_mark[] = "...";

/* Ends the text at most at len, with a mark if something was lost. */
static void cut(char *msg, size_t len)
{
	size_t mark = sizeof cut_mark - 1;
	if (strlen(msg) <= len || len < mark)
		return;
	size_t at = len - mark;
	while (at && ((unsigned char)msg[at] & 0xc0) == 0x80) /* not inside a UTF-8 character */
		at--;
	memcpy(msg + at, cut_mark, sizeof cut_mark);
}

__attribute__((format(printf, 4, 0)))
static void set(struct err *e, enum exit_code code, int sys_errno, const char *fmt, va_list ap)
{
	char text[sizeof e->msg + 1]; /* one more, to see that it was cut */
	e->code = code;
	e->sys_errno = sys_errno;
	vsnprintf(text, sizeof text, fmt, ap);
	plain_line(text); /* whatever the user's text in it holds */
	cut(text, sizeof e->msg - 1);
	memcpy(e->msg, text, sizeof e->msg);
	e->unknown = e->allow = NULL;
	e->near[0] = '\0';
	e->why_len = 0;
}

int (err_usage)(struct err *e, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	set(e, EXIT_USAGE, 0, fmt, ap);
	va_end(ap);
	return -1;
}

int (err_runtime)(struct err *e, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	set(e, EXIT_RUNTIME, 0, fmt, ap);
	va_end(ap);
	return -1;
}

int (err_sys)(struct err *e, int sys_errno, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	set(e, EXIT_RUNTIME, sys_errno, fmt, ap);
	va_end(ap);
	/* Cuts the subject of a message that is too long, not the reason. */
	char reason[128];
	int n = snprintf(reason, sizeof reason, ": %s", strerror(sys_errno));
	if (n >= (int)sizeof reason)
		n = sizeof reason - 1;
	cut(e->msg, sizeof e->msg - 1 - (size_t)n);
	memcpy(e->msg + strlen(e->msg), reason, (size_t)n + 1);
	return -1;
}

int err_read(struct err *e, int sys_errno, const char *name)
{
	err_sys(e, sys_errno, "cannot read '%s'", name);
	if (sys_errno == EISDIR)
		e->code = EXIT_USAGE;
	return -1;
}

int (err_allow)(struct err *e, const char *word)
{
	char text[sizeof e->msg + 64];
	const char *quote = *word == '-' ? "" : "'";
	e->allow = word;
	e->why_len = strlen(e->msg);
	snprintf(text, sizeof text, "%s; %s%s%s allows that", e->msg, quote, word, quote);
	cut(text, sizeof e->msg - 1);
	memcpy(e->msg, text, strlen(text) + 1);
	return -1;
}

void err_unknown(struct err *e, const char *kind, const char *near)
{
	e->unknown = kind;
	snprintf(e->near, sizeof e->near, "%s", near ? near : "");
}

int (err_prefix)(struct err *e, const char *fmt, ...)
{
	char prefix[256], text[sizeof prefix + sizeof e->msg + 2];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(prefix, sizeof prefix, fmt, ap);
	va_end(ap);
	snprintf(text, sizeof text, "%s: %s", prefix, e->msg);
	plain_line(text);
	e->why_len += e->allow ? strlen(text) - strlen(e->msg) : 0;
	cut(text, sizeof e->msg - 1);
	memcpy(e->msg, text, strlen(text) + 1);
	if (e->why_len > strlen(text))
		e->why_len = strlen(text);
	return -1;
}

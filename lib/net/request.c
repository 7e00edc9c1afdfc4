#include "net/request.h"

#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void request_begin(struct request *r, uint64_t slot)
{
	r->slot = slot;
	r->node = 0;
	r->op = 0;
	r->sent_ns = r->ended_ns = 0;
	r->error = ERROR_NONE;
	r->status = 0;
	r->bytes = 0;
	r->replicas = -1;
	if (r->detail)
		r->detail[0] = '\0';
	r->state = NULL;
	r->redirects = r->put_off = 0;
}

void request_fail(struct request *r, enum error_class error, const char *detail)
{
	size_t len = strnlen(detail, ERROR_DETAIL_MAX);
	if (!r->detail)
		r->detail = mem_alloc(ERROR_DETAIL_MAX + 1);
	memcpy(r->detail, detail, len);
	r->detail[len] = '\0';
	r->error = error;
}

void request_failf(struct request *r, enum error_class error, const char *fmt, ...)
{
	char detail[ERROR_DETAIL_MAX + 1];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(detail, sizeof detail, fmt, ap);
	va_end(ap);
	request_fail(r, error, detail);
}

void request_forget(struct request *r)
{
	free(r->detail);
	r->detail = NULL;
}

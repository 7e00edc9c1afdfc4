#include "net/request.h"

#include <string.h>

void request_fail(struct request *r, enum error_class error, const char *detail)
{
	size_t len = strnlen(detail, sizeof r->detail - 1);
	memcpy(r->detail, detail, len);
	r->detail[len] = '\0';
	r->error = error;
}

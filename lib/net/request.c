#include "net/request.h"

#include <string.h>

/* Not as a whole: most of it is a detail that is seldom written. */
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
	r->detail[0] = '\0';
	r->state = NULL;
	r->redirects = r->put_off = 0;
}

void request_fail(struct request *r, enum error_class error, const char *detail)
{
	size_t len = strnlen(detail, sizeof r->detail - 1);
	memcpy(r->detail, detail, len);
	r->detail[len] = '\0';
	r->error = error;
}

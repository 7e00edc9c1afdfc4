/* The classes of failures that every row, event and summary uses, as chaos-formats(5) has them. */
#ifndef BASE_ERROR_CLASS_H
#define BASE_ERROR_CLASS_H

#include <stddef.h>

/* Why a request failed: the closed list. */
enum error_class {
	ERROR_NONE,
	ERROR_REFUSED,	   /* nobody listens */
	ERROR_UNREACHABLE, /* no route to host or network */
	ERROR_RESET,	   /* the connection was reset */
	ERROR_TIMEOUT,	   /* no whole answer within the timeout from the due time */
	ERROR_DNS,
	ERROR_TLS,
	ERROR_CLOSED,	   /* closed by the other side before the whole answer */
	ERROR_PROTOCOL,	   /* the answer is not what the protocol allows */
	ERROR_HTTP_4XX,
	ERROR_HTTP_5XX,
	ERROR_HTTP_OTHER,
	ERROR_HTTP_CONTENT, /* a status that is expected, and not the text that is */
	ERROR_REDIS_READONLY,
	ERROR_REDIS_LOADING,
	ERROR_REDIS_CLUSTERDOWN,
	ERROR_REDIS_OOM,
	ERROR_REDIS_AUTH,
	ERROR_REDIS_MOVED,
	ERROR_REDIS_ASK,
	ERROR_REDIS_TRYAGAIN,
	ERROR_REDIS_NOREPLICAS,
	ERROR_REDIS_MISCONF,
	ERROR_REDIS_OTHER,
	ERROR_NOT_SENT,	   /* due, but the in-flight bound was reached */
	ERROR_ABORTED,	   /* in flight at the stop */
	ERROR_LOCAL,	   /* the generator's own limit: descriptors, ports */
	ERROR_COUNT
};

const char *error_class_name(enum error_class e); /* "" for ERROR_NONE */
/* The class of a name of len bytes; ERROR_COUNT if the list has no such name. */
enum error_class error_class_parse(const char *name, size_t len);

enum { ERROR_DETAIL_MAX = 200 }; /* bytes of the message behind a failure */

#endif

/* One request on its way through a transport. */
#ifndef NET_REQUEST_H
#define NET_REQUEST_H

#include "base/error_class.h"

#include <stddef.h>
#include <stdint.h>

/* The caller owns it; it must stay in place from submit until done. There are many at a time: what is small stands
 * together, so that there is no gap. */
struct request {
	uint64_t slot;
	uint32_t node; /* index into the nodes of the config; set by route, and where it was sent on to */
	int op;	       /* the operation; set by route, named by op_name */

	/* Filled by the transport. */
	int64_t sent_ns;	 /* monotonic time of the actual send; 0 if it never was */
	int64_t ended_ns;	 /* of the arrival of the answer; 0: when done is called */
	int64_t bytes;		 /* of the answer: HTTP body, Redis reply */
	void *state;		 /* the transport's own */
	char *detail;		 /* the message behind error, or ""; NULL: there has never been one */
	int status;		 /* HTTP status, 200 for a Redis success, 0 without an answer */
	enum error_class error; /* valid in done */
	int replicas;		 /* that WAIT counted behind a Redis write; negative: not known */
	uint16_t redirects;	 /* how often the protocol has sent it on to another node */
	uint16_t put_off;	 /* how often it was asked to come again, nothing having been done */
};

/* A request that nobody has sent; it was zeroed once. */
void request_begin(struct request *r, uint64_t slot);

/* Sets error and detail, which is cut to ERROR_DETAIL_MAX. */
void request_fail(struct request *r, enum error_class error, const char *detail);
void request_failf(struct request *r, enum error_class error, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

void request_forget(struct request *r); /* its detail; accepts a zeroed one */

#endif

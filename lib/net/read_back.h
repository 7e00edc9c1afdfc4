/* The request that reads the write of a slot back from an HTTP store: --audit-http. */
#ifndef NET_READ_BACK_H
#define NET_READ_BACK_H

#include "base/buf.h"
#include "net/request_mix.h"

struct read_back {
	struct request_mix mix; /* of one line */
	struct http_template template;
	bool secret; /* it has headers, which may be one */
};

/* Replaces a *text of "@FILE" by the contents of the file, which content owns; leaves any other as it is. */
int read_back_file(const char **text, struct buf *content, struct err *e);

/* text: a line as in --requests, with {slot} in its path or body. Release in either case. */
int read_back_init(struct read_back *r, const char *text, char *(*value_of)(const char *name), struct err *e);
void read_back_release(struct read_back *r); /* accepts a zeroed one */

#endif

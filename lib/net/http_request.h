/* One HTTP request to a node, built from the node's URL and a request template. Shared by all HTTP
 * engines. */
#ifndef NET_HTTP_REQUEST_H
#define NET_HTTP_REQUEST_H

#include "base/buf.h"
#include "net/transport.h"

struct http_request {
	char *url;	    /* without user and fragment; owned */
	char *target;	    /* path and query, as in the request line; owned */
	char *op;	    /* "POST /work", ready for a sample; owned */
	const char *method; /* borrowed */
	const char *body;   /* borrowed; NULL for none */
	size_t body_len;
	const struct http_template *template; /* borrowed */
	bool varies; /* url, target or body have placeholders: http_request_write undoes them */
	struct buf own_body;
};

/* A URL without a path gets POST /work with a small JSON body, the demo service's work, unless a
 * method other than POST is asked for; one with a path gets GET; a body makes it POST. */
void http_request_init(struct http_request *q, const struct url *u,
		       const struct http_template *template);
void http_request_release(struct http_request *q); /* accepts a zeroed one */

/* Makes of one that varies what a slot sends. */
void http_request_write(const struct http_request *q, uint64_t slot, uint64_t seed,
			struct http_request *out);

/* The Content-Type header line that the body needs: JSON by its look, else plain text. NULL if
 * there is no body or the user gave the header. */
const char *http_content_type(const struct http_request *q);

/* The whole request as HTTP/1.1 has it on the wire. A header that the user gives takes the place of
 * one that would be there anyway; without a value it only takes it out. */
void http_request_text(const struct http_request *q, const struct http_config *c,
		       const struct url *u, struct buf *out);

/* The header line of that name among the template's, or NULL. name may go on with ": value". */
const char *http_header_given(const struct http_template *t, const char *name);

/* Whether its headers change message framing or connection handling, which http_request_text does
 * not support. */
bool http_headers_frame(const struct http_template *t);

/* Appends text in base64. */
void http_base64(const char *text, struct buf *out);

#endif

/* Reads HTTP/1.x answers as their bytes come in, in pieces of any size, and finds where each
 * ends. It keeps none of the body; it never allocates, and never looks beyond the bytes it is
 *given.
 *
 *	http1_parse_start(&p, strcmp(method, "HEAD") == 0);
 *	size_t used = http1_parse(&p, data, len);
 *	switch (p.state) …
 */
#ifndef NET_HTTP1_PARSE_H
#define NET_HTTP1_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	HTTP1_HEAD_MAX =
		256 * 1024, /* bytes of all header lines of one answer, 1xx and trailers too */
	HTTP1_LINE_MAX = 64 * 1024,
	HTTP1_KEPT_MAX = 512, /* of a line that has to be understood and came in pieces */
};

enum http1_state {
	HTTP1_STATUS_LINE, /* nothing of the answer is in yet, or not its first line */
	HTTP1_HEADER,
	HTTP1_BODY_LENGTH, /* this number of bytes follows */
	HTTP1_BODY_CLOSE,  /* whatever comes until the connection ends */
	HTTP1_CHUNK_SIZE,
	HTTP1_CHUNK_DATA,
	HTTP1_CHUNK_END, /* the line's end behind a chunk */
	HTTP1_TRAILER,
	HTTP1_DONE,
	HTTP1_BAD, /* not valid HTTP/1; see why */
};

struct http1_parse {
	enum http1_state state;
	int status;	    /* of the final answer, once its first line is in */
	bool keep_alive;    /* valid in HTTP1_DONE: the connection can take another request */
	int64_t body_bytes; /* so far, without what chunks add */
	const char *why;    /* a literal */
	/* Each piece of the body as it comes in; NULL, as http1_parse_start has it: nobody wants it. */
	void (*body)(void *arg, const char *data, size_t len);
	void *arg;

	/* Private. */
	bool head_only, http10, chunked, other_coding, framing, said_close, said_keep;
	int64_t length; /* Content-Length; negative: none */
	uint64_t left;	/* of the body or chunk */
	size_t head_bytes, line_bytes;
	char line[HTTP1_KEPT_MAX]; /* the beginning of a line that is not all there */
};

/* Prepares for the answer to a request; head_only: it was HEAD, which has no body. */
void http1_parse_start(struct http1_parse *p, bool head_only);

/* Takes in bytes; returns how many of them belong to this answer (all of them, unless
 * it is done or bad by then). Takes nothing once it is. */
size_t http1_parse(struct http1_parse *p, const char *data, size_t len);

/* The connection has ended: returns true if that ends the answer as it should. */
bool http1_parse_end(struct http1_parse *p);

/* Whether any byte of the answer has come in. */
bool http1_parse_begun(const struct http1_parse *p);

#endif

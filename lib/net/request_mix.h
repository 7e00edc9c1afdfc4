/* The request mix: what is asked for without --requests, or its lines, each a JSON object or in words
 * [METHOD] URL|/PATH [WEIGHT] [@BODY-FILE]. A whole URL names its node; a path goes to the URLs of the
 * command line. Empty lines and lines that start with # are skipped. */
#ifndef NET_REQUEST_MIX_H
#define NET_REQUEST_MIX_H

#include "base/buf.h"
#include "net/transport.h"
#include "url/url.h"

struct mix_line {
	int number;
	char *(*value_of)(const char *name); /* as in the mix */
	char *method, *path; /* NULL: as http_template has it; owned */
	bool whole;	     /* the line has a whole URL, not only a path */
	struct url url;
	bool has_body;
	struct buf body;
	char **headers; /* "Name: value"; owned */
	size_t header_count, header_alloc;
	bool has_expect;
	struct http_expect expect;
	char *contains;		       /* NULL: anything; owned */
	struct redis_template command; /* no words: the line is for HTTP */
	size_t word_alloc;
	uint64_t weight; /* 0: the line says none */
};

struct request_mix {
	char *(*value_of)(const char *name); /* getenv, which fills in marks of headers and bodies; set first, NULL: they stay */
	struct mix_line *lines; /* owned */
	size_t count, alloc;
	size_t anywhere; /* lines without a node of their own */
	int wrong;	 /* number of a line that is; 0: none */
	bool weighted;	 /* some line has a weight; those without have 1 */
};

/* Reads a file, and the bodies it names. Returns 0, or -1 with file, line and, where there is one,
 * column of what is wrong. Release in either case. */
int request_mix_read(struct request_mix *a, const char *path, struct err *e);
/* One such line, from an option of that name. */
int request_mix_line(struct request_mix *a, const char *text, const char *option, struct err *e);
/* Without --requests: one request; for Redis INCR and GET of a counter in turn. */
int request_mix_one(struct request_mix *a, const char *method, const char *body, struct err *e);
int request_mix_counter(struct request_mix *a, const char *key, struct err *e);
/* The marks of --audit alone. */
int request_mix_marks(struct request_mix *a, struct err *e);
void request_mix_release(struct request_mix *a); /* accepts a zeroed one */

/* Adds a header "Name: value". */
void mix_line_header(struct mix_line *l, const char *header);

#endif

/* A line of --requests, and its parts, however it is written. */
#ifndef LOAD_REQUESTS_REQUEST_LINE_H
#define LOAD_REQUESTS_REQUEST_LINE_H

#include "base/buf.h"
#include "base/url.h"
#include "net/transport.h"

#define REQUEST_BLANKS	   " \t\r"
#define REQUEST_WEIGHT_MAX 1000000000

struct mix_line {
	int number;
	char *method, *path; /* NULL: as http_template has it; owned */
	bool whole;	     /* the line has a whole URL, not only a path */
	struct url url;
	bool has_body;
	struct buf body;
	char **headers; /* "Name: value"; owned; those of the command line are not among them */
	size_t header_count, header_alloc;
	bool has_expect;
	struct http_expect expect;
	char *contains;		       /* NULL: anything; owned */
	struct redis_template command; /* no words: the line is for HTTP */
	uint64_t weight;	       /* 0: the line says none */
};

/* Up to the next blank that is not within a placeholder. */
size_t request_word_length(const char *text);

/* Each returns 0, or -1 with the reason. */
int request_method(struct mix_line *l, const char *text, struct err *e);
int request_path(struct mix_line *l, const char *text, struct err *e);
int request_url(struct mix_line *l, const char *text, struct err *e);
int request_body(struct mix_line *l, const char *text, struct err *e); /* or @FILE */
/* A command of words separated by blanks; its op is the verb and the key. */
int request_command(struct redis_template *c, const char *text, struct err *e);
void request_command_release(struct redis_template *c);

/* Fills a line from its words, which are cut up; from a JSON object. */
int request_words(struct mix_line *l, char *text, struct err *e);
struct json;
int request_json(struct mix_line *l, const struct json *j, struct err *e);

#endif

/* Reads the requests of a client, of any bytes in pieces of any size: where each begins and ends, and
 * what it asks for. Keeps no more than the beginning of one. */
#ifndef PROXY_REQUEST_H
#define PROXY_REQUEST_H

#include "base/buf.h"
#include "net/http1/http1_parse.h"
#include "toxics/toxic.h"

enum {
	REQUEST_START_MAX = 16384, /* until it is known what is asked for */
	REQUEST_WORD_MAX = 32,
};

enum request_step {
	REQUEST_MORE,  /* the bytes were taken; more are needed */
	REQUEST_KNOWN, /* what it asks for is known; its bytes up to here are in start */
	REQUEST_END,   /* it ends here */
	REQUEST_OTHER, /* this is not the protocol */
};

struct request {
	enum toxic_protocol protocol;
	struct buf start; /* bytes taken in until it is known */
	bool known;
	char verb[REQUEST_WORD_MAX];   /* GET; of Redis in upper case */
	char second[REQUEST_WORD_MAX]; /* of Redis, in upper case: the word behind it */
	const char *path;	       /* HTTP: owned; "" */
	bool expects;		       /* HTTP: the client waits for a 100 before the body */
	bool last;		       /* HTTP: of one that has ended: its answer ends the connection */

	/* Private. */
	struct http1_parse http;
	char *path_text;
	uint64_t words, word, left; /* Redis: of the command; the one that comes; its bytes */
	char line[REQUEST_WORD_MAX];
	size_t line_bytes;
};

void request_init(struct request *r, enum toxic_protocol protocol);
void request_release(struct request *r);

/* Takes in bytes up to the next step, at most one of them beyond REQUEST_MORE; *used of them. After
 * REQUEST_END the next request begins. */
enum request_step request_take(struct request *r, const char *data, size_t len, size_t *used);

#endif

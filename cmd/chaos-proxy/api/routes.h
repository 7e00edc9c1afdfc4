/* The HTTP API as calls on the relay: a method, a path and a body in, a status and a text out. */
#ifndef PROXY_ROUTES_H
#define PROXY_ROUTES_H

#include "relay/proxy.h"

struct api_answer {
	int status;
	struct buf text;  /* empty: no body */
	const char *type; /* of the text; a literal */
	bool decisions;	  /* the text is all decisions, to be streamed */
};

/* The caller initialises out->text and releases it. path has no %XX. */
void routes_answer(struct relay *r, const char *method, const char *path, const char *body, size_t len,
		   struct api_answer *out);

/* Makes proxies, and brings those of the same name up to date, from a list as the API and --config have
 * it; done gets the JSON of each, NULL: none is to listen yet. -1: EXIT_USAGE, or at the first that
 * cannot listen. */
int routes_populate(struct relay *r, const struct json *list, struct json *done, struct err *e);

#endif

/* The request mix: which request a slot sends, and which statuses are successes. Shared by all HTTP
 * engines. */
#ifndef NET_HTTP_PLAN_H
#define NET_HTTP_PLAN_H

#include "net/http_request.h"
#include "net/mix.h"

struct http_plan {
	const struct transport_config *config;
	struct http_request *requests; /* node_count x template_count; empty for a template that a
					  node never gets */
	struct mix mix; /* of the templates */
};

/* The config must outlive the plan. */
void http_plan_init(struct http_plan *p, const struct transport_config *c);
void http_plan_release(struct http_plan *p); /* accepts a zeroed one */

/* Sets node and op (the template's number) of a request, as a function of its slot and the seed. */
void http_plan_route(const struct http_plan *p, struct request *r);

/* Index into requests. */
size_t http_plan_index(const struct http_plan *p, size_t node, int op);

/* Whether a node ever gets a template. */
bool http_plan_meets(const struct http_plan *p, size_t node, size_t template);

/* Looks for the text that answers must contain, as their bodies come in. */
struct http_find {
	const char *text; /* borrowed; NULL: nothing is looked for */
	size_t len, matched;
	bool found;
};

void http_find_start(struct http_find *f, const char *text);
void http_find_in(struct http_find *f, const char *data, size_t len);

/* Sets the error class by the status and by what was found, and the detail if the template says
 * what is expected. */
void http_judge(const struct http_template *t, const struct http_find *f, struct request *r);

#endif

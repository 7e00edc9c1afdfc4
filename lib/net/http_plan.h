/* The request mix: which request a slot sends, and which statuses are successes. Shared by all HTTP
 * engines. */
#ifndef NET_HTTP_PLAN_H
#define NET_HTTP_PLAN_H

#include "net/http_request.h"

struct http_plan {
	const struct transport_config *config;
	struct http_request *requests; /* node_count x template_count; empty for a template that a
					  node never gets */
	uint64_t *upto; /* cumulative weights; NULL: round robin over the templates */
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

/* Sets the error class by the status, and the detail if the user gave expected statuses. */
void http_judge(const struct http_config *c, struct request *r);

#endif

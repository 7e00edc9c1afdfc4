/* Which request each slot is, and what its answer's status counts as: shared by every HTTP
 * engine. */
#ifndef NET_HTTP_PLAN_H
#define NET_HTTP_PLAN_H

#include "net/http_request.h"

struct http_plan {
	const struct transport_config *config;
	struct http_request
		*requests; /* of each node, of each template; empty where they never meet */
	uint64_t *upto;	   /* sums of the weights; NULL: the templates take turns */
};

/* The config must outlive the plan. */
void http_plan_init(struct http_plan *p, const struct transport_config *c);
void http_plan_release(struct http_plan *p); /* accepts a zeroed one */

/* Sets node and op (the template's number) of a request by its slot and the seed alone. */
void http_plan_route(const struct http_plan *p, struct request *r);

/* Number of a template of a node, from 0 to node_count * template_count - 1. */
size_t http_plan_index(const struct http_plan *p, size_t node, int op);

/* Whether a node ever gets a template. */
bool http_plan_meets(const struct http_plan *p, size_t node, size_t template);

/* Judges an answer: sets the error, and the detail where the class does not say it all. */
void http_judge(const struct http_config *c, struct request *r);

#endif

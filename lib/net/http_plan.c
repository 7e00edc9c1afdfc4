#include "net/http_plan.h"

#include "base/buf.h"
#include "base/rng.h"

#include <stdio.h>
#include <stdlib.h>

/* Separates the random numbers of the request mix from those of Poisson arrivals, which use the
 * same seed. */
static const uint64_t mix_salt = 0x61736b73;

size_t http_plan_index(const struct http_plan *p, size_t node, int op)
{
	return node * p->config->http.template_count + (size_t)op;
}

bool http_plan_meets(const struct http_plan *p, size_t node, size_t template)
{
	size_t only = p->config->http.templates[template].node;
	return only == HTTP_ANY_NODE ? node < p->config->http.any_count : node == only;
}

void http_plan_init(struct http_plan *p, const struct transport_config *c)
{
	const struct http_config *h = &c->http;
	uint64_t sum = 0;
	*p = (struct http_plan){.config = c};
	p->requests = mem_alloc(c->node_count * h->template_count * sizeof *p->requests);
	for (size_t n = 0; n < c->node_count; n++)
		for (size_t a = 0; a < h->template_count; a++)
			if (http_plan_meets(p, n, a))
				http_request_init(&p->requests[http_plan_index(p, n, (int)a)],
						  &c->nodes[n].url, &h->templates[a]);
	if (!h->templates[0].weight)
		return;
	p->upto = mem_alloc(h->template_count * sizeof *p->upto);
	for (size_t a = 0; a < h->template_count; a++)
		p->upto[a] = sum += h->templates[a].weight;
}

void http_plan_release(struct http_plan *p)
{
	if (!p->config)
		return;
	for (size_t i = 0; i < p->config->node_count * p->config->http.template_count; i++)
		http_request_release(&p->requests[i]);
	free(p->requests);
	free(p->upto);
	*p = (struct http_plan){0};
}

/* Picks a template by weight: binary search of a slot's random number in the cumulative weights. */
static size_t drawn(const struct http_plan *p, uint64_t slot)
{
	size_t low = 0, high = p->config->http.template_count - 1;
	uint64_t at = rng_at(p->config->http.seed ^ mix_salt, slot) % p->upto[high];
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (at < p->upto[mid])
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

void http_plan_route(const struct http_plan *p, struct request *r)
{
	const struct http_config *h = &p->config->http;
	uint64_t round = r->slot; /* so that each template goes to each node */
	size_t template = 0;
	if (p->upto) {
		template = drawn(p, r->slot);
	} else if (h->template_count > 1) {
		template = r->slot % h->template_count;
		round = r->slot / h->template_count + template;
	}
	r->op = (int)template;
	r->node = h->templates[template].node == HTTP_ANY_NODE ? round % h->any_count
							       : h->templates[template].node;
}

void http_judge(const struct http_config *c, struct request *r)
{
	int s = r->status;
	if (s >= 400)
		r->error = s < 500 ? ERROR_HTTP_4XX : s < 600 ? ERROR_HTTP_5XX : ERROR_HTTP_OTHER;
	else if (c->expect ? c->expect->ok[s] : s >= 200)
		r->error = ERROR_NONE;
	else
		r->error = ERROR_HTTP_OTHER;
	if (c->expect && r->error == ERROR_HTTP_OTHER)
		snprintf(r->detail, sizeof r->detail, "status %d is not what is expected", s);
}

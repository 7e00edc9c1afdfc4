#include "net/http_plan.h"

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

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
	*p = (struct http_plan){.config = c};
	p->requests = mem_alloc(c->node_count * h->template_count * sizeof *p->requests);
	for (size_t n = 0; n < c->node_count; n++)
		for (size_t a = 0; a < h->template_count; a++)
			if (http_plan_meets(p, n, a))
				http_request_init(&p->requests[http_plan_index(p, n, (int)a)],
						  &c->nodes[n].url, &h->templates[a]);
	p->mix = (struct mix){.count = h->template_count, .seed = c->seed};
	for (size_t a = 0; a < h->template_count; a++)
		mix_weigh(&p->mix, a, h->templates[a].weight);
}

void http_plan_release(struct http_plan *p)
{
	if (!p->config)
		return;
	for (size_t i = 0; i < p->config->node_count * p->config->http.template_count; i++)
		http_request_release(&p->requests[i]);
	free(p->requests);
	free(p->mix.upto);
	*p = (struct http_plan){0};
}

void http_plan_route(const struct http_plan *p, struct request *r)
{
	const struct http_config *h = &p->config->http;
	uint64_t round;
	size_t template = mix_pick(&p->mix, r->slot, &round), node = h->templates[template].node;
	if (!p->mix.upto)
		round += template; /* so that each template goes to each node */
	r->op = (int)template;
	r->node = (uint32_t)(node == HTTP_ANY_NODE ? round % h->any_count : node);
}

void http_find_start(struct http_find *f, const char *text)
{
	*f = (struct http_find){.text = text, .len = text ? strlen(text) : 0};
}

/* How much of text its own end repeats: what is still matched when text[matched] is not what comes.
 */
static size_t shorter(const char *text, size_t matched)
{
	size_t n = matched - 1;
	while (n && memcmp(text, text + matched - n, n) != 0)
		n--;
	return n;
}

void http_find_in(struct http_find *f, const char *data, size_t len)
{
	for (size_t i = 0; f->text && !f->found && i < len; i++) {
		const char *first = f->matched ? data + i : memchr(data + i, *f->text, len - i);
		if (!first)
			return;
		i = (size_t)(first - data);
		while (f->matched && f->text[f->matched] != data[i])
			f->matched = shorter(f->text, f->matched);
		f->matched += f->text[f->matched] == data[i];
		f->found = f->matched == f->len;
	}
}

void http_judge(const struct http_template *t, const struct http_find *f, struct request *r)
{
	int s = r->status;
	if (s >= 400)
		r->error = s < 500 ? ERROR_HTTP_4XX : s < 600 ? ERROR_HTTP_5XX : ERROR_HTTP_OTHER;
	else if (!(t->expect ? t->expect->ok[s] : s >= 200))
		r->error = ERROR_HTTP_OTHER;
	else
		r->error = f->text && !f->found ? ERROR_HTTP_CONTENT : ERROR_NONE;
	if (t->expect && r->error == ERROR_HTTP_OTHER)
		request_failf(r, r->error, "status %d is not what is expected", s);
	if (r->error == ERROR_HTTP_CONTENT)
		request_failf(r, r->error, "the answer does not contain '%.150s'", f->text);
}

#include "requests/audited.h"

#include "net/http_request.h"
#include "net/pattern.h"
#include "net/read_back.h"

#include <stdlib.h>
#include <string.h>

static bool writes_slot(const struct http_request *q)
{
	static const char *const reading[] = {"GET", "HEAD", "OPTIONS", "TRACE"};
	for (size_t i = 0; i < ARRAY_LEN(reading); i++)
		if (strcmp(q->method, reading[i]) == 0)
			return false;
	return pattern_unique(q->target, strlen(q->target)) || (q->body && pattern_unique(q->body, q->body_len));
}

/* Notes the op of the template if its requests to that node write {slot}; there may be only one such op. */
static int take(struct target *t, size_t node, const struct http_template *m, struct err *e)
{
	struct http_request q;
	int rc = 0;
	http_request_init(&q, &t->nodes[node].url, m);
	if (writes_slot(&q) && !t->audit_op)
		t->audit_op = mem_strdup(q.op);
	else if (writes_slot(&q) && strcmp(t->audit_op, q.op) != 0)
		rc = err_usage(e, "--audit-http reads one kind of write back; '%s' and '%s' both have {slot}", t->audit_op, q.op);
	http_request_release(&q);
	return rc;
}

int audited_find(struct target *t, const struct load_opts *o, struct err *e)
{
	struct read_back read = {0};
	int rc = o->audit_http ? read_back_init(&read, o->audit_http, getenv, e) : 0;
	t->audit_read = o->audit_http && !read.secret ? o->audit_http : NULL;
	for (size_t i = 0; o->audit_http && !rc && i < t->lines.count; i++)
		for (size_t k = 0; k < t->count && !rc; k++)
			if (t->templates[i].node == HTTP_ANY_NODE ? k < t->given : k == t->templates[i].node)
				rc = take(t, k, &t->templates[i], e);
	if (o->audit_http && !rc && !t->audit_op)
		rc = err_usage(e, "--audit-http, and no request that writes has {slot} in its path or body");
	read_back_release(&read);
	return rc;
}

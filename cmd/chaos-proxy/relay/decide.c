#include "relay/decide.h"

#include <string.h>

enum { DRAW_REQUEST = 5 }; /* beside the purposes of toxics/dose.c */

static void http_answer(const struct toxic *t, struct buf *out)
{
	static const char body[] = "injected by chaos-proxy\n";
	buf_addf(out, "HTTP/1.1 %d Injected\r\n", (int)t->a.status);
	if (t->a.status == 204 || t->a.status == 304)
		buf_addstr(out, "\r\n");
	else
		buf_addf(out, "Content-Type: text/plain\r\nContent-Length: %zu\r\n\r\n%s", sizeof body - 1, body);
}

static void redis_answer(const struct toxic *t, struct buf *out)
{
	static const struct {
		const char *error, *text;
	} texts[] = {
		{"LOADING", "-LOADING Redis is loading the dataset in memory\r\n"},
		{"READONLY", "-READONLY You can't write against a read only replica.\r\n"},
		{"OOM", "-OOM command not allowed when used memory > 'maxmemory'.\r\n"},
	};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (strcmp(texts[i].error, t->a.error) == 0)
			buf_addstr(out, texts[i].text);
	if (!out->len)
		buf_addf(out, "-MOVED %d %s\r\n", (int)t->a.slot, t->a.to);
}

static bool drawn(const struct conn *c, struct toxic *t, uint64_t number)
{
	struct dose_context ctx = conn_context(c, true);
	bool hit = draw(dose_base(&ctx, t), t->key ^ DRAW_REQUEST << 8, number) < t->a.share;
	if (t->a.share < 1)
		dose_note(&ctx, t, number, "answered", hit);
	return hit;
}

void decide(void *arg, const char *verb, const char *path, uint64_t number, struct dialog_verdict *v)
{
	struct conn *c = arg;
	struct dose_context ctx = conn_context(c, false);
	for (struct toxic *t = c->proxy->toxics; t; t = t->next) {
		if (toxic_protocol(t) == PROTOCOL_NONE || !dose_hits(t, &ctx) ||
		    !toxic_matches(t, verb, path))
			continue;
		v->match |= t->match_bit;
		if (t->type->protocol == PROTOCOL_NONE || v->answer.len || !drawn(c, t, number))
			continue;
		if (t->type->kind == TOXIC_HTTP_ERROR)
			http_answer(t, &v->answer);
		else
			redis_answer(t, &v->answer);
		c->proxy->errors_sent++;
	}
}

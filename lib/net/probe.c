#include "net/probe.h"

#include "base/buf.h"
#include "net/curl/curl_probe.h"
#include "net/prober.h"
#include "net/redis/redis_probe.h"

#include <stdlib.h>

static const struct {
	const struct prober *prober;
	const char *what; /* NULL: the path */
} kinds[] = {
	[PROBE_HTTP_GET] = {&curl_prober, NULL},
	[PROBE_REDIS_PING] = {&redis_prober, "PING"},
	[PROBE_REDIS_REPLICA] = {&redis_prober, "ROLE"},
	[PROBE_TCP] = {&tcp_prober, ""},
};

struct probe {
	const struct prober *prober;
	void *state; /* the prober's */
	struct probe_result result;
};

struct probe *probe_new(struct loop *l, enum probe_kind kind, const struct url *at,
			const char *path)
{
	struct probe *p = mem_alloc(sizeof *p);
	p->prober = kinds[kind].prober;
	p->result.answer = PROBE_NO;
	p->state = p->prober->open(l, at, kinds[kind].what ? kinds[kind].what : path, &p->result);
	return p;
}

void probe_free(struct probe *p)
{
	if (!p)
		return;
	p->prober->close(p->state);
	free(p);
}

void probe_start(struct probe *p, int64_t timeout_ns)
{
	p->result.answer = PROBE_PENDING;
	p->result.heard = false;
	p->result.status = 0;
	p->result.role[0] = '\0';
	p->prober->start(p->state, timeout_ns);
}

enum probe_answer probe_step(const struct probe *p)
{
	return p->result.answer;
}

const char *probe_why(const struct probe *p)
{
	return p->result.why;
}

int probe_status(const struct probe *p)
{
	return p->result.status;
}

bool probe_heard(const struct probe *p)
{
	return p->result.heard;
}

bool probe_local(const struct probe *p)
{
	return p->result.local;
}

const char *probe_role(const struct probe *p)
{
	return p->result.role;
}

#include "faults/external_check.h"

#include "base/clock.h"
#include "base/units.h"
#include "faults/fault.h"
#include "node/node.h"

#include <stdio.h>

const int64_t effect_within_ns = 500 * NS_PER_MS;
/* A server that answers within this is at work; those of health checks are a matter of ms. */
static const int64_t silent_ns = 250 * NS_PER_MS;
static const int64_t probe_every_ns = 10 * NS_PER_MS;

/* Not the readiness check: a replica that has lost its link, or a status of 503, is an answer. */
static struct probe *probe_of(const struct node *n, struct effect *out)
{
	const struct node_conf *c = n->conf;
	const char *path = c->ready_path ? c->ready_path : "/";
	if (c->mode == MODE_REDIS) {
		snprintf(out->check, sizeof out->check, "PING");
		return probe_new(n->fleet->loop, PROBE_REDIS_PING, &c->at, NULL);
	}
	snprintf(out->check, sizeof out->check, "GET %s", path);
	return probe_new(n->fleet->loop, PROBE_HTTP_GET, &c->at, path);
}

static enum verdict silent(const struct task *t, struct effect *out, int64_t now)
{
	char span[SPAN_MAX];
	out->seen_ns = now;
	out->silent = true;
	if (now - t->probe_ns >= silent_ns)
		snprintf(out->answer, sizeof out->answer, "none within %s",
			 span_format(silent_ns, span));
	else
		snprintf(out->answer, sizeof out->answer, "%s", probe_why(t->probe));
	return VERDICT_YES;
}

enum verdict effect_look(struct task *t, struct err *e)
{
	struct effect *out = &t->fault->effect;
	int64_t now = mono_ns();
	if (t->node->first)
		return VERDICT_YES;
	if (!t->probe)
		t->probe = probe_of(t->node, out);
	err_runtime(e, "it still answers %s", out->check);
	if (!t->probing && t->probe_ns && now - t->probe_ns < probe_every_ns)
		return VERDICT_WAIT;
	if (!t->probing) {
		t->probing = true;
		t->probe_ns = now;
		probe_start(t->probe, silent_ns);
	}
	if (probe_step(t->probe) == PROBE_PENDING)
		return VERDICT_WAIT;
	t->probing = false;
	return probe_heard(t->probe) ? VERDICT_WAIT : silent(t, out, mono_ns());
}

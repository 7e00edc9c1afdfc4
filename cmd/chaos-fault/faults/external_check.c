#include "faults/external_check.h"

#include "base/clock.h"
#include "base/units.h"
#include "faults/fault.h"
#include "faults/present.h"
#include "node/await.h"
#include "node/node.h"
#include "node/via.h"
#include "seam.h"

#include <stdio.h>

const int64_t external_check_within_ns = 500 * NS_PER_MS;
/* A server that answers within this is at work; those of health checks are a matter of ms. */
static const int64_t silent_ns = 250 * NS_PER_MS;
static const int64_t answers_within_ns = 2 * BOUND_S; /* to a node under load too */
/* A look that comes later than this was not slow: the machine, or this process, stood still. */
static const int64_t stood_ns = 50 * NS_PER_MS;
static const int64_t ask_for_ns = 60 * NS_PER_S; /* what is silent is decided here, and sooner */

/* Not the readiness check: a replica that has lost its link, or a status of 503, is an answer. */
static struct probe *probe_of(const struct node *n, struct external_check *out)
{
	const struct node_conf *c = n->conf;
	const char *path = c->ready_path ? c->ready_path : "/";
	struct url at = c->at;
	at.via = c->via; /* as the node's users */
	if (c->mode == MODE_REDIS) {
		snprintf(out->check, sizeof out->check, "PING");
		return probe_new(n->fleet->loop, PROBE_REDIS_PING, &at, NULL);
	}
	snprintf(out->check, sizeof out->check, "GET %s", path);
	return probe_new(n->fleet->loop, PROBE_HTTP_GET, &at, path);
}

static bool ask(struct task *t, struct external_check *out, int64_t within_ns)
{
	if (!t->probe)
		t->probe = probe_of(t->node, out);
	return node_ask(t, within_ns);
}

void external_check_ask_ahead(struct node *n)
{
	struct external_check asked;
	if (n->kind->ours && node_look(n) == NODE_UP)
		node_ask_ahead(n, probe_of(n, &asked), answers_within_ns);
}

/* A degraded fault may join a silent one, under which nothing answers; one that stays is no
 * measurement. */
static bool must_answer(const struct node *n, const struct action *a, bool stays)
{
	return !stays && a->effect != EFFECT_NONE && !(a->effect == EFFECT_DEGRADED && fault_silent_on(n));
}

/* While nobody looked, the node may have stood still with the machine: such time is not its silence,
 * and not of a bound. A part of it counts, so that there is an end where every look is late. */
static int64_t stood_for(int64_t late_ns)
{
	return late_ns > stood_ns ? late_ns - stood_ns : 0;
}

static enum verdict answers(struct task *t, struct err *e)
{
	const struct node *n = t->node;
	int64_t now = mono_ns();
	struct external_check asked;
	if (!t->again_ns)
		t->again_ns = now + answers_within_ns;
	else
		t->again_ns += stood_for(now - t->asked_ns);
	t->asked_ns = now;
	err_runtime(e, "it has not answered yet");
	if (!ask(t, &asked, answers_within_ns))
		return VERDICT_WAIT;
	if (probe_heard(t->probe))
		return VERDICT_YES;
	if (now < t->again_ns)
		return VERDICT_WAIT;
	const char *trouble = via_trouble(n);
	if (trouble)
		err_usage(e, "'%s' is not reached: its proxy, %s, %s; 'chaos-fault restart chaos-proxy' starts it anew",
			  n->conf->name, n->conf->via, trouble);
	else if (probe_local(t->probe))
		err_runtime(e, "'%s' cannot be asked at '%s': %s", n->conf->name, n->conf->url, probe_why(t->probe));
	else
		err_usage(e, "'%s' does not answer at '%s'%s%s (%s), so that nothing would be seen of a fault", n->conf->name,
			  n->conf->url, n->conf->via ? " through " : "", n->conf->via ? n->conf->via : "",
			  probe_why(t->probe));
	return VERDICT_NO;
}

enum verdict external_check_answers_yet(struct task *t, struct err *e)
{
	struct fault *f = t->fault;
	const struct node *n = f->node;
	f->heard = f->heard || node_answered_lately(n);
	if (f->heard || !must_answer(n, f->action, n->current->stay))
		return VERDICT_YES;
	enum verdict answer = answers(t, e);
	f->heard = answer == VERDICT_YES;
	return answer;
}

struct asked {
	struct node *node;
	enum verdict answer;
	struct err why;
};

static bool asked_step(void *arg)
{
	struct asked *a = arg;
	a->answer = answers(&a->node->task, &a->why);
	return a->answer != VERDICT_WAIT;
}

int external_check_await(struct node *n, const struct action *action, bool stays, struct err *e)
{
	struct asked a = {.node = n};
	if (!must_answer(n, action, stays))
		return 0;
	if (await(n->fleet->loop, asked_step, &a, e))
		return -1;
	*e = a.why;
	return a.answer == VERDICT_YES ? 0 : -1;
}

static enum verdict silent(const struct task *t, struct external_check *out)
{
	char span[SPAN_MAX];
	out->seen_ns = mono_ns();
	out->silent = true;
	if (out->seen_ns - t->probe_ns >= silent_ns)
		snprintf(out->answer, sizeof out->answer, "none within %s",
			 span_format(silent_ns, span));
	else
		snprintf(out->answer, sizeof out->answer, "%s", probe_why(t->probe));
	return VERDICT_YES;
}

enum verdict external_check_look(struct task *t, struct err *e)
{
	struct external_check *out = &t->fault->external;
	if (t->node->first)
		return VERDICT_YES;
	int64_t stood = t->look_ns ? stood_for(mono_ns() - t->look_ns) : 0;
	t->begun_ns += stood;
	t->probe_ns += t->probing ? stood : 0;
	bool answered = ask(t, out, ask_for_ns);
	bool is_silent = answered || (t->probing && mono_ns() - t->probe_ns >= silent_ns);
	if (probe_local(t->probe))
		err_runtime(e, "it cannot be asked %s: %s", out->check, probe_why(t->probe));
	else
		err_runtime(e, "it still answers %s", out->check);
	return !is_silent || probe_heard(t->probe) || probe_local(t->probe) ? VERDICT_WAIT
									      : silent(t, out);
}

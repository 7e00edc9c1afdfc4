#include "conduct/steady.h"

#include "base/units.h"
#include "conduct/checks.h"
#include "conduct/ending.h"

#include <math.h>
#include <stdio.h>

/* How many answers decide, or all that came until that time; how few before a fault that comes earlier; and how many
 * requests must have been due before silence tells anything. */
enum { ANSWERS = 20, ANSWERS_BEFORE_FAULT = 5, DUE = 3 };
static const int64_t first_answers_ns = 3 * NS_PER_S;

void steady_begin(struct run *r, const struct step *s)
{
	struct run_load *l = &r->loads[s->load];
	double ramp_s = ns_to_s(s->ramp_ns), slope = ramp_s > 0 ? (s->to_rps - s->rps) / ramp_s : 0;
	/* DUE = rps t + slope t^2 / 2 */
	double due_s = 2 * DUE / (s->rps + sqrt(s->rps * s->rps + 2 * slope * DUE));
	if (l->heard_by_ns || !isfinite(due_s) || (ramp_s > 0 && due_s > ramp_s))
		return;
	int64_t due_ns = s_to_ns(due_s);
	l->heard_by_ns = r->t0_ns + s->at_ns + (due_ns > first_answers_ns ? due_ns : first_answers_ns);
}

static void fail(struct run *r, size_t load)
{
	const struct tally *t = &r->loads[load].tally;
	const struct plan_load *l = &r->plan->loads[load];
	char own[400] = "";
	if (!l->conf)
		snprintf(own, sizeof own,
			 "; no load is configured, and %s is what the demo service answers: write your own under "
			 "'loads' in the config, see chaos-config(5)",
			 url_is_redis(&l->nodes.nodes[0]->at) ? "INCR and GET" : "POST /work");
	r->unsteady = true;
	if (!t->failed)
		run_fail(r, EXIT_INCONCLUSIVE,
			 "not steady: no request of '%s' has been answered; nothing was broken%s", l->name, own);
	else
		run_fail(r, EXIT_INCONCLUSIVE,
			 "not steady: %.0f of the first %.0f requests of '%s' failed, most with %s; nothing was broken%s",
			 (double)t->failed, (double)(t->ok + t->failed), l->name, tally_most(t), own);
}

void steady_check(struct run *r, bool fault)
{
	int64_t now = mono_ns();
	bool own = r->plan->scenario->checks.steady;
	if (own && fault && !r->steady)
		checks_steady(r);
	for (size_t i = own ? r->plan->load_count : 0; i < r->plan->load_count && r->stage == STAGE_RUN && !r->steady; i++) {
		struct run_load *l = &r->loads[i];
		const struct tally *t = &l->tally;
		uint64_t answers = t->ok + t->failed;
		bool waited = l->heard_by_ns && now >= l->heard_by_ns;
		if (l->judged || !(waited || answers >= (fault ? ANSWERS_BEFORE_FAULT : ANSWERS)))
			continue;
		l->judged = true;
		if (!answers || 2 * t->failed > answers)
			fail(r, i);
	}
	r->steady |= fault;
}

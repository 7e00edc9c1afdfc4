#include "conduct/until.h"

#include "conduct/checks.h"
#include "conduct/ending.h"
#include "conduct/stages.h"

#include "base/units.h"

/* How long before they are due the loads hear of their next rates. */
static const int64_t lead_ns = 200 * NS_PER_MS;

/* After slot 0: since when the system may recover. */
static int64_t since(const struct run *r, const struct scenario_phase *phase)
{
	int64_t changed_ns = r->heard.changed_ns - r->t0_ns, since_ns = phase->start_ns;
	for (size_t i = 0; i < r->plan->step_count; i++) {
		const struct step *s = &r->plan->steps[i];
		int64_t end_ns = s->at_ns + (s->kind == STEP_FAULT ? s->action->for_ns : 0);
		if (s->phase <= phase && end_ns > since_ns)
			since_ns = end_ns;
	}
	return changed_ns > since_ns ? changed_ns : since_ns;
}

void until_look(struct run *r)
{
	int64_t at_ns = mono_ns() - r->t0_ns;
	struct err e;
	if (r->stage != STAGE_RUN || r->open_ns == INT64_MAX)
		return;
	const struct scenario_phase *phase = plan_phase(r->plan, r->open_ns - 1);
	bool bound = at_ns + lead_ns >= r->open_ns;
	if (at_ns < phase->start_ns || (!bound && !checks_well_since(r, since(r, phase))))
		return;
	if (!bound) {
		r->open_ns = (at_ns + lead_ns) / NS_PER_MS * NS_PER_MS;
		plan_end_phase(r->plan, phase, r->open_ns);
	}
	progress_say(&r->progress, bound ? "phase '%s' has not recovered: it ends at its bound, at %.1f s"
					 : "phase '%s' has recovered and ends at %.1f s", phase->name, ns_to_s(r->open_ns));
	r->open_ns = plan_open_end(r->plan, r->open_ns);
	if (send_schedules(r, &e))
		run_fail(r, e.code, "%s", e.msg);
	else
		stages_step(r);
}

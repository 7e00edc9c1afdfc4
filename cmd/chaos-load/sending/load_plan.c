#include "sending/load_plan.h"

#include <string.h>

static bool is_ramp(const struct profile_step *s)
{
	return s->from < s->to || s->from > s->to;
}

void load_plan_fill(const struct load_opts *o, struct pacer *p)
{
	struct schedule *s = &p->schedule;
	if (o->rps > 0)
		schedule_rate(s, 0, o->rps);
	for (size_t i = 0; i < o->profile.count; i++) {
		const struct profile_step *step = &o->profile.steps[i];
		schedule_ramp(s, step->at_ns, step->from, step->to,
			      is_ramp(step) ? step->length_ns : 0);
	}
	if (o->times.count)
		schedule_list(s, o->times.at_ns, o->times.count);
	if (o->duration_ns)
		schedule_end(s, o->duration_ns);
	arrivals_init(&p->arrivals, strcmp(o->arrivals, "poisson") == 0, (uint64_t)o->seed);
	pacer_shard(p, (uint64_t)o->shard, (uint64_t)o->shards);
}

void load_plan_announce(const struct load_opts *o, struct control *c)
{
	struct control_command rate = {.verb = CONTROL_RATE, .from = o->rps, .to = o->rps};
	if (o->rps >= 0)
		control_announce(c, &rate);
	for (size_t i = 0; i < o->profile.count; i++) {
		const struct profile_step *s = &o->profile.steps[i];
		struct control_command step = {.verb = is_ramp(s) ? CONTROL_RAMP : CONTROL_RATE,
					       .at_ns = s->at_ns,
					       .from = s->from,
					       .to = s->to,
					       .ramp_ns = is_ramp(s) ? s->length_ns : 0};
		control_announce(c, &step);
	}
}

#include "sending/load_plan.h"

#include "base/units.h"
#include "cli/diag.h"
#include "sys/limits.h"

#include <string.h>

enum {
	INFLIGHT_MIN = 1024,
	INFLIGHT_MAX = 10000000, /* where the rate is not known beforehand */
};

static bool is_ramp(const struct profile_step *s)
{
	return s->from < s->to || s->from > s->to;
}

/* Slots of a replay that fall due within one timeout, at most. */
static double replayed_at_once(const struct load_opts *o)
{
	size_t first = 0, most = 0;
	for (size_t i = 0; i < o->times.count; i++) {
		while (o->times.at_ns[i] - o->times.at_ns[first] > o->timeout_ns)
			first++;
		if (i - first + 1 > most)
			most = i - first + 1;
	}
	return (double)most;
}

/* Requests that are under way at once if none is answered. */
static int64_t at_once(const struct load_opts *o)
{
	double rate = o->rps, margin = strcmp(o->arrivals, "poisson") == 0 ? 1.5 : 1.1;
	for (size_t i = 0; i < o->profile.count; i++) {
		const struct profile_step *s = &o->profile.steps[i];
		double most = s->from > s->to ? s->from : s->to;
		rate = most > rate ? most : rate;
	}
	double n = o->times.count ? replayed_at_once(o) : rate * ns_to_s(o->timeout_ns) * margin;
	if (o->control || n > INFLIGHT_MAX)
		return INFLIGHT_MAX;
	return n > INFLIGHT_MIN ? (int64_t)n : INFLIGHT_MIN;
}

void load_plan_bounds(struct load_opts *o, size_t nodes, bool more_nodes)
{
	bool given = o->max_inflight;
	if (!given)
		o->max_inflight = at_once(o);
	int64_t depth = o->pipeline > 1 ? o->pipeline : 1;
	int64_t wanted = o->connections ? o->connections : (o->max_inflight + depth - 1) / depth;
	int64_t sockets = (int64_t)limit_descriptors((uint64_t)wanted);
	o->connections_given = o->connections;
	if (!o->connections)
		o->connections = sockets < wanted ? sockets : wanted;
	if (!o->connections_given && sockets < wanted && !o->control)
		diag("%lld connections at most, for want of descriptors (ulimit -n), where %lld "
		     "requests "
		     "may be under way at once",
		     (long long)sockets, (long long)wanted);
	o->connections_each = more_nodes && !o->connections_given && sockets >= wanted;
	o->max_inflight_each = more_nodes && !given;
	if (!o->connections_given && !more_nodes && sockets / (int64_t)nodes >= wanted)
		o->connections *= (int64_t)nodes;
	if (!given && !more_nodes)
		o->max_inflight *= (int64_t)nodes;
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
	if (o->times.count && !o->control) /* else a command begins it */
		schedule_list(s, 0, o->times.at_ns, o->times.count);
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

#include "live/rests.h"

#include "base/units.h"

static const int64_t SHORTEST_NS = NS_PER_S / 2;

/* A request that was under way in a rest shortens it: an outage in which requests hang is none. */
static void cut(struct rest *x, int64_t due_ns, int64_t done_ns)
{
	if (due_ns >= x->to_ns || done_ns <= x->from_ns)
		return;
	if (due_ns > x->from_ns)
		x->to_ns = due_ns;
	else
		x->from_ns = done_ns < x->to_ns ? done_ns : x->to_ns;
}

void rests_add(struct rests *r, int64_t due_ns, int64_t done_ns)
{
	for (int i = 0; i < RESTS; i++)
		cut(&r->last[i], due_ns, done_ns);
	if (r->busy_ns && due_ns - r->busy_ns >= SHORTEST_NS) {
		r->last[1] = r->last[0];
		r->last[0] = (struct rest){r->busy_ns, due_ns};
	}
	if (done_ns > r->busy_ns)
		r->busy_ns = done_ns;
}

int64_t rests_length_ns(const struct rests *r)
{
	int64_t a = r->last[0].to_ns - r->last[0].from_ns, b = r->last[1].to_ns - r->last[1].from_ns;
	return a < b ? a : b;
}

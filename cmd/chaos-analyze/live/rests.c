#include "live/rests.h"

#include "base/units.h"

static const int64_t SHORTEST_NS = NS_PER_S / 2;
enum { STEADY = 10 }; /* a load in bursts rests more often than once in this number of rests */

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

static int64_t length_ns(const struct rest *x)
{
	return x->to_ns - x->from_ns;
}

/* A steady load has no bursts, or no longer. A time in which nothing ended, as in an outage, is not steady. */
static void forget(struct rests *r, int64_t done_ns)
{
	int64_t a = length_ns(&r->last[0]), b = length_ns(&r->last[1]), longest_ns = a > b ? a : b;
	if (done_ns - r->busy_ns > longest_ns / 2)
		r->steady_ns = done_ns;
	else if (done_ns - r->steady_ns > STEADY * longest_ns)
		r->last[0] = r->last[1] = (struct rest){0};
}

void rests_add(struct rests *r, int64_t due_ns, int64_t done_ns, bool learn)
{
	for (int i = 0; i < RESTS; i++)
		cut(&r->last[i], due_ns, done_ns);
	if (learn && r->busy_ns && due_ns - r->busy_ns >= SHORTEST_NS) {
		r->last[1] = r->last[0];
		r->last[0] = (struct rest){r->busy_ns, due_ns};
		r->steady_ns = done_ns;
	} else {
		forget(r, done_ns);
	}
	if (done_ns > r->busy_ns)
		r->busy_ns = done_ns;
}

int64_t rests_length_ns(const struct rests *r)
{
	int64_t a = length_ns(&r->last[0]), b = length_ns(&r->last[1]);
	return a < b ? a : b;
}

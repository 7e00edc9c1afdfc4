#include "node/await.h"

#include "base/clock.h"
#include "base/units.h"

static const int64_t look_every_ns = NS_PER_MS;

struct wait {
	struct loop *loop;
	struct loop_timer *timer;
	bool (*over)(void *arg);
	void *arg;
};

static void look(void *arg)
{
	struct wait *w = arg;
	if (w->over(w->arg))
		loop_stop(w->loop);
	else
		loop_timer_at(w->timer, mono_ns() + look_every_ns);
}

int await(struct loop *loop, bool (*over)(void *arg), void *arg, struct err *e)
{
	struct wait w = {.loop = loop ? loop : loop_new(e), .over = over, .arg = arg};
	if (w.loop)
		w.timer = loop_timer_new(w.loop, look, &w, e);
	if (w.timer) {
		loop_timer_at(w.timer, 0);
		loop_run(w.loop);
	}
	loop_timer_free(w.timer);
	if (!loop)
		loop_free(w.loop);
	return w.timer ? 0 : -1;
}

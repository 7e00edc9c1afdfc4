#include "front/watch.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "events/emit.h"
#include "faults/verb.h"
#include "node/record.h"
#include "node/via.h"

static const int64_t every_ns = 50 * NS_PER_MS;
enum { PATIENCE = 10 }; /* in that time the guard starts one that a fault goes through, or that the session started */

/* The session goes on, and is no measurement. */
static void say(struct proxy_watch *w)
{
	struct fleet *f = w->proxy->fleet;
	struct buf names = BUF_INIT;
	struct err e = {0};
	for (size_t i = 0; i < f->count; i++)
		if (f->nodes[i].conf->via)
			buf_addf(&names, "%s'%s'", names.len ? ", " : "", f->nodes[i].conf->name);
	err_runtime(&e, "the proxy before %.160s ended, which no command asked for: until it was started again, what goes "
			"through it failed for that, and its connections broke", names.data);
	e.code = EXIT_INCONCLUSIVE;
	emit_error(f->emitter, w->proxy->conf->name, 0, &e);
	buf_release(&names);
}

static void look(void *arg)
{
	struct proxy_watch *w = arg;
	struct proc_id now = record_load(w->proxy->dir, w->proxy->fleet->world);
	bool alive = proc_alive(&now);
	/* A command, as restart, was for it since, or is: what became of it was asked for. */
	if (w->proxy->current || w->finished != w->proxy->finished) {
		w->finished = w->proxy->finished;
		w->seen.pid = 0;
	}
	if (w->seen.pid && !proc_alive(&w->seen)) {
		say(w);
		w->seen.pid = 0;
		w->dead = 1;
	}
	if (alive)
		w->seen = now;
	w->dead = alive || !w->dead ? 0 : w->dead + 1;
	if (w->dead > PATIENCE && !w->proxy->current && !w->proxy->first) {
		w->dead = 1;
		queue_submit(w->proxy, &(struct work){.verb = verb_find("start"), .for_ns = -1, .requested_ns = mono_ns()});
	}
	loop_timer_at(w->timer, mono_ns() + every_ns);
}

void watch_begin(struct proxy_watch *w, struct fleet *f)
{
	struct err ignored;
	for (size_t i = 0; i < f->count && !w->proxy; i++)
		w->proxy = via_proxy(&f->nodes[i]);
	w->timer = w->proxy ? loop_timer_new(f->loop, look, w, &ignored) : NULL;
	if (w->timer)
		look(w);
}

void watch_end(struct proxy_watch *w)
{
	loop_timer_free(w->timer);
	*w = (struct proxy_watch){0};
}

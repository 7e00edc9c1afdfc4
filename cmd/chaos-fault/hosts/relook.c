#include "hosts/relook.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "cli/diag.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

static const int64_t within_ns = 15 * NS_PER_S;

/* One answer of ls. */
struct look {
	struct peer peer; /* the first, so that it leads here */
	const struct peer *of;
	size_t seen, left; /* nodes, and faults of the lost link on them */
};

struct relook {
	size_t running;
	struct loop *loop;
};

static bool is_left(const struct json *node, const char *fault)
{
	const struct json *more = json_get(node, "faults");
	bool found = strcmp(json_text(node, "fault.fault"), fault) == 0;
	for (size_t i = 0; i < json_count(more); i++)
		found = found || strcmp(json_text(json_at(more, i), "fault"), fault) == 0;
	return found;
}

/* Other lines are those of a login. */
static void line_came(void *arg, struct peer *p, const struct json *node, const char *line, size_t len)
{
	struct look *l = (struct look *)(void *)p;
	(void)arg;
	(void)line;
	(void)len;
	l->seen += json_get(node, "node") != NULL;
	for (size_t i = 0; i < l->of->active_count; i++)
		l->left += is_left(node, json_text(l->of->active[i], "fault"));
}

static void answered(void *arg, struct peer *p)
{
	struct relook *w = arg;
	(void)p;
	if (--w->running == 0)
		loop_stop(w->loop);
}

static void too_late(void *arg)
{
	loop_stop(((struct relook *)arg)->loop);
}

/* One that was only requested has perhaps never been: nothing is said of it. */
static void emit_healed(const struct peer *p)
{
	static const char *const keys[] = {"fault", "action", "node", "url", "host"};
	for (size_t i = 0; i < p->active_count; i++) {
		if (strcmp(json_text(p->active[i], "event"), "fault_injected") != 0)
			continue;
		struct json *j = event_new(&p->emitter->sink, EVENT_REVERTED);
		for (size_t k = 0; k < ARRAY_LEN(keys); k++)
			json_set_str(j, keys[k], json_str(json_get(p->active[i], keys[k]), NULL));
		json_set_bool(j, "by_other", true);
		emit_send(p->emitter, j);
	}
}

static void judge(struct look *l)
{
	if (l->peer.over && l->peer.code == EXIT_OK && l->seen && !l->left) {
		emit_healed(l->of);
		return;
	}
	diag("a fault on '%s' may still be active; 'chaos-fault ls' shows whether it is", l->of->host ? l->of->host : "this machine");
	l->of->emitter->code = exit_worse(l->of->emitter->code, EXIT_RESIDUE);
}

void relook(const struct peer *peers, size_t count, const struct config *c, struct emitter *r)
{
	struct look *looks = mem_alloc(count * sizeof *looks);
	struct relook w = {.loop = r->loop};
	const struct peer_calls calls = {.text = line_came, .over = answered, .arg = &w};
	struct args args = {0};
	struct err ignored;
	struct loop_timer *timer = loop_timer_new(r->loop, too_late, &w, &ignored);
	args_add(&args, "--json");
	args_add(&args, "ls");
	for (size_t i = 0; timer && i < count; i++) {
		looks[i].of = &peers[i];
		w.running += peers[i].active_count &&
			     !peer_open(&looks[i].peer, peers[i].host, c, &args, false, r, &calls, &ignored);
	}
	if (w.running) {
		loop_timer_at(timer, mono_ns() + within_ns);
		loop_run(r->loop);
	}
	for (size_t i = 0; i < count; i++) {
		if (peers[i].active_count)
			judge(&looks[i]);
		if (looks[i].peer.pid && !looks[i].peer.over)
			kill(looks[i].peer.pid, SIGKILL); /* our child, which has not been waited for */
		peer_release(&looks[i].peer);
	}
	loop_timer_free(timer);
	args_release(&args);
	free(looks);
}

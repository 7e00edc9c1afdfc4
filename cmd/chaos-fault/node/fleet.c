#include "node/fleet.h"

#include "base/buf.h"
#include "node/kind.h"
#include "node/queue.h"
#include "node/record.h"

#include <stdlib.h>
#include <unistd.h>

int fleet_init(struct fleet *f, const struct config *c, const char *state, struct loop *loop,
	       struct emitter *emitter, struct err *e)
{
	*f = (struct fleet){.config = c, .loop = loop, .emitter = emitter};
	f->state = mem_strdup(state);
	f->count = c->node_count;
	f->nodes = mem_alloc((f->count + 1) * sizeof *f->nodes);
	for (size_t i = 0; i < f->count; i++) {
		struct node *n = &f->nodes[i];
		n->conf = &c->nodes[i];
		n->fleet = f;
		n->kind = kind_of(n->conf->kind);
		n->dir = record_dir(state, c, n->conf);
		n->task.node = n;
		queue_init(n);
	}
	if (loop) {
		f->kick = loop_timer_new(loop, queue_start_all, f, e);
		f->keep = loop_timer_new(loop, queue_start_all, f, e);
		if (!f->kick || !f->keep)
			return -1;
		loop_timer_at(f->keep, INT64_MAX);
	}
	return proc_world(f->world, e) || proc_identify(getpid(), &f->self, e) ? -1 : 0;
}

void fleet_release(struct fleet *f)
{
	for (size_t i = 0; i < f->count; i++) {
		struct node *n = &f->nodes[i];
		task_free(&n->task);
		probe_free(n->answer.probe);
		queue_release(n);
		if (n->kind->release)
			n->kind->release(n);
		free(n->dir);
	}
	if (f->forget_programs)
		f->forget_programs(f);
	if (f->programs_lock > 0)
		close(f->programs_lock);
	loop_timer_free(f->kick);
	loop_timer_free(f->keep);
	free(f->nodes);
	free(f->state);
	*f = (struct fleet){0};
}

struct node *fleet_node(struct fleet *f, const char *name, struct err *e)
{
	const struct node_conf *c = config_need_node(f->config, name, e);
	return c ? &f->nodes[c - f->config->nodes] : NULL;
}

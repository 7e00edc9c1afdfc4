#include "recover/restore.h"

#include "faults/action.h"
#include "base/buf.h"
#include "base/clock.h"
#include "cli/diag.h"
#include "faults/exec/exec_fault.h"
#include "faults/fault.h"
#include "faults/held.h"
#include "faults/through.h"
#include "journal/kept.h"
#include "node/fleet.h"
#include "node/kind.h"
#include "events/emit.h"

#include <stdlib.h>
#include <string.h>

/* The entries of one config: a replica waits for its primary. */
struct group {
	struct journal_entry *first, *end; /* it has those of its first one's config */
	struct config config;
	struct emitter emitter;
	struct fleet fleet;
	int code;
};

struct restore {
	struct journal_entry *entries; /* without those that need no undo; owned */
	size_t count;
	struct group *groups; /* owned */
	size_t group_count;
	struct kept *kept; /* the entries as they were when it began; borrowed */
	size_t at_work; /* number of groups; one more while groups are being started */
	struct loop *loop;
	struct loop_timer *later; /* calls done when no callback of a group is on the stack */
	int code;
	bool again; /* injected again through a new proxy, not reverted */
	void (*done)(void *arg, struct restore *p);
	void *arg;
};

static int adopt(struct fleet *f, const struct journal_entry *j, struct err *e)
{
	const struct action *a = exec_fault_of(f, j);
	struct node *n = fleet_node(f, j->node, e);
	if (!n)
		return -1;
	if (!a)
		return err_runtime(e, "this version has no action '%s'", j->action);
	return fault_adopt(n, a, j, e);
}

/* A node that is stopped at the end is not started before: stopping it also ends a fault that ends
 * with its process. */
static void submit(struct fleet *f)
{
	int64_t now = mono_ns();
	for (size_t i = 0; i < f->count; i++) {
		struct node *n = &f->nodes[i];
		struct work w = {.verb = &verb_revert, .for_ns = -1, .requested_ns = now};
		for (const struct fault *held = n->faults; held; held = held->next) {
			if (n->brought_up && held->action->ends_with_node)
				continue;
			w.holder = held->entry.owner;
			w.fault = held->number;
			queue_submit(n, &w);
		}
		w.fault = 0;
		if (n->brought_up) {
			w.verb = &verb_put_down;
			w.holder = n->brought_up->entry.owner;
			queue_submit(n, &w);
		}
	}
}

static int failed(const struct journal_entry *j, struct err *e)
{
	err_prefix(e, ENTRY_NAME, ENTRY_NAMED(j));
	diag_err(e);
	return EXIT_RESIDUE;
}

static bool still_there(const struct restore *p, const char *state, const struct journal_entry *j)
{
	struct journal_entry now = *j;
	return journal_presence(state, p->kept, &now) != JOURNAL_DONE;
}

static void group_ended(void *restore)
{
	struct restore *p = restore;
	if (--p->at_work == 0)
		loop_timer_at(p->later, 0);
}

static bool is_of(const struct group *g, const struct journal_entry *j)
{
	return strcmp(j->config, g->first->config) == 0;
}

static void start_group(struct restore *p, struct group *g, const char *state)
{
	struct fleet *f = &g->fleet;
	struct err e = {0};
	g->emitter.sink = (struct event_sink){.fd = -1, .anchor = anchor_now()};
	for (struct journal_entry *j = g->first; j < g->end; j++) {
		j->damaged |= is_of(g, j) && journal_config(state, p->kept, j, &g->config, &e);
		if (j->damaged && is_of(g, j) && still_there(p, state, j))
			g->code = failed(j, &e);
	}
	if (fleet_init(f, &g->config, state, p->loop, &g->emitter, &e)) {
		g->code = exit_worse(diag_err(&e), EXIT_RESIDUE);
		return;
	}
	f->kept = p->kept;
	for (const struct journal_entry *j = g->first; j < g->end; j++)
		if (is_of(g, j) && !j->damaged && adopt(f, j, &e) &&
		    still_there(p, state, j))
			g->code = failed(j, &e);
	f->on_idle = group_ended;
	f->idle_arg = p;
	p->at_work++;
	f->busy++;
	if (p->again)
		through_again(f);
	else
		submit(f);
	if (!--f->busy)
		group_ended(p);
}

/* Entries that need no undo: a fault that ended with its processes at a reboot, and one injected
 * with --stay-down. */
static bool dropped(struct restore *p, const char *state, const struct journal_entry *j,
		    const char *world)
{
	char words[STANDING_WORDS_MAX];
	const struct kind *k = kind_named(j->kind);
	const struct action *a = action_find(j->action);
	if (journal_standing(j, world) == STANDING_ELSEWHERE) {
		diag(ENTRY_NAME " belongs to another pid or time namespace; only a chaos-fault "
				"there can put it back",
		     ENTRY_NAMED(j));
		p->code = EXIT_RESIDUE;
		return true;
	}
	bool over = strcmp(j->world, world) != 0 && a && a->ends_with_node && k &&
		    k->ends_with_boot;
	if (over)
		diag(ENTRY_NAME " is %s, and ended with it", ENTRY_NAMED(j),
		     journal_words(j, world, words, sizeof words));
	if (over || j->stays)
		journal_done(state, p->kept, j);
	return over || j->stays;
}

/* Copies the entries that need an undo; one that has gone meanwhile needs none. */
static void take(struct restore *p, const char *state, const struct journal_entry *entries,
		 size_t count, const char *world)
{
	p->entries = mem_alloc((count + 1) * sizeof *p->entries);
	for (size_t i = 0; i < count; i++)
		if ((kept_find(p->kept, entries[i].uid) ||
		     journal_keep(state, p->kept, &entries[i])) &&
		    !dropped(p, state, &entries[i], world))
			p->entries[p->count++] = entries[i];
}

static void start_groups(struct restore *p, const char *state)
{
	struct journal_entry *end = p->entries + p->count;
	p->groups = mem_alloc((p->count + 1) * sizeof *p->groups);
	for (struct journal_entry *j = p->entries; j < end; j++) {
		size_t i = 0;
		while (i < p->group_count && !is_of(&p->groups[i], j))
			i++;
		if (i < p->group_count)
			continue;
		p->groups[p->group_count++] = (struct group){.first = j, .end = end};
		start_group(p, &p->groups[i], state);
	}
}

static void all_ended(void *arg)
{
	struct restore *p = arg;
	p->done(p->arg, p);
}

struct restore *restore_start(struct loop *loop, const char *state, struct kept *kept,
			      const struct journal_entry *entries, size_t count, bool again,
			      void (*done)(void *arg, struct restore *p), void *arg, struct err *e)
{
	char world[PROC_WORLD_MAX];
	struct restore *p = mem_alloc(sizeof *p);
	*p = (struct restore){
		.kept = kept, .again = again, .loop = loop, .at_work = 1, .done = done, .arg = arg};
	p->later = proc_world(world, e) ? NULL : loop_timer_new(loop, all_ended, p, e);
	if (!p->later) {
		free(p);
		return NULL;
	}
	take(p, state, entries, count, world);
	start_groups(p, state);
	group_ended(p);
	return p;
}

bool restore_covers(const struct restore *p, const char *key)
{
	for (size_t i = 0; i < p->count; i++)
		if (strcmp(p->entries[i].key, key) == 0)
			return true;
	return false;
}

int restore_end(struct restore *p)
{
	int code = p->code;
	for (size_t i = 0; i < p->group_count; i++) {
		struct group *g = &p->groups[i];
		code = exit_worse(code, exit_worse(g->code, g->emitter.code));
		if (held_residue(&g->fleet))
			code = exit_worse(code, EXIT_RESIDUE);
		held_release(&g->fleet);
		fleet_release(&g->fleet);
		config_release(&g->config);
	}
	loop_timer_free(p->later);
	free(p->groups);
	free(p->entries);
	free(p);
	return code;
}

static void stop(void *arg, struct restore *p)
{
	(void)p;
	loop_stop(arg);
}

int restore_run(const char *state, const struct journal_entry *entries, size_t count)
{
	struct err e = {0};
	struct kept kept = {0};
	struct loop *loop = loop_new(&e);
	struct restore *p =
		loop ? restore_start(loop, state, &kept, entries, count, false, stop, loop, &e) : NULL;
	int rc;
	if (p) {
		loop_run(loop);
		rc = restore_end(p);
	} else {
		rc = exit_worse(diag_err(&e), EXIT_RESIDUE);
	}
	kept_release(&kept);
	loop_free(loop);
	return rc;
}

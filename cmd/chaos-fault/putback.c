#include "putback.h"

#include "action.h"
#include "base/buf.h"
#include "base/clock.h"
#include "cli/diag.h"
#include "fault.h"
#include "fleet.h"
#include "kind.h"
#include "report.h"
#include "verb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *putback_name(const struct journal_entry *j, char *out, size_t size)
{
	snprintf(out, size, "%s (%s of '%s')", j->uid, j->action, j->node);
	return out;
}

static void all_done(void *arg)
{
	struct fleet *f = arg;
	loop_stop(f->loop);
}

static int adopt(struct fleet *f, const struct journal_entry *j, struct err *e)
{
	const struct action *a = action_find(j->action);
	struct node *n = fleet_node(f, j->node, e);
	if (!n)
		return -1;
	if (!a)
		return err_runtime(e, "this version knows no '%s'", j->action);
	return fault_adopt(n, a, j, e);
}

/* A node that is to be stopped anyway is not started first for the sake of a fault that ends
 * with its process. */
static void submit(struct fleet *f, const char *why)
{
	int64_t now = mono_ns();
	for (size_t i = 0; i < f->count; i++) {
		struct node *n = &f->nodes[i];
		bool hold_does = n->hold && (!n->fault || n->fault->action->ends_with_node);
		struct work w = {.verb = &verb_revert, .for_ns = -1, .why = why,
				 .requested_ns = now};
		if (n->fault && !hold_does)
			fleet_submit(n, &w);
		w.verb = &verb_put_down;
		if (n->hold)
			fleet_submit(n, &w);
	}
}

static int run_fleet(struct fleet *f, struct report *r, const char *why)
{
	f->on_idle = all_done;
	f->idle_arg = f;
	f->busy++;
	submit(f, why);
	if (--f->busy)
		loop_run(f->loop);
	return fleet_residue(f) ? exit_worse(r->code, EXIT_RESIDUE) : r->code;
}

static int failed(const struct journal_entry *j, struct err *e)
{
	char name[128];
	err_prefix(e, "%s", putback_name(j, name, sizeof name));
	diag_err(e);
	return EXIT_RESIDUE;
}

static bool still_there(const char *state, const struct journal_entry *j)
{
	struct journal_entry now = *j;
	return journal_has(state, &now);
}

/* Those of one config: their nodes know one another. */
static int run_group(const char *state, const struct journal_entry **entries, size_t count,
		     const char *why)
{
	struct config c = {0};
	struct report r = {.sink = {.fd = -1, .anchor = anchor_now()}};
	struct fleet f = {0};
	struct err e = {0};
	int rc = EXIT_OK;
	for (size_t i = 0; i < count; i++)
		if (journal_config(state, entries[i], &c, &e) && still_there(state, entries[i]))
			rc = failed(entries[i], &e);
	struct loop *loop = loop_new(&e);
	if (!loop || fleet_init(&f, &c, state, loop, &r, &e)) {
		rc = exit_worse(diag_err(&e), EXIT_RESIDUE);
	} else {
		for (size_t i = 0; i < count; i++)
			if (config_node(&c, entries[i]->node) && adopt(&f, entries[i], &e))
				rc = failed(entries[i], &e);
		rc = exit_worse(rc, run_fleet(&f, &r, why));
	}
	fleet_release(&f);
	loop_free(loop);
	config_release(&c);
	return rc;
}

/* What another life of the machine did is over with its processes; what was to stay stays. */
static bool dropped(const char *state, const struct journal_entry *j, const char *world, int *rc)
{
	char name[128];
	const struct action *a = action_find(j->action);
	const struct kind *k = kind_named(j->kind);
	if (strcmp(j->world, world) == 0) {
		if (j->stays)
			journal_done(state, j);
		return j->stays;
	}
	putback_name(j, name, sizeof name);
	if (journal_other_boot(j, world) && a && a->ends_with_node && k && k->ends_with_boot) {
		diag("%s is from before the machine started anew, and ended with it", name);
		journal_done(state, j);
	} else {
		diag("%s belongs to another pid namespace; only a chaos-fault there can put it "
		     "back",
		     name);
		*rc = EXIT_RESIDUE;
	}
	return true;
}

int putback_run(const char *state, const struct journal_entry *entries, size_t count,
		const char *why)
{
	const struct journal_entry **group = mem_alloc((count + 1) * sizeof *group);
	bool *seen = mem_alloc(count + 1);
	char world[PROC_WORLD_MAX];
	int rc = EXIT_OK;
	proc_world(world);
	for (size_t i = 0; i < count; i++)
		seen[i] = dropped(state, &entries[i], world, &rc);
	for (size_t i = 0; i < count; i++) {
		size_t n = 0;
		for (size_t k = i; k < count && !seen[i]; k++)
			if (!seen[k] && strcmp(entries[k].config, entries[i].config) == 0) {
				group[n++] = &entries[k];
				seen[k] = k != i;
			}
		if (n)
			rc = exit_worse(rc, run_group(state, group, n, why));
		seen[i] = true;
	}
	free(seen);
	free(group);
	return rc;
}

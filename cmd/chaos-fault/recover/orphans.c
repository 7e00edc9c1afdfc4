#include "recover/orphans.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/suggest.h"
#include "base/units.h"
#include "cli/diag.h"
#include "events/report.h"
#include "journal/journal.h"
#include "node/await.h"
#include "node/kind.h"
#include "recover/restore.h"

#include <stdlib.h>
#include <string.h>

static const int64_t guards_within_ns = 30 * NS_PER_S;
static const int64_t say_after_ns = NS_PER_S;

/* The owner has died, its guard lives: it restores the entry now or in a moment. */
static bool guard_at_work(void *arg, const struct journal_entry *j)
{
	const char *world = arg;
	return !j->failed && journal_keeper(j, world) == KEEPER_REVERTS;
}

struct guards {
	const char *state;
	char *world;
	int64_t from_ns;
	bool said;
};

static bool guards_done(void *arg)
{
	struct guards *g = arg;
	int64_t gone = mono_ns() - g->from_ns;
	if (gone >= guards_within_ns || !journal_each(g->state, guard_at_work, g->world))
		return true;
	if (!g->said && gone > say_after_ns)
		diag("a chaos-fault has died; waiting for its guard to put back what it held");
	g->said = gone > say_after_ns;
	return false;
}

static int wait_for_guards(const char *state, char *world, struct err *e)
{
	struct guards g = {.state = state, .world = world, .from_ns = mono_ns()};
	return guards_done(&g) ? 0 : await(NULL, guards_done, &g, e);
}

static void say_left_over(const struct journal_entry *j, const char *world)
{
	char name[RESTORE_NAME_MAX];
	const struct kind *k = kind_named(j->kind);
	restore_name(j, name, sizeof name);
	if (strcmp(j->world, world) == 0)
		diag("%s is left over from process %d, which %s: putting it back", name,
		     (int)j->owner.pid,
		     proc_alive(&j->owner)   ? "does not undo it"
		     : proc_alive(&j->guard) ? "died, and whose guard does not undo it"
					     : "died");
	else if (!k || !k->ends_with_boot)
		diag("%s is left over from %s: putting it back", name,
		     journal_other_boot(j, world) ? "before the last boot"
						  : "a pid or time namespace that is gone");
}

struct damage {
	const char *state;
	int code;
};

static void say_damaged(void *arg, const char *uid)
{
	struct damage *d = arg;
	diag("'%s/faults/%s.json' cannot be read: its fault may be active; look at the nodes "
	     "with 'chaos-fault ls', then remove that file",
	     d->state, uid);
	d->code = EXIT_RESIDUE;
}

/* What somebody still answers for, though it could not be undone or takes too long. */
static int say_residue(const struct journal_entry *j, const char *world)
{
	char name[RESTORE_NAME_MAX];
	if (journal_elsewhere(j, world) || j->stays ||
	    (!j->failed && journal_keeper(j, world) != KEEPER_REVERTS))
		return EXIT_OK;
	diag("%s %s; process %d answers for it", restore_name(j, name, sizeof name),
	     j->failed ? "could not be put back" : "is not put back yet",
	     (int)(proc_alive(&j->owner) ? j->owner.pid : j->guard.pid));
	return EXIT_RESIDUE;
}

int orphans_restore(const char *state)
{
	char world[PROC_WORLD_MAX];
	size_t count = 0, left = 0;
	int code = EXIT_OK;
	struct err e = {0};
	proc_world(world);
	if (wait_for_guards(state, world, &e))
		diag_err(&e);
	journal_sweep(state, 0);
	struct journal_entry *all = journal_list(state, &count);
	for (size_t i = 0; i < count; i++) {
		const struct journal_entry *j = &all[i];
		if (!journal_left_over(j, world)) {
			code = exit_worse(code, say_residue(j, world));
			continue;
		}
		if (!j->stays)
			say_left_over(j, world);
		all[left++] = *j;
	}
	struct damage damage = {.state = state, .code = code};
	journal_each_damaged(state, say_damaged, &damage);
	int rc = left ? restore_run(state, all, left, "left over") : EXIT_OK;
	free(all);
	return exit_worse(rc, damage.code);
}

/* --- undo ------------------------------------------------------------------------ */

static int unknown(const char *uid, const struct journal_entry *all, size_t count, struct err *e)
{
	struct buf known = BUF_INIT;
	for (size_t i = 0; i < count; i++)
		if (strcmp(all[i].node, uid) == 0)
			return err_usage(
				e,
				"undo takes the fault, not its node: '%s' has the fault %s "
				"(%s); 'chaos-fault undo %s'",
				uid, all[i].uid, all[i].action, all[i].uid);
	for (size_t i = 0; i < count; i++)
		buf_addf(&known, "%s%s", i ? ", " : "", all[i].uid);
	if (count)
		err_usage(e, "no active fault '%s'; there are %.300s", uid, known.data);
	else
		err_usage(e, "no active fault '%s'; no fault is active", uid);
	buf_release(&known);
	return -1;
}

struct journal {
	struct journal_entry *items;
	size_t count;
};

static size_t find(const struct journal *j, const char *uid)
{
	size_t at = 0;
	while (at < j->count && strcmp(j->items[at].uid, uid) != 0)
		at++;
	return at;
}

/* Moves the named entries to the front and returns their number, or -1. Entries of before that are
 * gone now have just been restored. */
static int choose(struct journal *now, const struct journal *before, const struct cli_rest *rest,
		  struct err *e)
{
	size_t chosen = 0;
	for (int i = 1; i < rest->count; i++) {
		size_t at = find(now, rest->items[i]);
		if (at == now->count && find(before, rest->items[i]) == before->count)
			return unknown(rest->items[i], now->items, now->count, e);
		if (at == now->count || at < chosen)
			continue;
		struct journal_entry swap = now->items[chosen];
		now->items[chosen++] = now->items[at];
		now->items[at] = swap;
	}
	return (int)chosen;
}

int undo_choose(const char *state, const struct cli_rest *rest, bool all,
		struct journal_entry **out, struct err *e)
{
	struct journal now = {0};
	const struct journal none = {0};
	now.items = journal_list(state, &now.count);
	*out = now.items;
	int chosen = all ? (int)now.count : choose(&now, &none, rest, e);
	if (chosen >= 0)
		return chosen;
	free(now.items);
	return -1;
}

int undo_run(const char *state, const struct cli_rest *rest, bool all)
{
	struct err e;
	struct journal before = {0}, now = {0};
	before.items = journal_list(state, &before.count);
	int rc = orphans_restore(state);
	now.items = journal_list(state, &now.count);
	int chosen = all ? (int)now.count : choose(&now, &before, rest, &e);
	if (chosen < 0)
		rc = exit_worse(rc, diag_err(&e));
	else if (chosen)
		rc = exit_worse(rc, restore_run(state, now.items, (size_t)chosen, "undo"));
	else if (!before.count)
		diag("there is nothing to undo");
	free(before.items);
	free(now.items);
	return rc;
}

/* A guard that has failed tries on; it stops when the entry says that it is done. */
static int may_forget(const struct journal_entry *j, const char *world, struct err *e)
{
	char name[RESTORE_NAME_MAX];
	bool owner = strcmp(j->world, world) == 0 && proc_alive(&j->owner);
	restore_name(j, name, sizeof name);
	if (journal_elsewhere(j, world))
		return err_usage(e,
				 "%s belongs to another pid or time namespace, where it may be "
				 "held; only a chaos-fault there can give it up",
				 name);
	if (owner || (!j->failed && journal_owned(j, world)))
		return err_usage(e,
				 "%s is held by process %d, which puts it back; 'chaos-fault "
				 "undo %s' does so now",
				 name, (int)(owner ? j->owner.pid : j->guard.pid), j->uid);
	return 0;
}

static void forget(const char *state, const struct journal_entry *j)
{
	char name[RESTORE_NAME_MAX];
	struct shown target = {.words = "its process"};
	const struct kind *k = kind_named(j->kind);
	if (k)
		k->show(&j->target, &target);
	journal_done(state, NULL, j);
	diag("%s is forgotten, not put back: what it did to %s stays until somebody undoes it",
	     restore_name(j, name, sizeof name), target.words);
}

int undo_forget(const char *state, const struct cli_rest *rest, bool all)
{
	char world[PROC_WORLD_MAX];
	struct journal_entry *entries;
	struct err e = {0};
	proc_world(world);
	int count = undo_choose(state, rest, all, &entries, &e);
	if (count < 0)
		return diag_err(&e);
	int rc = 0;
	for (int i = 0; i < count && !rc; i++)
		rc = may_forget(&entries[i], world, &e);
	for (int i = 0; i < count && !rc; i++)
		forget(state, &entries[i]);
	if (!count)
		diag("there is nothing to forget");
	free(entries);
	return rc ? diag_err(&e) : orphans_restore(state);
}

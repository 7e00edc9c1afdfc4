#include "recover/orphans.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "cli/diag.h"
#include "events/emit.h"
#include "node/await.h"
#include "node/kind.h"
#include "programs/program.h"
#include "recover/restore.h"

#include <stdlib.h>
#include <string.h>

static const int64_t guards_within_ns = 30 * NS_PER_S;
static const int64_t say_after_ns = NS_PER_S;

/* The owner has died, its guard lives: it restores the entry now or in a moment. */
static bool guard_at_work(void *arg, const struct journal_entry *j)
{
	const char *world = arg;
	return !j->failed && journal_standing(j, world) == STANDING_REVERTED;
}

struct patience {
	const char *state;
	char *world;
	int64_t from_ns;
	bool said;
};

static bool guards_done(void *patience)
{
	struct patience *p = patience;
	int64_t waited_ns = mono_ns() - p->from_ns;
	if (waited_ns >= guards_within_ns || !journal_each(p->state, guard_at_work, p->world))
		return true;
	if (!p->said && waited_ns > say_after_ns) {
		diag("a chaos-fault has died; waiting for its guard to put back what it held");
		p->said = true;
	}
	return false;
}

static int wait_for_guards(const char *state, char *world, struct err *e)
{
	struct patience p = {.state = state, .world = world, .from_ns = mono_ns()};
	return guards_done(&p) ? 0 : await(NULL, guards_done, &p, e);
}

static void say_left_over(const struct journal_entry *j, const char *world)
{
	char words[STANDING_WORDS_MAX];
	const struct kind *k = kind_named(j->kind);
	bool ended = strcmp(j->world, world) != 0 && k && k->ends_with_boot;
	if (!j->stays && !ended)
		diag(ENTRY_NAME " is left over: %s; putting it back", ENTRY_NAMED(j),
		     journal_words(j, world, words, sizeof words));
}

/* What cannot be read, and what somebody still answers for, though it could not be undone or takes
 * too long. */
static int say_residue(const char *state, const struct journal_entry *j, const char *world)
{
	enum journal_standing s = j->damaged ? STANDING_DEAD : journal_standing(j, world);
	if (j->damaged)
		diag("'%s/faults/%s.json' cannot be read: its fault may be active; look at the "
		     "nodes with 'chaos-fault ls', then remove that file",
		     state, j->uid);
	else if (s == STANDING_ELSEWHERE || j->stays || (!j->failed && s != STANDING_REVERTED))
		return EXIT_OK;
	else
		diag(ENTRY_NAME " %s; process %d answers for it", ENTRY_NAMED(j),
		     j->failed ? "could not be put back" : "is not put back yet",
		     (int)(proc_alive(&j->owner) ? j->owner.pid : j->guard.pid));
	return EXIT_RESIDUE;
}

static bool is_named(const struct journal_entry *j, const struct cli_rest *rest)
{
	for (int i = 1; rest && i < rest->count; i++)
		if (strcmp(j->uid, rest->items[i]) == 0)
			return true;
	return false;
}

/* Nobody knows what a damaged entry names. */
static bool is_needed(const char *state, const char *sum)
{
	size_t count;
	bool needed = false;
	struct journal_entry *all = journal_list(state, &count);
	for (size_t i = 0; i < count; i++)
		needed |= all[i].damaged || strcmp(all[i].program.sum, sum) == 0 ||
			  strcmp(all[i].target.sum, sum) == 0;
	free(all);
	return needed;
}

/* What is left over, and what rest names; or all. */
static int put_back(const char *state, const struct cli_rest *rest, bool all)
{
	char world[PROC_WORLD_MAX];
	size_t count = 0, chosen = 0;
	int code = EXIT_OK;
	struct err e = {0};
	if (proc_world(world, &e) || wait_for_guards(state, world, &e))
		return diag_err(&e);
	journal_sweep(state, 0);
	program_sweep(state, is_needed);
	struct journal_entry *entries = journal_list(state, &count);
	for (size_t i = 0; i < count; i++) {
		const struct journal_entry *j = &entries[i];
		bool over = !j->damaged && journal_left_over(j, world);
		if (over)
			say_left_over(j, world);
		if (over || (!j->damaged && (all || is_named(j, rest))))
			entries[chosen++] = *j;
		else
			code = exit_worse(code, say_residue(state, j, world));
	}
	if (chosen)
		code = exit_worse(code, restore_run(state, entries, chosen));
	free(entries);
	return code;
}

int orphans_restore(const char *state)
{
	return put_back(state, NULL, false);
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
	err_usage(e, "no active fault '%s'; %s%.300s", uid,
		  count ? "there are " : "no fault is active", known.data);
	buf_release(&known);
	return -1;
}

int undo_choose(const char *state, const struct cli_rest *rest, bool all,
		struct journal_entry **out, struct err *e)
{
	size_t count, readable = 0, chosen = 0;
	struct journal_entry *entries = journal_list(state, &count);
	for (size_t i = 0; i < count; i++)
		if (!entries[i].damaged)
			entries[readable++] = entries[i];
	for (int i = 1; i < rest->count; i++) {
		size_t at = 0;
		while (at < readable && strcmp(entries[at].uid, rest->items[i]) != 0)
			at++;
		if (at < readable)
			continue;
		unknown(rest->items[i], entries, readable, e);
		free(entries);
		return -1;
	}
	for (size_t i = 0; i < readable; i++)
		if (all || is_named(&entries[i], rest))
			entries[chosen++] = entries[i];
	*out = entries;
	return (int)chosen;
}

int undo_run(const char *state, const struct cli_rest *rest, bool all)
{
	struct journal_entry *entries;
	struct err e = {0};
	int count = undo_choose(state, rest, all, &entries, &e);
	if (count < 0)
		return diag_err(&e);
	if (!count)
		diag("there is nothing to undo");
	free(entries);
	return put_back(state, rest, all);
}

/* A guard that has failed tries on; it stops when the entry says that it is done. */
static int may_forget(const struct journal_entry *j, const char *world, struct err *e)
{
	enum journal_standing s = journal_standing(j, world);
	bool owner = s < STANDING_WORLD_GONE && proc_alive(&j->owner);
	bool by_guard = j->handed_over || !owner;
	if (s == STANDING_ELSEWHERE)
		return err_usage(e,
				 ENTRY_NAME " belongs to another pid or time namespace, where it "
					    "may be held; only a chaos-fault there can give it up",
				 ENTRY_NAMED(j));
	if (owner || (!j->failed && s < STANDING_ELSEWHERE))
		return err_usage(e,
				 ENTRY_NAME " is held by %sprocess %d, which puts it back; "
					    "'chaos-fault undo %s' does so now",
				 ENTRY_NAMED(j), by_guard ? "its guard, " : "",
				 (int)(by_guard ? j->guard.pid : j->owner.pid), j->uid);
	return 0;
}

static void forget(const char *state, const struct journal_entry *j)
{
	struct shown target = {.words = "its process"};
	const struct kind *k = kind_named(j->kind);
	if (k)
		k->show(&j->target, &target);
	journal_done(state, NULL, j);
	diag(ENTRY_NAME " is forgotten, not put back: what it did to %s stays until somebody "
			"undoes it",
	     ENTRY_NAMED(j), target.words);
}

int undo_forget(const char *state, const struct cli_rest *rest, bool all)
{
	char world[PROC_WORLD_MAX];
	struct journal_entry *entries;
	struct err e = {0};
	int count = proc_world(world, &e) ? -1 : undo_choose(state, rest, all, &entries, &e);
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

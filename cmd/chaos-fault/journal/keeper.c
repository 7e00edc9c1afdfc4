/* Who answers for an entry of the journal. */
#include "base/clock.h"
#include "journal/journal.h"
#include "seam.h"

#include <string.h>

/* By so much keepers may be late: an undo begins in a moment, and gives up after a bound. */
static const int64_t begins_within_ns = BOUND_S;
static const int64_t ends_within_ns = 120 * BOUND_S;

/* A process that is stopped in the middle (Ctrl-Z, SIGSTOP) keeps nothing that is due. */
static bool acts(const struct proc_id *id)
{
	char state = proc_state(id);
	return state != 'T' && state != 't' && proc_alive(id);
}

enum journal_keeper journal_keeper(const struct journal_entry *j, const char *world)
{
	int64_t late_ns = j->deadline_ns ? mono_ns() - j->deadline_ns : 0;
	if (strcmp(j->world, world) != 0 || late_ns > ends_within_ns)
		return KEEPER_NONE;
	bool owner = proc_alive(&j->owner), guard = proc_alive(&j->guard);
	if (owner || (j->handed_over && guard)) {
		bool due = late_ns > begins_within_ns;
		return !due || (owner && acts(&j->owner)) || acts(&j->guard) ? KEEPER_HOLDS
									     : KEEPER_NONE;
	}
	return acts(&j->guard) ? KEEPER_REVERTS : KEEPER_NONE;
}

bool journal_owned(const struct journal_entry *j, const char *world)
{
	return journal_keeper(j, world) != KEEPER_NONE;
}

bool journal_elsewhere(const struct journal_entry *j, const char *world)
{
	return strcmp(j->world, world) != 0 && !journal_other_boot(j, world) &&
	       !proc_world_gone(j->world);
}

bool journal_other_boot(const struct journal_entry *j, const char *world)
{
	size_t boot = strcspn(world, " ");
	return strncmp(j->world, world, boot) != 0 || j->world[boot] != ' ';
}

bool journal_left_over(const struct journal_entry *j, const char *world)
{
	return !journal_elsewhere(j, world) &&
	       ((j->failed && !proc_alive(&j->owner)) || journal_keeper(j, world) == KEEPER_NONE);
}

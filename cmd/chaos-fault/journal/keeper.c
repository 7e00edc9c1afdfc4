/* Which process is responsible for an entry of the journal. */
#include "base/clock.h"
#include "journal/journal.h"
#include "seam.h"

#include <stdio.h>
#include <string.h>

/* How late a responsible process may be: an undo begins in a moment, and gives up after a bound. */
static const int64_t begins_within_ns = BOUND_S;
static const int64_t ends_within_ns = 120 * BOUND_S;

/* A process that is stopped in the middle (Ctrl-Z, SIGSTOP) keeps nothing that is due. */
static bool acts(const struct proc_id *id)
{
	char state = proc_state(id);
	return state != 'T' && state != 't' && proc_alive(id);
}

static enum journal_standing of_another_world(const struct journal_entry *j, const char *world)
{
	size_t boot = strcspn(world, " ");
	if (strncmp(j->world, world, boot) != 0 || j->world[boot] != ' ')
		return STANDING_BEFORE_BOOT;
	return proc_world_gone(j->world) ? STANDING_WORLD_GONE : STANDING_ELSEWHERE;
}

enum journal_standing journal_standing(const struct journal_entry *j, const char *world)
{
	int64_t late_ns = j->deadline_ns ? mono_ns() - j->deadline_ns : 0;
	if (strcmp(j->world, world) != 0)
		return of_another_world(j, world);
	bool owner = proc_alive(&j->owner), guard = proc_alive(&j->guard);
	bool held = owner || (j->handed_over && guard), due = !held || late_ns > begins_within_ns;
	if (late_ns <= ends_within_ns &&
	    (!due || (owner && acts(&j->owner)) || acts(&j->guard)))
		return held ? STANDING_HELD : STANDING_REVERTED;
	return owner || guard ? STANDING_STOPPED : STANDING_DEAD;
}

bool journal_left_over(const struct journal_entry *j, const char *world)
{
	enum journal_standing s = journal_standing(j, world);
	return s > STANDING_ELSEWHERE ||
	       (s != STANDING_ELSEWHERE && j->failed && !proc_alive(&j->owner));
}

char *journal_words(const struct journal_entry *j, const char *world, char *out, size_t size)
{
	enum journal_standing s = journal_standing(j, world);
	int owner = (int)j->owner.pid, guard = (int)j->guard.pid;
	bool owner_lives = proc_alive(&j->owner), guard_lives = proc_alive(&j->guard);
	bool alike = owner_lives == guard_lives;
	if (j->failed)
		snprintf(out, size, "could not be put back");
	else if (s == STANDING_HELD)
		snprintf(out, size, "held by %sprocess %d", j->handed_over ? "its guard, " : "",
			 j->handed_over ? guard : owner);
	else if (s == STANDING_STOPPED || s == STANDING_DEAD)
		snprintf(out, size, "its owner, process %d,%s and its guard %s %s", owner,
			 alike ? "" : owner_lives ? " is stopped," : " is dead,",
			 alike ? "are" : "is", guard_lives ? "stopped" : "dead");
	else
		snprintf(out, size, "%s",
			 s == STANDING_REVERTED	    ? "its guard is putting it back"
			 : s == STANDING_ELSEWHERE  ? "of another pid or time namespace"
			 : s == STANDING_WORLD_GONE ? "from a pid or time namespace that is gone"
						    : "from before the last boot");
	return out;
}

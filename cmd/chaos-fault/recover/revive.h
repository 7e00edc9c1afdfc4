/* The proxies that faults go through, as a guard watches them. */
#ifndef FAULT_RECOVER_REVIVE_H
#define FAULT_RECOVER_REVIVE_H

#include "journal/journal.h"
#include "journal/kept.h"

/* True if the proxy of the entry has died, or is not the one that was last seen: the fault is to be
 * injected again. Notes in mine what was seen. */
bool revive_due(const char *state, const struct kept *kept, struct kept_entry *mine,
		const struct journal_entry *j);

#endif

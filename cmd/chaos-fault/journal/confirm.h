/* What an entry says of its node decides what its undo runs, and where it connects. The entry alone is no reason for
 * that: the node's config must say the same, or the notes that chaos-fault makes beside its own entries. */
#ifndef FAULT_JOURNAL_CONFIRM_H
#define FAULT_JOURNAL_CONFIRM_H

#include "journal/journal.h"

/* Notes what the text of an entry of ours says of its node. -1 if that cannot be written: a fault without it could not be
 * undone once its config is edited. */
int confirm_note(const char *state, const char *key, const char *text, struct err *e);

/* -1, with the way out, if neither says what the text of that entry says. */
int confirm_entry(const char *state, const char *text, const struct journal_entry *j, struct err *e);

#endif

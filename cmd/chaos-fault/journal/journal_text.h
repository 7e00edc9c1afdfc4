/* An entry of the journal as text: one JSON object, then a line for each thing noted later. */
#ifndef FAULT_JOURNAL_TEXT_H
#define FAULT_JOURNAL_TEXT_H

#include "base/buf.h"
#include "journal/journal.h"

/* c and n say how the node is run. */
void journal_write(struct buf *out, const struct journal_entry *j, const struct config *c,
		   const struct node_conf *n);

/* -1 if it cannot be understood. */
int journal_parse(const char *text, struct journal_entry *out);

int journal_parse_config(const char *text, const struct journal_entry *j, struct config *c,
			 struct err *e);

/* -1 if there is no such file or it cannot be understood. */
int journal_read(const char *path, struct journal_entry *out);

#endif

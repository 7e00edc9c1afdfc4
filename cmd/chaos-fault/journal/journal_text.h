/* An entry of the journal as text: one JSON object, then a line for each thing noted later. */
#ifndef FAULT_JOURNAL_TEXT_H
#define FAULT_JOURNAL_TEXT_H

#include "base/buf.h"
#include "journal/journal.h"
#include "stream/json.h"

/* c and n say how the node is run. */
void journal_write(struct buf *out, const struct journal_entry *j, const struct config *c,
		   const struct node_conf *n);

/* Of the text of an entry, with all that was noted behind it. NULL if it cannot be understood; the caller frees. */
struct json *journal_json(const char *text);

/* What an entry says of that node; the caller frees. */
struct json *journal_how(const struct config *c, const struct node_conf *n);

/* -1 if it cannot be understood. */
int journal_parse(const char *text, struct journal_entry *out);

int journal_parse_config(const char *text, const struct journal_entry *j, struct config *c,
			 struct err *e);

/* -1 if there is no such file or it cannot be understood. */
int journal_read(const char *path, struct journal_entry *out);

#endif

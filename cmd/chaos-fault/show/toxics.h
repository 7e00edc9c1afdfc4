/* What the proxy before nodes with 'via' does to their connections, though no fault asked for it. */
#ifndef FAULT_SHOW_TOXICS_H
#define FAULT_SHOW_TOXICS_H

#include "node/fleet.h"
#include "stream/json.h"

/* All that the proxy says of its nodes. NULL: the config has none, or it does not answer. The caller frees. */
struct json *toxics_ask(struct fleet *f, struct err *e);

/* In words that follow "its proxy": toxics without a mark of our faults, or a node that is switched off. NULL: nothing.
 * The caller frees. */
char *toxics_foreign(const struct json *proxies, const char *node);

#endif

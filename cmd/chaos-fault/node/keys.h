/* What the journal keeps of a node: an identity, and how it is run. As keys of a JSON object. */
#ifndef FAULT_NODE_KEYS_H
#define FAULT_NODE_KEYS_H

#include "conf/config.h"
#include "node/identity.h"
#include "stream/json.h"

#include <stdbool.h>

void identity_json(const struct identity *id, struct json *out);
/* -1: something in it is longer than it may be. */
int identity_read(struct identity *id, const struct json *j);

void how_json(const struct node_conf *c, struct json *out);
/* True if how, which may be NULL, is what how_json says of c. */
bool how_is(const struct json *how, const struct node_conf *c);
/* With the identity that an entry has; -1 if they do not say enough. */
int how_read(struct node_conf *c, const struct json *how, const struct json *identity);

#endif

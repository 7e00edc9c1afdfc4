/* The key: read once, bound to the host it belongs to, wiped. */
#ifndef LLM_KEY_H
#define LLM_KEY_H

#include "base/err.h"
#include "model/provider.h"

struct key {
	char *text; /* NULL: there is none */
};

/* From the file of the settings, else from the provider's variable if the endpoint is the
 * provider's own host. Wipes the variables of all providers from this process, so that children do
 * not get them. -1 with EXIT_USAGE if the file holds no usable key. */
int key_take(struct key *k, const struct settings *s, struct err *e);
void key_release(struct key *k); /* accepts a zeroed one */

/* Overwrites in text whatever part of the key stands there: servers quote it in errors. */
void key_mask(const struct key *k, char *text);

#endif

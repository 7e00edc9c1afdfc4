/* The API key: read once, sent only to its own host, wiped. */
#ifndef LLM_KEY_H
#define LLM_KEY_H

#include "base/err.h"
#include "model/provider.h"

struct key {
	char *text; /* NULL without a key */
};

/* Reads the key from the file of the settings, else from the provider's variable if the endpoint is
 * the provider's own host. Wipes the variables of all providers from this process, so that children
 * do not inherit them. -1 with EXIT_USAGE if the file holds no valid key. */
int key_take(struct key *k, const struct settings *s, struct err *e);
void key_release(struct key *k); /* accepts a zeroed one */

/* Overwrites each part of the key in text, as servers quote keys in error messages. */
void key_mask(const struct key *k, char *text);

#endif

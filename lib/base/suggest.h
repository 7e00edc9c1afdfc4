/* The nearest known word, for "did you mean" hints. */
#ifndef BASE_SUGGEST_H
#define BASE_SUGGEST_H

#include <stddef.h>

/* Edits (insert, delete, replace, swap of neighbours) between two words; at most 63 bytes of each count. */
size_t edit_distance(const char *a, const char *b);

/* Offers one candidate; keeps the nearest seen so far in *best, if it is near
 * enough to be a typo (a third of the word, at least one edit). Start with *best = NULL. */
void suggest(const char *word, const char *candidate, const char **best);

/* For "%s%s%s" at the end of a message: "; did you mean 'near'?", or otherwise where near is NULL. */
#define SUGGESTED(near, otherwise) \
	(near) ? "; did you mean '" : (otherwise), (near) ? (near) : "", (near) ? "'?" : ""

#endif

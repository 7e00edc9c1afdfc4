/* Numbers in English words. Pure. */
#ifndef LLM_NUMERAL_H
#define LLM_NUMERAL_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the len letters at w say a number: "four", "ninety", "fortytwo", "tenfold", "hundredths", "XII".
 * One to three do not: people need them, as in one of the nodes, two ways, a third replica. What is longer than any word does. */
bool numeral_is(const char *w, size_t len);

#endif

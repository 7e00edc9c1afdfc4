/* What the first word of a Redis command tells. */
#ifndef BASE_REDIS_VERB_H
#define BASE_REDIS_VERB_H

#include <stdbool.h>
#include <stddef.h>

/* Whether a command changes nothing, so that every node may answer it. */
bool redis_verb_reads(const char *verb);

/* The same of the op of a sample, "GET hits". -1: it is none of Redis, but HTTP's, as "GET /hits". */
int redis_op_reads(const char *op);

/* Whether a command has another number of answers than one, or changes what later ones mean. second: the word
 * behind it, or "". */
bool redis_verb_of_connection(const char *verb, const char *second);

/* Which word of a command is its key, from 1 on; 0: it has none. */
size_t redis_verb_key(const char *verb);

#endif

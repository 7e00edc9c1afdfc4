/* Writes that are read back from an HTTP store, by a request for each. */
#ifndef AUDIT_SERVERS_STORE_H
#define AUDIT_SERVERS_STORE_H

#include "base/err.h"
#include "rows/slots.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct store {
	const char *request;	   /* as --audit-http has it; borrowed, as all that follows */
	const char *op;		   /* of the writes */
	const char *const *urls;   /* each of them is asked for each write */
	size_t url_count;
	const char *user_file, *bearer_file, *cacert; /* NULL: none */
	bool insecure;
	uint64_t seed;	    /* of {seed} and {rand} in the request */
	int64_t rps;	    /* reads a second, at most */
	int64_t timeout_ns; /* without any answer that tells something */
};

/* Checks request and URLs: -1, EXIT_USAGE. */
int store_check(const struct store *s, struct err *e);

/* Asks for the write of each slot that has a row, again until each node has told of each, and what is absent was absent
 * twice. Writes what came of it as saved.h describes. */
int store_save(FILE *to, const struct store *s, const struct slots *rows, struct err *e);

#endif

/* The audit as JSON, chaos-audit/1, and in one line. */
#ifndef AUDIT_RESULT_AUDIT_JSON_H
#define AUDIT_RESULT_AUDIT_JSON_H

#include "result/fates.h"
#include "servers/saved.h"

struct findings {
	const char *run_id; /* NULL: none */
	uint64_t due;	    /* rows that there should be; 0: not known */
	const struct rows *rows;
	const struct fates *fates;
	const struct saved *saved;
};

/* Appends the object, and the line without a newline. Returns the exit code: EXIT_OK none was lost, EXIT_NO, or
 * EXIT_INCONCLUSIVE. */
int audit_write(const struct findings *f, struct buf *object, struct buf *line);

#endif

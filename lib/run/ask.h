/* Asks the sibling chaos-analyze about runs, so that every program says of a run what the analysis says. */
#ifndef RUN_ASK_H
#define RUN_ASK_H

#include "base/buf.h"
#include "base/err.h"
#include "stream/json.h"

struct ask {
	const char *runs_dir, *run_id;
	const char *baseline_id; /* or NULL */
	const char *config;	 /* or NULL */
	int err_fd;		 /* where chaos-analyze says what is wrong */
};

/* Appends the analysis, as JSON text. -1 with the reason in e; e->msg is empty if chaos-analyze
 * has told it on err_fd already. An answer that is "no" or "inconclusive" is an answer. */
int ask_analyze(const struct ask *a, struct buf *text, struct err *e);

/* Parses an analysis; name is for messages. NULL with EXIT_USAGE for any other text. */
struct json *analysis_parse(const struct buf *text, const char *name, struct err *e);

#endif

/* A run in files, on stdin or in a run folder. */
#ifndef PLOT_INPUT_SOURCE_H
#define PLOT_INPUT_SOURCE_H

#include "base/err.h"
#include "input/series.h"
#include "stream/json.h"

/* Inputs; any of them may be NULL. */
struct source_spec {
	const char *run_id, *runs_dir; /* a run's folder, or else: */
	const char *samples;	 /* a file; NULL for stdin */
	const char *windows;	 /* window lines instead of samples; "-" for stdin */
	const char *baseline, *baseline_id; /* what the run is compared with: a file, or a run's name */
	const char *events, *analysis, *config, *load, *audit;
	bool by_node;
	double warmup_s; /* negative: that of the config */
};

struct source {
	char *name;
	struct series series;
	struct told told;	/* anomalies from the window lines */
	struct json *analysis;	/* the given analysis, or NULL */
	/* the analysis of the samples by chaos-analyze; NULL with window lines */
	struct json *found;
	struct json *load, *audit; /* the load summary, the audit of its writes; or NULL */
	/* of all that was read; a last part of a second that is not drawn has its share */
	uint64_t requests, bad_rows;
	double end_s;
};

/* Reads everything; name is for titles. Prints one line if bad rows were skipped. -1 if a named
 * file is missing or has the wrong format. */
int source_open(struct source *s, const struct source_spec *spec, const char *name,
		struct err *e);
void source_release(struct source *s); /* accepts a zeroed one */

#endif

/* A run as it lies in files, on stdin or in a run folder. */
#ifndef PLOT_INPUT_SOURCE_H
#define PLOT_INPUT_SOURCE_H

#include "base/err.h"
#include "input/series.h"
#include "stream/event.h"
#include "stream/json.h"

/* Where to look; anything may be NULL. */
struct source_spec {
	const char *run_id, *runs_dir; /* a run's folder, or else: */
	const char *samples;	 /* a file; NULL for stdin */
	const char *windows;	 /* window lines instead of samples; "-" for stdin */
	const char *baseline_id; /* the run that the one of run_id is compared with */
	const char *events, *analysis, *config;
	double warmup_s; /* negative: that of the config */
};

struct source {
	char *name;
	struct series series;
	struct told told;	/* anomalies that window lines tell of */
	struct event_log log;	/* only beside window lines */
	struct json *analysis;	/* the one that was given, or NULL */
	struct json *found;	/* what chaos-analyze says of the samples; NULL beside window lines */
	uint64_t requests, bad_rows;
	unsigned services; /* a set of enum sample_service: what its nodes serve, as far as is known */
};

/* Reads everything; name is for titles. Bad rows are counted, and told in one line on stderr. -1 when a named
 * file is missing, or is not what it should be. */
int source_open(struct source *s, const struct source_spec *spec, const char *name,
		struct err *e);
void source_release(struct source *s); /* accepts a zeroed one */

#endif

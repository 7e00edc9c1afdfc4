/* A run as it lies in files, on stdin or in a run folder. */
#ifndef PLOT_INPUT_SOURCE_H
#define PLOT_INPUT_SOURCE_H

#include "base/err.h"
#include "run/run_facts.h"
#include "input/series.h"
#include "grid/grid.h"
#include "stream/json.h"

/* Where to look; any path may be NULL. */
struct source_spec {
	const char *name;    /* for titles and messages */
	const char *samples; /* NULL or "-" for stdin */
	const char *windows; /* window lines instead of samples; "-" for stdin */
	const char *events, *analysis, *load;
};

struct source {
	char *name;
	struct series series;
	struct told told; /* anomalies that window lines tell of */
	struct grid grid; /* counted if has_grid; window lines leave it empty */
	bool has_grid;
	struct run_facts facts; /* what the events and the load summary tell */
	double *planned;	/* requests planned for each window of grid; NULL if unknown; owned */
	struct json *analysis; /* or NULL */
	uint64_t requests, bad_rows;
	unsigned services; /* a set of enum sample_service: what its nodes serve, as far as is known */
};

/* Reads everything. Bad rows are counted, and told in one line on stderr. -1 when a named
 * file is missing, or is not what it should be. */
int source_open(struct source *s, const struct source_spec *spec, struct err *e);
void source_release(struct source *s); /* accepts a zeroed one */

/* What the run comes to after its warm-up; needs a grid, else all is unknown. */
struct figures;
void source_figures(const struct source *s, double warmup_s, struct figures *out);

#endif

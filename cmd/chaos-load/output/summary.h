/* The load summary of a run, and whether the run was sound. */
#ifndef LOAD_OUTPUT_SUMMARY_H
#define LOAD_OUTPUT_SUMMARY_H

#include "sending/cpu_saturation.h"
#include "sending/engine.h"
#include "options.h"
#include "output/output.h"
#include "sending/pacer.h"
#include "stream/load_summary.h"
#include "requests/target.h"

/* Fills a summary from what the modules counted; the caller releases it. ended: why the
 * schedule ended, a word of the summary's list. */
void summary_fill(struct load_summary *s, const struct load_opts *o, const struct target *t,
		  const struct engine *g, const struct output *out, const struct pacer *p,
		  const struct cpu_saturation *cpu, const struct anchor *a, const char *ended);

/* Writes it to a path: a regular file is replaced in one step. NULL: nothing. */
int summary_write(const struct load_summary *s, const char *path, struct err *e);

/* Prints to stderr the totals, a hint if nothing succeeded (unless --quiet), and the reasons why
 * the run is not sound. */
void summary_say(const struct load_summary *s, const struct load_opts *o);

#endif

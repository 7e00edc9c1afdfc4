/* Which request belongs to which fault. */
#ifndef ANALYZE_FAULTS_ATTRIBUTION_H
#define ANALYZE_FAULTS_ATTRIBUTION_H

#include "judge/impact/faults.h"

/* Counts the rows that were kept into the shares of the faults, once their effects on the run, its
 * nodes and its ops are followed. A request that overlaps no fault is of the last one that was
 * reverted before it was due and from which the run, the request's node or its op had not recovered.
 * slow_ns: slower successes are slow; 0: unknown. */
void faults_attribute(struct faults *f, const struct run_data *r, int64_t slow_ns);

/* True if their effects reach into one another: what they have in common cannot be told apart. */
bool faults_together(const struct judged_fault *a, const struct judged_fault *b, double t0_s);

#endif

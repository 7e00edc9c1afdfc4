/* Effects of the faults on each node and each op, and which request belongs to which fault. */
#ifndef ANALYZE_ANALYSIS_NODE_FAULTS_H
#define ANALYZE_ANALYSIS_NODE_FAULTS_H

#include "judge/analysis/analysis.h"

/* Completes the faults of a, which is analysed. A node or op is judged against its own baseline. If
 * the plan is known, one without due requests is not judged, since writes may have moved to another
 * node; otherwise no requests count as silence, as for the whole run. Needs the rows. */
void node_faults_follow(struct analysis *a);

#endif

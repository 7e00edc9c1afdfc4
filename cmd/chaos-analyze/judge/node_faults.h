/* Effects of the faults on each node. */
#ifndef ANALYZE_JUDGE_NODE_FAULTS_H
#define ANALYZE_JUDGE_NODE_FAULTS_H

#include "judge/analysis.h"

/* Adds the effects of the faults on each node; a is analysed. A node is judged against its own
 * baseline. If the plan is known, a node without due requests is not judged, since writes may
 * have moved to another node; otherwise no requests count as silence, as for the whole run. */
void node_faults_follow(struct analysis *a);

#endif

/* What followed a fault on each node alone. */
#ifndef ANALYZE_JUDGE_NODE_FAULTS_H
#define ANALYZE_JUDGE_NODE_FAULTS_H

#include "judge/analysis.h"

/* Follows the faults of a, whose normal has been found, in what each node was asked. A node is
 * judged against its own normal. Where the plan is known, a node that nothing was due to is not
 * judged: writes may have moved to another; else nothing at all is silence, as for the whole. */
void node_faults_follow(struct analysis *a);

#endif

/* The longest time without a success. */
#ifndef ANALYZE_FAULTS_BLACKOUT_H
#define ANALYZE_FAULTS_BLACKOUT_H

#include "judge/impact/faults.h"

/* Of the windows: the longest gap between successes, or from the last success to the end, that ended
 * after at_s and began before window until; up to next_s, when the next fault began (NaN: none). Gaps
 * inside a window are not seen. Seconds of the run. */
double blackout_of_windows(const struct grid *g, double at_s, size_t until, double next_s);

/* Fills blackout_s of a fault, of its nodes and of its ops from the rows, exactly. */
void blackout_of_rows(struct judged_fault *x, const struct run_data *r);

#endif

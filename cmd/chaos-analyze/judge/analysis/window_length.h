/* The length of the windows: one for a run and its baseline runs, chosen before they are judged. */
#ifndef ANALYZE_ANALYSIS_WINDOW_LENGTH_H
#define ANALYZE_ANALYSIS_WINDOW_LENGTH_H

#include "judge/analysis/analysis.h"

/* How many healthy windows in a row are a recovery: at least five, and at least five seconds. */
size_t window_length_healthy(int64_t window_ns);

/* True if windows of that length divide the run into enough of them: 20 in all if its end is known,
 * none of a fault lost to the warm-up, and 10 before the first fault if these are the baseline. */
bool window_length_fits(const struct run_data *r, const struct analysis_params *p, int64_t length_ns,
			bool has_baseline);

/* Gives the run and its baseline runs windows of one length: the longest of theirs, and by_rate the
 * shortest that the requests of all of them need, as far as it fits. */
void window_length_share(struct run_data *run, struct run_data *bases, size_t base_count,
			 const struct analysis_params *p, bool by_rate);

#endif

/* Whether what is seen after a fault was there before it. */
#ifndef ANALYZE_FAULTS_ALREADY_H
#define ANALYZE_FAULTS_ALREADY_H

#include "detect/detect.h"
#include "input/run.h"

/* Requests of the windows [from, to), and those that failed. What was in flight at the end of these, at_s in UNIX time,
 * failed with the fault, as far as there are rows to tell. */
void count_before(const struct run_data *r, size_t from, size_t to, double at_s, double *due, double *err);

/* Requests failed in an interval that had begun well before a fault, and while it acted, in the windows [from, to), no
 * more of them did, nor was there trouble of another kind. */
bool failed_already(const struct run_data *r, const struct detection *d, double at_s, size_t from, size_t to);

/* Latency alone is anomalous from window from on, and it rose before that: had it gone on so, it would have risen
 * by at least half as much. */
bool rose_already(const struct run_data *r, const struct detection *d, size_t from);

#endif

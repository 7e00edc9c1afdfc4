/* CLOCK_MONOTONIC measures; CLOCK_REALTIME is read once, to anchor it. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* CLOCK_MONOTONIC, in nanoseconds. */
int64_t mono_ns(void);

/* Wall time = monotonic time + offset. Processes of one machine that share an
 * anchor share one wall clock, whatever is done to the system's. */
struct anchor {
	int64_t offset_ns;
};

/* Reads both clocks once (the wall clock between two looks at the monotonic one). */
struct anchor anchor_now(void);

int64_t anchor_wall_ns(const struct anchor *a, int64_t mono);
int64_t anchor_mono_ns(const struct anchor *a, int64_t wall);

/* UNIX seconds of this moment, for event lines. */
double anchor_unix_s(const struct anchor *a, int64_t mono);

#endif

/* CPU saturation of the generator, per second. A saturated generator reads answers late, so its
 * latencies include its own queueing. */
#ifndef LOAD_SENDING_CPU_SATURATION_H
#define LOAD_SENDING_CPU_SATURATION_H

#include "base/err.h"
#include "sys/loop.h"

#include <stdint.h>

struct cpu_saturation {
	struct loop_timer *timer;
	const uint64_t *due; /* slots so far, counted by the engine; borrowed */
	int64_t since_ns, cpu_ns;
	uint64_t due_before;
	uint64_t saturated_seconds; /* seconds at or above saturated_share */
	uint64_t due_saturated;	    /* slots that were due in them */
};

int cpu_saturation_init(struct cpu_saturation *s, struct loop *l, const uint64_t *due,
			struct err *e);
void cpu_saturation_release(struct cpu_saturation *s); /* accepts a zeroed one */

/* Starts at slot 0. */
void cpu_saturation_start(struct cpu_saturation *s, int64_t t0);
/* Judges the last, incomplete second. */
void cpu_saturation_stop(struct cpu_saturation *s);

#endif

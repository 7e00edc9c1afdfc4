/* Whether the generator had a core to spare: its own CPU time, second by second. Without any to
 * spare it reads answers late, and what it takes for latency is its own queue. */
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
	uint64_t saturated_seconds; /* in which it had nothing to spare */
	uint64_t due_saturated;	    /* slots that were due in them */
};

int cpu_saturation_init(struct cpu_saturation *s, struct loop *l, const uint64_t *due,
			struct err *e);
void cpu_saturation_release(struct cpu_saturation *s); /* accepts a zeroed one */

/* From slot 0 on. */
void cpu_saturation_start(struct cpu_saturation *s, int64_t t0);
/* Counts what the last second was begun of. */
void cpu_saturation_stop(struct cpu_saturation *s);

#endif

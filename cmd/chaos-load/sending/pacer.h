/* Calls fire for each slot at its absolute due time; a late slot does not shift later ones. Slots
 * due within the slack share one wake-up, which is late rather than early. */
#ifndef LOAD_SENDING_PACER_H
#define LOAD_SENDING_PACER_H

#include "plan/arrivals.h"
#include "grid/hist.h"
#include "plan/schedule.h"
#include "sys/loop.h"

#include <stdbool.h>

struct pacer {
	struct schedule schedule; /* times since t0; change it through pacer_* once started */
	struct hist error;	  /* when a slot was handed out, minus when it was due */
	struct arrivals arrivals; /* where between the schedule's whole slots they fall */
	struct arrivals taken;	  /* the same as the last slot left them */
	uint64_t next;		  /* number of the slot to be handed out next */
	uint64_t stride;	  /* distance between slots of this shard: the number of shards */
	uint64_t skipped;	  /* slots of this shard that pacer_skip left out */
	uint64_t far_late;	  /* slots later than PACER_FAR_LATE_NS beyond the slack */
	int64_t t0;		  /* monotonic time of the schedule's start */
	int64_t slack_ns, last_due_ns, last_wake_ns;
	bool started, over;
	struct loop_timer *timer;
	/* A slot is due; now is the clock, read a few slots ago at most (both monotonic). */
	void (*fire)(void *arg, uint64_t slot, int64_t due, int64_t now);
	/* The schedule has ended: no slot will come. Called once. */
	void (*ended)(void *arg);
	void *arg;
};

/* Pacing errors above this, beyond the slack, make a run not sound. */
#define PACER_FAR_LATE_NS (10 * INT64_C(1000000))

int pacer_init(struct pacer *p, struct loop *l, int64_t slack_ns, struct err *e);
void pacer_release(struct pacer *p); /* accepts a zeroed one */

/* Takes only every shards-th slot, from number shard (from 0) on. Before pacer_start. */
void pacer_shard(struct pacer *p, uint64_t shard, uint64_t shards);

/* Leaves out what is due before a time since t0. Before pacer_start. */
void pacer_skip(struct pacer *p, int64_t before_ns);

/* How many slots the schedule has until its end, with those of the other shards. Once it has ended. */
uint64_t pacer_slots(const struct pacer *p);

void pacer_start(struct pacer *p, int64_t t0);

/* Changes the rate or ends the schedule at a time since t0, or now if that has passed: what
 * has been handed out stays as it was. Return the time at which it takes effect. */
int64_t pacer_ramp(struct pacer *p, int64_t at_ns, double from, double to, int64_t ramp_ns);
int64_t pacer_end(struct pacer *p, int64_t at_ns);

/* Makes the sorted due times those of the slots, from at_ns on; they must outlive p. */
void pacer_replay(struct pacer *p, int64_t at_ns, const int64_t *due_ns, size_t count);
/* Drops those from at_ns on; the schedule goes on. */
void pacer_cut_list(struct pacer *p, int64_t at_ns);

/* Ends the schedule now and hands out what has fallen due. */
void pacer_cut(struct pacer *p);

#endif

/* When each request is due: a pure function from slot number to time, the inverse of the integral
 * of a piecewise linear rate. A change of rate keeps the phase, down to the fraction of a
 * request. */
#ifndef PLAN_SCHEDULE_H
#define PLAN_SCHEDULE_H

#include <stddef.h>
#include <stdint.h>

/* No such slot (yet): the rate is 0 from here on, or the schedule has ended. */
#define SCHEDULE_NEVER INT64_MAX

/* No schedule that is made from a user's plan is longer: ten years. */
#define SCHEDULE_LENGTH_MAX_NS (INT64_C(300000000) * 1000000000)

/* In force from at_ns to the next piece: the rate goes linearly from `from` to `to`
 * (requests a second) over ramp_ns and stays at `to`. */
struct schedule_piece {
	int64_t at_ns;	 /* since the schedule's start */
	int64_t ramp_ns; /* 0: `to` at once */
	double from, to;
	double before; /* slots due before at_ns, with their fraction */
};

struct schedule {
	struct schedule_piece *pieces; /* sorted by at_ns; owned */
	size_t count, alloc;
	const int64_t *list; /* due times in place of the pieces; NULL: none; borrowed */
	size_t list_count;
	int64_t list_at_ns; /* they count from there */
	int64_t end_ns; /* nothing is due at or after it; SCHEDULE_NEVER while open */
};

void schedule_init(struct schedule *s);
void schedule_release(struct schedule *s); /* accepts a zeroed one */

/* Adds a change at at_ns. It holds until the next change, whichever of the two was added
 * first; of two at the same time the later call wins. Slots due before at_ns keep their times. */
void schedule_rate(struct schedule *s, int64_t at_ns, double rate);
void schedule_ramp(struct schedule *s, int64_t at_ns, double from, double to, int64_t ramp_ns);

/* Replaces the pieces by a sorted list of due times from at_ns on, one per slot, which must outlive the
 * schedule. */
void schedule_list(struct schedule *s, int64_t at_ns, const int64_t *due_ns, size_t count);
/* Drops those of the list at or after that time; the schedule goes on. */
void schedule_cut_list(struct schedule *s, int64_t at_ns);

/* Ends the schedule; the earliest end counts. */
void schedule_end(struct schedule *s, int64_t at_ns);

/* When a slot is due, or a place between two slots (see plan/arrivals.h), in ns since the start;
 * never decreases with the place. */
int64_t schedule_due_at(const struct schedule *s, double place);

#endif

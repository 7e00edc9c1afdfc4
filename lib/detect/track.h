/* The intervals of a run that goes on: what has been told of them, and what is new.
 *
 * Whenever a window has ended, detect() judges the windows so far anew, and track_update says what
 * differs from what was told before: an interval that opened, one that is over, and, as later rows
 * may change how a window looks, one that reaches further back, goes on after all, or is withdrawn.
 * What was told last of an interval counts. */
#ifndef DETECT_TRACK_H
#define DETECT_TRACK_H

#include "detect/detect.h"

enum track_change {
	TRACK_OPEN,	 /* it is known of; told again if its start has changed or it goes on */
	TRACK_CLOSE,	 /* it is over; told again if its end has changed */
	TRACK_WITHDRAWN, /* it was none */
};

struct tracked {
	unsigned id;		  /* from 1, by the order of telling */
	struct interval interval; /* windows from the run's start; alarm as it was told first */
	bool closed;
	bool recovered; /* closed because it was well again, not because the run ended */
};

struct track {
	struct tracked *all; /* owned; those that may still change */
	size_t count, alloc;
	unsigned last_id;
	size_t healthy_windows; /* so many in a row are the end of an interval */
	void (*tell)(void *arg, enum track_change change, const struct tracked *x);
	void *arg;
};

void track_init(struct track *t, size_t healthy_windows,
		void (*tell)(void *arg, enum track_change change, const struct tracked *x),
		void *arg);
void track_release(struct track *t);

/* d judges the windows from number first of the run on; over: the run has ended. What began before
 * first keeps its start and is never withdrawn. */
void track_update(struct track *t, const struct detection *d, size_t first, bool over);

/* What is over, and was before that window, can change no more. */
void track_forget(struct track *t, size_t before);

/* Whether enough windows behind an interval of d were well: what is behind it and was judged is. */
bool track_is_over(const struct detection *d, const struct interval *x, size_t healthy_windows);

bool track_any_open(const struct track *t);

/* Windows from number from on that lie in an interval. */
size_t track_windows(const struct track *t, size_t from);

#endif
